/**
 * Where a spreadsheet can see the beginning of a cell: at the beginning of a text, and after a semicolon, tab or line break within it. In many languages
 * the list separator is a semicolon, and a program that splits there does not see the quotation marks around the text.
 */
const CELL = /(^|[;\t\r\n])/.source;
/** Spreadsheets ignore spaces before a formula. Quotation marks and apostrophes are included, so that `withoutEscapes` returns the text exactly. */
const FORMULA = /(?:(?![\t\r\n])[\s"'])*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.source;

const formula = new RegExp(`${CELL}(?=${FORMULA})`, "g");
const escapedFormula = new RegExp(`${CELL}'(?=${FORMULA})`, "g");

/** Puts an apostrophe before each formula of a text, see https://owasp.org/www-community/attacks/CSV_Injection. */
export const escapeFormulas = (text: string): string => text.replace(formula, "$1'");

/** Returns the text that `escapeFormulas` has escaped. */
export const withoutEscapes = (text: string): string => text.replace(escapedFormula, "$1");
