/**
 * Document: reads the text of a definition, in YAML or JSON, with the place of every path. It also writes definitions as text and compares them.
 * Hostile texts are refused before they cost time or memory.
 * This module never decides what a definition means: `definition` does.
 */
import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  visit,
  YAMLParseError,
  type CST,
  type Document,
  type YAMLMap,
} from "yaml";
import { MAX_PROBLEMS, type Problem } from "../model/problems.js";
import { syntaxSentence } from "./syntax-errors.js";

export type ParsedDefinition = {
  /** The parsed document; undefined if there are problems. Pass it to `compile`. */
  readonly document: unknown;
  readonly problems: readonly Problem[];
  /** Line and column, from 1, of the key at a path, or of the nearest part that exists. */
  readonly locate: (path: readonly (string | number)[]) => { readonly line: number; readonly column: number } | undefined;
  /** Returns the syntax tree with its comments, as a copy that the caller can change. Null if there are problems. */
  readonly copyTree: () => Document | null;
};

export const MAX_DOCUMENT_BYTES = 1024 * 1024;
const MAX_NESTING = 100;
const TOO_DEEP = `The text is nested too deeply; the maximum is ${MAX_NESTING} levels.`;
/** A definition of 500 states has about 40,000. */
const MAX_TOKENS = 60_000;
/** Number of tokens after which other work gets a turn: about a millisecond. */
const TOKENS_PER_STEP = 500;

/** Reads a definition. `auto` treats a text that begins with `{` as JSON. Never throws because of the content of the text. */
export function parseDefinition(text: string, format: "yaml" | "json" | "auto" = "auto"): ParsedDefinition {
  return drain(parseSteps(text, format));
}

/** `parseDefinition` in steps of a few milliseconds, so the caller decides when to continue. */
export function* parseSteps(text: string, format: "yaml" | "json" | "auto"): Generator<void, ParsedDefinition, void> {
  try {
    return yield* parse(text, format);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failed([{ path: "", code: "TOO_LARGE", line: 1, column: 1, message: TOO_DEEP }]);
  }
}

function* parse(text: string, format: "yaml" | "json" | "auto"): Generator<void, ParsedDefinition, void> {
  const refusal = refuse(text);
  if (refusal) return failed([{ path: "", line: 1, column: 1, ...refusal }]);
  const isJson = isJsonText(text, format);
  // JSON is YAML, except for tabs as indentation: spaces of the same width keep every position.
  const source = isJson ? text.replace(/^[\t ]+/gm, (blank) => blank.replaceAll("\t", " ")) : text;
  const lines = new LineCounter();
  const tokens = yield* readTokens(source, lines);
  if (!tokens) {
    const message = `The text has more than ${MAX_TOKENS} tokens, which is the maximum.`;
    return failed([{ path: "", line: 1, column: 1, code: "TOO_LARGE", message }]);
  }
  yield;
  const document = compose(tokens, source);
  yield;
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = [...syntaxProblems(document, place), ...(isJson ? jsonProblems(text) : [])];
  if (problems.length === 0) problems.push(...forbiddenNodes(document, place));
  if (problems.length > 0) return failed(problems.slice(0, MAX_PROBLEMS));
  yield;
  return {
    document: document.toJS({ maxAliasCount: 0 }) as unknown,
    problems,
    locate: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? undefined : place(offset);
    },
    copyTree: () => document.clone(),
  };
}

/** Whether a text is read as JSON. */
export const isJsonText = (text: string, format: "yaml" | "json" | "auto"): boolean =>
  format === "json" || (format === "auto" && /^\s*\{/.test(text));

function failed(problems: readonly Problem[]): ParsedDefinition {
  return { document: undefined, problems, locate: () => undefined, copyTree: () => null };
}

/** Checks size and nesting before the parser sees the text, because the parser recurses over brackets and indentation. */
function refuse(text: string): Pick<Problem, "code" | "message"> | null {
  const bytes = Buffer.byteLength(text);
  if (text.trim() === "") return { code: "MISSING", message: "The text is empty." };
  if (bytes > MAX_DOCUMENT_BYTES)
    return { code: "TOO_LARGE", message: `The text has ${bytes} bytes; the maximum is ${MAX_DOCUMENT_BYTES}.` };
  let depth = 0;
  let deepest = 0;
  let marks = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index);
    if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x5d || char === 0x7d) depth = Math.max(0, depth - 1);
    // `- - - -` and `? ? ?` also nest, on a single line.
    else if (char === 0x0a) marks = 0;
    else if ((char === 0x2d || char === 0x3f) && /\s/.test(text.charAt(index + 1))) deepest = Math.max(deepest, ++marks);
  }
  if (deepest > MAX_NESTING) return { code: "TOO_LARGE", message: TOO_DEEP };
  return null;
}

/** Runs the lexer and parser of the library together; null for a text with too many tokens. */
function* readTokens(source: string, lines: LineCounter): Generator<void, CST.Token[] | null, void> {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(source)) {
    count++;
    if (count > MAX_TOKENS) return null;
    tokens.push(...parser.next(lexeme));
    if (count % TOKENS_PER_STEP === 0) yield;
  }
  tokens.push(...parser.end());
  return tokens;
}

/** Does the same as `parseDocument` of the library. */
function compose(tokens: CST.Token[], source: string): Document.Parsed {
  const composer = new Composer({
    uniqueKeys: false,
    version: "1.2",
    schema: "core",
    logLevel: "error",
    prettyErrors: false,
  });
  const [document, second] = composer.compose(tokens, true, source.length);
  if (!document) throw new Error("the composer returned no document although it was forced to");
  if (second) {
    const message = "Source contains multiple documents; please use YAML.parseAllDocuments()";
    document.errors.push(new YAMLParseError([second.range[0], second.range[1]], "MULTIPLE_DOCS", message));
  }
  return document;
}

/** Runs all the steps. */
function drain<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

type Place = (offset: number) => { line: number; column: number };

/** Errors that the parser reports after it has lost its place follow from the first of these. */
const SAID_ONCE: ReadonlySet<string> = new Set(["BAD_INDENT", "UNEXPECTED_TOKEN"]);

function syntaxProblems(document: Document.Parsed, place: Place): Problem[] {
  const said = new Set<string>();
  const problems: Problem[] = [];
  for (const { code, message, pos } of [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const { line, column } = place(pos[0]);
    if (said.has(`line ${line}`) || said.has(code)) continue;
    if (problems.length >= MAX_PROBLEMS) break;
    said.add(`line ${line}`);
    if (SAID_ONCE.has(code)) said.add(code);
    problems.push({ path: "", code: "SYNTAX", message: syntaxSentence(code, message) ?? TOO_DEEP, line, column });
  }
  return problems;
}

function jsonProblems(text: string): Problem[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const message = (error instanceof Error ? error.message : "unreadable").slice(0, 200);
    const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? [];
    return [
      {
        path: "",
        code: "SYNTAX",
        message: `This is not valid JSON: ${message}.`,
        ...(line && column ? { line: Number(line), column: Number(column) } : {}),
      },
    ];
  }
}

function forbiddenNodes(document: Document.Parsed, place: Place): Problem[] {
  const problems: Problem[] = [];
  const add = (offset: number | undefined, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ path: "", code: "SYNTAX", message, ...place(offset ?? 0) });
  };
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) add(node.range?.[0], "Anchors and aliases (&… and *…) are not allowed. Repeat the text instead.");
      else if (node.anchor) add(node.range?.[0], "Anchors and aliases (&… and *…) are not allowed. Repeat the text instead.");
      else if (node.tag && document.contents !== null && !node.tag.startsWith("tag:yaml.org,2002:"))
        add(node.range?.[0], "Tags (!…) are not allowed.");
      // Checked here, because a visitor of maps would hide them from this one.
      if (isMap(node)) for (const offset of duplicateKeys(node)) add(offset, "This key occurs twice in the same block.");
    },
    Pair(_key, pair) {
      if (!isScalar(pair.key) || typeof pair.key.value === "object") {
        add(
          isNode(pair.key) ? pair.key.range?.[0] : undefined,
          "A key must be a plain name. Put quotes around text that begins with { or [.",
        );
      }
    },
  });
  return problems;
}

/** The parser's own check compares every key with every other one: 78 s for a megabyte. */
function duplicateKeys(map: YAMLMap): number[] {
  const seen = new Set<string>();
  const offsets: number[] = [];
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) offsets.push(key.range?.[0] ?? 0);
    seen.add(name);
  }
  return offsets;
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)];
      if (!isNode(item)) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}
