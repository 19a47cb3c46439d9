/** Functions that conditions can compute with. They are total: the result of a call that makes no sense is undefined, like an absent value. */
import { isObject } from "../model/values.js";
import type { Call, TimeCall } from "../model/condition.js";

/** Maximum length of a text that a condition builds; longer texts are undefined. */
const MAX_TEXT_CHARS = 10_000;

export function callOf(call: Exclude<Call, TimeCall>, args: readonly unknown[]): unknown {
  const [first, second] = args;
  switch (call) {
    case "add":
      return typeof first === "string" && typeof second === "string" ? joined(first, second) : ofNumbers(first, second, (a, b) => a + b);
    case "sub":
      return ofNumbers(first, second, (a, b) => a - b);
    case "mul":
      return ofNumbers(first, second, (a, b) => a * b);
    case "div":
      return ofNumbers(first, second, (a, b) => a / b);
    case "mod":
      return Number.isInteger(first) && Number.isInteger(second) ? ofNumbers(first, second, (a, b) => a % b) : undefined;
    case "size":
      return sizeOf(first);
    case "sum":
      return isListOf(first, "number") ? tidy(first.reduce((sum, one) => sum + one, 0)) : undefined;
    case "min":
      return extreme(first, (a, b) => a < b);
    case "max":
      return extreme(first, (a, b) => a > b);
    default:
      return call satisfies never;
  }
}

function ofNumbers(a: unknown, b: unknown, work: (a: number, b: number) => number): number | undefined {
  return typeof a === "number" && typeof b === "number" ? tidy(work(a, b)) : undefined;
}

/** Rounds to fifteen digits, as spreadsheets do: people expect 0.1 + 0.2 to be 0.3. Undefined beyond the range of numbers. */
function tidy(value: number): number | undefined {
  if (Number.isSafeInteger(value)) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(15)) : undefined;
}

function joined(a: string, b: string): string | undefined {
  return a.length + b.length <= MAX_TEXT_CHARS ? a + b : undefined;
}

/** Number of characters of a text (code points, as in CEL), items of a list or members of an object. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string") {
    let count = value.length;
    // The second half of a surrogate pair is not a character of its own.
    for (let at = 1; at < value.length; at++) if ((value.charCodeAt(at) & 0xfc00) === 0xdc00) count--;
    return count;
  }
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : undefined;
}

function extreme(list: unknown, isBetter: (a: string | number, b: string | number) => boolean): string | number | undefined {
  if (!isListOf(list, "number") && !isListOf(list, "string")) return undefined;
  const values: readonly (string | number)[] = list;
  return values.reduce<string | number | undefined>((best, one) => (best === undefined || isBetter(one, best) ? one : best), undefined);
}

function isListOf(value: unknown, type: "number"): value is readonly number[];
function isListOf(value: unknown, type: "string"): value is readonly string[];
function isListOf(value: unknown, type: "number" | "string"): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === type);
}
