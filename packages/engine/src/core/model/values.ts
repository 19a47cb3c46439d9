/** JSON that Weft accepts and PostgreSQL can store. Checked before any schema, with limits, so that later code never meets anything else. */
import { stringify } from "safe-stable-stringify";
import { pathText } from "./condition.js";
import type { Json, JsonObject } from "./json.js";
import { isForbiddenKey, quote, type Path } from "./problems.js";
import type { InputProblem } from "./rejection.js";

export const MAX_VALUE_DEPTH = 32;
export const MAX_VALUE_NODES = 20_000;
export const MAX_TEXT_CHARS = 256 * 1024;
const MAX_KEY_CHARS = 256;

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function asJsonObject(value: unknown): JsonObject | null {
  return isObject(value) ? (value as JsonObject) : null;
}

export type JsonLimits = { readonly maxNodes: number; readonly maxDepth: number; readonly maxChars: number };

const VALUE_LIMITS: JsonLimits = { maxNodes: MAX_VALUE_NODES, maxDepth: MAX_VALUE_DEPTH, maxChars: MAX_TEXT_CHARS };

export type UnfitValue = { readonly path: Path; readonly message: string; readonly code: "TOO_LARGE" | "FORBIDDEN_KEY" | "WRONG_TYPE" };

/** `findUnfit` with paths as text, for data and input. */
export function checkJson(value: unknown, ...root: Path): InputProblem[] {
  return findUnfit(value, root, VALUE_LIMITS).map(({ path, message }) => ({ path: pathText(path), message }));
}

/**
 * Returns everything in `value` that is not JSON or exceeds the limits: NUL and lone surrogates (jsonb rejects them), NaN and infinities, prototype
 * keys, too much depth, too many values, too much text. Stops at the first limit, so its time is bounded.
 */
export function findUnfit(value: unknown, root: Path, limits: JsonLimits): UnfitValue[] {
  const found: UnfitValue[] = [];
  let nodes = 0;
  let chars = 0;
  const add = (path: Path, message: string, code: UnfitValue["code"] = "WRONG_TYPE"): void => {
    if (found.length < 20) found.push({ path, message, code });
  };
  const tooLarge = (message: string): UnfitValue[] => [...found, { path: root, message, code: "TOO_LARGE" }];
  const tooMuchText = `There are more than ${limits.maxChars} characters of text, which is the maximum.`;
  const checkText = (path: Path, text: string): void => {
    chars += text.length;
    if (text.includes("\u0000")) add(path, "The text contains a NUL character, which cannot be stored.");
    if (!text.isWellFormed()) add(path, "The text contains half of a surrogate pair, which is not valid Unicode.");
  };
  // An explicit stack, so that a document of any depth cannot exhaust the call stack.
  const stack: { readonly value: unknown; readonly path: Path }[] = [{ value, path: root }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value: current, path } = next;
    nodes++;
    const children = Array.isArray(current) ? current.length : isObject(current) ? Object.keys(current).length : 0;
    if (nodes + children + stack.length > limits.maxNodes)
      return tooLarge(`There are more than ${limits.maxNodes} values, which is the maximum.`);
    if (chars > limits.maxChars) return tooLarge(tooMuchText);
    if (path.length - root.length > limits.maxDepth) return tooLarge(`The value is nested more than ${limits.maxDepth} levels deep.`);
    if (current === null || typeof current === "boolean") continue;
    if (typeof current === "string") checkText(path, current);
    else if (typeof current === "number") {
      if (!Number.isFinite(current)) add(path, `${current} is not a finite number.`);
    } else if (Array.isArray(current)) {
      for (let index = current.length - 1; index >= 0; index--) stack.push({ value: current[index], path: [...path, index] });
    } else if (isObject(current)) {
      for (const key of Object.keys(current).reverse()) {
        checkText(path, key);
        if (isForbiddenKey(key)) add([...path, key], `The name ${quote(key)} is not allowed.`, "FORBIDDEN_KEY");
        else if (key.length > MAX_KEY_CHARS) add(path, `A name is longer than ${MAX_KEY_CHARS} characters: ${quote(key)}.`);
        else stack.push({ value: current[key], path: [...path, key] });
      }
    } else add(path, `${typeof current === "object" ? "This object" : `A value of type ${typeof current}`} is not JSON.`);
  }
  if (chars > limits.maxChars) return tooLarge(tooMuchText);
  return found;
}

/** Returns the text, cut to `max` characters, without what PostgreSQL cannot store: NUL and halves of surrogate pairs, which a cut can leave. */
export const storableText = (text: string, max = Infinity): string =>
  (text.length > max ? text.slice(0, max) : text).replaceAll("\u0000", "\uFFFD").toWellFormed();

/** What other systems answer can be nested deeper than values of Weft, but PostgreSQL does not read any depth. */
const MAX_STORED_DEPTH = 200;

/** Returns a copy that PostgreSQL can store, with the texts as `storableText` returns them. Undefined: it is not JSON, or is nested too deep. */
export function storableJson(value: unknown): Json | undefined {
  try {
    return storableAt(value, 0);
  } catch (error) {
    if (error instanceof Unstorable) return undefined;
    throw error;
  }
}

class Unstorable extends Error {}

function storableAt(value: unknown, depth: number): Json {
  if (depth > MAX_STORED_DEPTH) throw new Unstorable();
  if (typeof value === "string") return storableText(value);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((item: unknown) => (item === undefined ? null : storableAt(item, depth + 1)));
  if (!isObject(value)) throw new Unstorable();
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [storableText(name), storableAt(member, depth + 1)]));
}

/** Whether two values are equal as JSON. Bounded by the limits on values. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}

/** Returns the same text for equal values, whatever the order of keys. */
export const canonicalText = (value: unknown): string => stringify(value) ?? "null";

/** Returns a copy with the value at the path. An absent value removes the property. Missing objects on the path are created. */
export function withValue(data: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) return data;
  const inner = Object.hasOwn(data, name) ? data[name] : undefined;
  const next =
    rest.length === 0 ? value : value === undefined && !isObject(inner) ? inner : withValue(isObject(inner) ? inner : {}, rest, value);
  if (next !== undefined) return { ...data, [name]: next as Json };
  const { [name]: _gone, ...others } = data;
  return others;
}
