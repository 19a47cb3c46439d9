/** Texts and values with `{{ expressions }}`, such as `{{ steps.build.outputs.url }}`. */
import { checkOperand } from "../conditions/check.js";
import type { Context } from "../conditions/context.js";
import { evaluateOperand } from "../conditions/evaluate.js";
import { pathsOfOperand } from "../conditions/paths.js";
import { parseOperand } from "../conditions/syntax/parse.js";
import type { Scope } from "../conditions/value-types.js";
import type { ValueTemplate } from "../model/automation.js";
import { pathText, type Operand } from "../model/condition.js";
import type { Json } from "../model/json.js";
import { isForbiddenKey, quote, type Path, type ProblemList } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";
import { checkJson, isObject, MAX_TEXT_CHARS } from "../model/values.js";
import { withQuotedNames } from "./names.js";

/** Maximum number of expressions in one text. */
const MAX_EXPRESSIONS = 50;

/** What expressions at a place can read. `paths` checks each path before its type is checked, and says what is wrong with it. */
export type TemplateScope = Scope & {
  readonly paths?: ((path: readonly string[]) => string | null) | undefined;
  /** The text is in a language of its own, in which `${` has a meaning. */
  readonly isPlain?: true;
};

/** Reads a value with expressions. Adds every problem to `problems`; null if there are any in this value. */
export function readTemplate(problems: ProblemList, value: unknown, path: Path, scope: TemplateScope): ValueTemplate | null {
  if (typeof value === "string") return readText(problems, value, path, scope);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => readTemplate(problems, item, [...path, index], scope));
    return allRead(items) ? constantOr({ kind: "list", items }) : null;
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, member]) => {
      if (isForbiddenKey(name)) problems.add([...path, name], "FORBIDDEN_KEY", `The name ${quote(name)} is not allowed.`);
      return [name, isForbiddenKey(name) ? null : readTemplate(problems, member, [...path, name], scope)] as const;
    });
    const read = members.filter((entry): entry is readonly [string, ValueTemplate] => entry[1] !== null);
    return read.length === members.length ? constantOr({ kind: "object", members: read }) : null;
  }
  return { kind: "value", value: (value ?? null) as Json };
}

const allRead = (items: readonly (ValueTemplate | null)[]): items is readonly ValueTemplate[] => items.every((item) => item !== null);

/** A list or an object without expressions is a value, so it is not built again for each run. */
function constantOr(template: Extract<ValueTemplate, { kind: "list" | "object" }>): ValueTemplate {
  if (template.kind === "list")
    return template.items.every(({ kind }) => kind === "value")
      ? { kind: "value", value: template.items.map((item) => (item as { value: Json }).value) }
      : template;
  return template.members.every(([, { kind }]) => kind === "value")
    ? { kind: "value", value: Object.fromEntries(template.members.map(([name, member]) => [name, (member as { value: Json }).value])) }
    : template;
}

/** What authors write who know other formats: `${{ inputs.x }}`, `${inputs.x}` or `{ inputs.x }`. */
const DOLLAR = /\$\{\{/;
const ONE_BRACE = /(?<!\{)\$?\{\s{0,9}((?:inputs|steps|secrets)\.[\w.-]{1,200})\s{0,9}\}(?!\})/;

function foreignExpression(text: string): string | null {
  if (DOLLAR.test(text))
    return 'Expressions are written without "$", for example {{ inputs.version }}. For a dollar sign before a value, write {{ "$" }}{{ inputs.price }}.';
  const [, path = ""] = ONE_BRACE.exec(text) ?? [];
  return path === "" ? null : `Expressions have two braces on each side: {{ ${path} }}.`;
}

function readText(problems: ProblemList, text: string, path: Path, scope: TemplateScope): ValueTemplate | null {
  const pieces = (scope.isPlain ? null : foreignExpression(text)) ?? piecesOf(text);
  if (typeof pieces === "string") {
    problems.add(path, "BAD_TEMPLATE", pieces);
    return null;
  }
  if (pieces.length === 0) return { kind: "value", value: "" };
  const parts = pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    const operand = readExpression(problems, piece.source, path, scope);
    return operand && { operand, source: piece.source };
  });
  const [only] = parts;
  if (parts.includes(null)) return null;
  if (parts.length === 1 && typeof only === "string") return { kind: "value", value: only };
  if (parts.length === 1 && only !== null && typeof only === "object") return { kind: "expression", ...only };
  return { kind: "text", parts: parts.filter((part) => part !== null) };
}

/** Reads the expression between `{{` and `}}`. */
export function readExpression(problems: ProblemList, source: string, path: Path, scope: TemplateScope): Operand | null {
  const parsed = parseOperand(withQuotedNames(source));
  if (!parsed.ok) {
    problems.add(path, "BAD_CONDITION", parsed.message);
    return null;
  }
  const wrong = pathsOfOperand(parsed.value).flatMap((read) => scope.paths?.(read) ?? []);
  for (const message of new Set(wrong)) problems.add(path, "UNKNOWN_PATH", message);
  if (wrong.length > 0) return null;
  const found = checkOperand(parsed.value, scope);
  for (const { code, message } of found) problems.add(path, code, message);
  return found.length > 0 ? null : parsed.value;
}

/** Splits a text into plain parts and expressions. Returns a sentence if that is impossible. */
export function piecesOf(text: string): readonly (string | { readonly source: string })[] | string {
  const pieces: (string | { source: string })[] = [];
  let from = 0;
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
    if (open > from) pieces.push(text.slice(from, open));
    const close = closeOf(text, open + 2);
    if (close < 0) return 'A "{{" is not closed by "}}".';
    const source = text.slice(open + 2, close).trim();
    if (source === "") return 'There is no expression between "{{" and "}}".';
    pieces.push({ source });
    if (pieces.length > MAX_EXPRESSIONS * 2) return `A text can contain at most ${MAX_EXPRESSIONS} expressions.`;
    from = close + 2;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Returns where the expression ends: at the first `}}` that is not in a string. */
function closeOf(text: string, from: number): number {
  let quotation: string | null = null;
  for (let index = from; index < text.length; index++) {
    const char = text[index];
    if (quotation !== null) {
      if (char === "\\") index++;
      else if (char === quotation) quotation = null;
    } else if (char === '"' || char === "'") quotation = char;
    else if (char === "}" && text[index + 1] === "}") return index;
  }
  return -1;
}

/** Returns every path that the value reads. */
export function pathsOfTemplate(template: ValueTemplate): readonly (readonly string[])[] {
  switch (template.kind) {
    case "value":
      return [];
    case "expression":
      return pathsOfOperand(template.operand);
    case "text":
      return template.parts.flatMap((part) => (typeof part === "string" ? [] : pathsOfOperand(part.operand)));
    case "list":
      return template.items.flatMap(pathsOfTemplate);
    case "object":
      return template.members.flatMap(([, member]) => pathsOfTemplate(member));
    default:
      return template satisfies never;
  }
}

export type Rendered = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problems: readonly InputProblem[] };

/**
 * Evaluates the expressions of a value. An expression that stands alone and has no value omits its member, and is null in a list. In a text it is a
 * problem: a command or an address with a hole in it must not be used.
 */
export function renderTemplate(template: ValueTemplate, context: Context, ...path: Path): Rendered {
  const problems: InputProblem[] = [];
  const value = render(template, context, path, { problems, chars: 0 });
  const unfit = problems.length > 0 || value === undefined ? [] : checkJson(value, ...path);
  if (problems.length > 0 || unfit.length > 0) return { ok: false, problems: [...problems, ...unfit] };
  return { ok: true, value: value ?? null };
}

/** `chars`: length of all texts so far. A value can be used very often, so they are bounded before they are joined. */
type Rendering = { readonly problems: InputProblem[]; chars: number };

function counted(text: string, path: Path, rendering: Rendering): string {
  if (rendering.chars > MAX_TEXT_CHARS) return "";
  rendering.chars += text.length;
  if (rendering.chars <= MAX_TEXT_CHARS) return text;
  const message = `With the values of their expressions, the texts have more than ${MAX_TEXT_CHARS} characters, which is the maximum.`;
  rendering.problems.push({ path: pathText(path), message });
  return "";
}

function render(template: ValueTemplate, context: Context, path: Path, rendering: Rendering): Json | undefined {
  switch (template.kind) {
    case "value":
      return template.value;
    case "expression":
      return evaluateOperand(template.operand, context) as Json | undefined;
    case "text":
      return template.parts
        .map((part) => counted(typeof part === "string" ? part : textOf(part, context, path, rendering), path, rendering))
        .join("");
    case "list":
      return template.items.map((item, index) => render(item, context, [...path, index], rendering) ?? null);
    case "object": {
      const members = template.members.map(([name, member]) => [name, render(member, context, [...path, name], rendering)] as const);
      return Object.fromEntries(members.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined));
    }
    default:
      return template satisfies never;
  }
}

function textOf(
  { operand, source }: { readonly operand: Operand; readonly source: string },
  context: Context,
  path: Path,
  rendering: Rendering,
): string {
  const { problems, chars } = rendering;
  if (chars > MAX_TEXT_CHARS) return "";
  const value = evaluateOperand(operand, context);
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === undefined || value === null) {
    if (problems.length < 20) problems.push({ path: pathText(path), message: `${quote(source)} has no value.` });
    return "";
  }
  // A value can contain itself many times, so it is checked before its text is built.
  const unfit = checkJson(value, ...path);
  problems.push(...unfit);
  return unfit.length > 0 ? "" : JSON.stringify(value);
}
