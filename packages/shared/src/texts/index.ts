export { escapeFormulas, withoutEscapes } from "./formulas.js";
export { escapedHtml } from "./escaped-html.js";
export { directionMarks, oneLine } from "./one-line.js";
export { describedIssues, parsedBy, schemaProblems } from "./schema-sentences.js";
export { storable } from "./storable.js";
export { suggestionFor } from "./suggestion.js";
export { invisibleTextProblem, isUnreadable, type TextBounds, textProblems } from "./text-problems.js";
