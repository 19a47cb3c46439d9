/** Splits the text of a command into a program and its arguments. What only a shell understands is refused by name, because no shell reads the command. */
import { parse, type CommandNode, type DoubleQuotedChild, type Statement, type Word, type WordPart } from "unbash";
import { piecesOf } from "../automation/template.js";
import { quote } from "../model/problems.js";

/** The words as templates, or a sentence that says what is wrong. */
export type SplitCommand = { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly message: string };

/** The time for the worst text grows with the square of its length: at this one, it is some milliseconds. */
const MAX_CHARS = 8192;
/** Makes the value of the expression after it text. */
export const AS_TEXT = '{{ "" }}';
/** Each expression is one of these characters while the text is split, so its value can never become a second argument. */
const FIRST_MARK = 0xe000;
const MARKS = /[\uE000-\uF8FF]/;

/**
 * Splits `echo 'Hello {{ inputs.name }}!'` into `echo` and `Hello {{ inputs.name }}!`, by the rules of Bash for quotes and escapes.
 * @param isText whether the value of an expression is certainly text. Others are written so that their values become text
 */
export function splitCommand(command: string, isText: (expression: string) => boolean): SplitCommand {
  if (command.length > MAX_CHARS) return refuse(`The command has ${command.length} characters; the maximum is ${MAX_CHARS}.`);
  if (MARKS.test(command)) return refuse("The command contains characters for private use (U+E000 to U+F8FF), which have no meaning.");
  const pieces = piecesOf(command);
  if (typeof pieces === "string") return refuse(pieces);
  const expressions: string[] = [];
  const marked = pieces.map((piece) => (typeof piece === "string" ? piece : markOf(expressions.push(piece.source) - 1))).join("");
  const shown = (text: string): string => quote(unmarked(text, expressions));
  const { commands, errors = [] } = parse(marked);
  const [error] = errors;
  if (error) return refuse(`The command cannot be read: ${error.message.replace(/\.$/, "")}.`);
  const [statement, second] = commands;
  if (!statement) return refuse("The command is empty.");
  if (second) return refuse(`${shown(marked.slice(second.pos, second.end))} is a second command. ${ONE_EACH}`);
  const words = wordsOf(statement);
  if (typeof words === "string") return refuse(`${shown(words)} is for a shell, and no shell reads this command. ${ONE_EACH}`);
  const [program] = words;
  if (program && BUILTINS.has(program.value))
    return refuse(`${quote(program.value)} is a command of the shell, and no shell reads this command. ${AS_SCRIPT}`);
  const foreign = words.map(foreignPart).find((part) => part !== null);
  if (foreign) return refuse(`${shown(foreign)} is for a shell, and no shell reads this command. ${AS_IT_IS}`);
  return { ok: true, words: words.map(({ value }) => templateOf(value, expressions, isText)) };
}

const ONE_EACH = "Write each command as a step of its own, or a script as `with: { run: … }`.";
const AS_SCRIPT = "Write a script as `with: { run: … }`.";
const AS_IT_IS = "Put it in single quotes to pass it as it is, or write a script as `with: { run: … }`.";

/** Commands that Bash runs itself, and of which Debian has no program: there is nothing that could be started. */
const BUILTINS: ReadonlySet<string> = new Set(
  `. : alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown enable eval exec exit export fc fg getopts hash
   help history jobs let local logout mapfile popd pushd read readarray readonly return set shift shopt source suspend times trap type typeset ulimit
   umask unalias unset wait`.split(/\s+/),
);

const refuse = (message: string): SplitCommand => ({ ok: false, message });

const markOf = (index: number): string => String.fromCharCode(FIRST_MARK + index);

/** The words of a simple command, or the text that makes it something else. */
function wordsOf({ command, background }: Statement): readonly Word[] | string {
  if (background) return "&";
  if (command.type !== "Command") return operatorOf(command);
  const words: Word[] = command.name ? [command.name] : [];
  for (const part of [...command.prefix, ...command.suffix]) {
    if (part.type === "Word") words.push(part);
    else if (part.type === "Assignment") return part.text;
    else return part.operator;
  }
  return words;
}

function operatorOf(command: Exclude<Statement["command"], { readonly type: "Command" }>): string {
  if (command.type === "AndOr") return command.operators[0] ?? "&&";
  if (command.type === "Pipeline") return command.operators[0] ?? (command.prefixes[0]?.type === "Time" ? "time" : "!");
  if (command.type === "Redirected") return command.redirects[0]?.operator ?? ">";
  return KEYWORDS[command.type];
}

const KEYWORDS: Readonly<Record<Exclude<CommandNode["type"], "Command" | "Redirected">, string>> = {
  If: "if",
  For: "for",
  ArithmeticFor: "for",
  Select: "select",
  While: "while",
  Subshell: "( )",
  BraceGroup: "{ }",
  Case: "case",
  TestCommand: "[[ ]]",
  ArithmeticCommand: "(( ))",
  Function: "function",
  Coproc: "coproc",
};

/** The first part of a word that a shell would replace: a variable, a command, a pattern of file names, the home folder. */
function foreignPart({ text, parts }: Word): string | null {
  if (text.startsWith("~")) return "~";
  return parts?.map(foreignText).find((found) => found !== null) ?? null;
}

function foreignText(part: WordPart | DoubleQuotedChild): string | null {
  if (part.type === "Literal" || part.type === "SingleQuoted") return null;
  if (part.type === "DoubleQuoted") return part.parts.map(foreignText).find((found) => found !== null) ?? null;
  return part.text;
}

/** Writes the expressions in place of their marks. */
const unmarked = (text: string, expressions: readonly string[]): string =>
  text.replaceAll(new RegExp(MARKS, "g"), (mark) => `{{ ${expressions[mark.charCodeAt(0) - FIRST_MARK] ?? ""} }}`);

/** A word as a template, in which braces that are no expression stand for themselves. */
function templateOf(word: string, expressions: readonly string[], isText: (expression: string) => boolean): string {
  const only = word.length === 1 && MARKS.test(word) ? expressions[word.charCodeAt(0) - FIRST_MARK] : undefined;
  const literal = word.replaceAll(/\{(?=[{\uE000-\uF8FF])/g, '{{ "{" }}');
  // Alone, an expression keeps its type. Within a text, its value becomes text, and a missing one is an error.
  return `${only === undefined || isText(only) ? "" : AS_TEXT}${unmarked(literal, expressions)}`;
}
