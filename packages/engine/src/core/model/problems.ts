/** Problems of a definition: all collected at once, each with its path, a stable code, a message that says what to do, and its place in the text. */
import { pathText } from "./condition.js";

export type Path = readonly (string | number)[];

/** Stable codes: clients and editors can depend on them. */
export type ProblemCode =
  | "SYNTAX"
  | "TOO_LARGE"
  | "WRONG_TYPE"
  | "BAD_VALUE"
  | "MISSING"
  | "UNKNOWN_KEY"
  | "FORBIDDEN_KEY"
  | "UNKNOWN_STATE"
  | "UNREACHABLE_STATE"
  | "DEAD_END"
  | "NO_FINAL_STATE"
  | "BAD_CONDITION"
  | "UNKNOWN_PATH"
  | "BAD_SCHEMA"
  | "UNKNOWN_ROLE"
  | "UNKNOWN_PERMISSION"
  | "UNKNOWN_TASK"
  | "UNKNOWN_FORM"
  | "UNKNOWN_ID"
  | "BAD_TEMPLATE"
  | "FINAL_STATE"
  | "NEVER_FIRES"
  | "AUTOMATIC_LOOP"
  | "NOBODY"
  | "UNKNOWN_DEFINITION"
  | "UNKNOWN_ROUTE"
  | "UNKNOWN_CALENDAR"
  | "UNKNOWN_INTEGRATION"
  | "UNKNOWN_SECRET"
  | "UNKNOWN_EVENT"
  | "PROFILE_VIOLATION"
  | "SCENARIO_FAILED";

export type Problem = {
  /** For example `states.triage.transitions.approve.when`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
  readonly code: ProblemCode;
  /** Both count from 1; absent if the source was not text. */
  readonly line?: number;
  readonly column?: number;
};

/** More would not be useful, and a hostile document could cause millions. */
export const MAX_PROBLEMS = 100;

export type ProblemList = {
  readonly problems: readonly Problem[];
  /** True once MAX_PROBLEMS are found: loops over hostile input stop then. */
  isFull(): boolean;
  add(path: Path, code: ProblemCode, message: string): void;
};

/** Returns line and column of a path, both from 1. `path`: where its author wrote it, if the document was translated from another form. */
export type Locate = (
  path: readonly (string | number)[],
) => { readonly line: number; readonly column: number; readonly path?: Path } | undefined;

export function problemList(options: { readonly locate?: Locate } = {}): ProblemList {
  const problems: Problem[] = [];
  return {
    problems,
    isFull: () => problems.length >= MAX_PROBLEMS,
    add(path, code, message) {
      if (problems.length >= MAX_PROBLEMS) return;
      const place = options.locate?.(path);
      problems.push({ path: pathText(place?.path ?? path), code, message, ...(place && { line: place.line, column: place.column }) });
    },
  };
}

/** Keys that give access to prototypes. Rejected in documents, data and input, whatever a schema says. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** Quotes and truncates a name for use in a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(clipped(value, { left: SHOWN_VALUES })) ?? String(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS - 1)}…` : text;
}

const SHOWN_CHARS = 80;
const SHOWN_VALUES = 100;

/** Shortens a value for use in a message: it can be computed, and have any size. */
function clipped(value: unknown, room: { left: number }): unknown {
  room.left--;
  if (typeof value === "string") return value.slice(0, SHOWN_CHARS + 1);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (room.left <= 0) break;
      items.push(clipped(item, room));
    }
    return items;
  }
  if (typeof value !== "object" || value === null) return value;
  const members: [string, unknown][] = [];
  for (const key in value) {
    if (room.left <= 0) break;
    if (Object.hasOwn(value, key)) members.push([key.slice(0, SHOWN_CHARS + 1), clipped((value as Record<string, unknown>)[key], room)]);
  }
  return Object.fromEntries(members);
}

/** Returns ` Did you mean "triage"?`, a list of the candidates, or nothing. Considers only the first 200 candidates. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const known = [...candidates].slice(0, 200);
  const best = closest(name, known);
  if (best !== undefined) return ` Did you mean ${quote(best)}?`;
  return known.length > 0 && known.length <= 12 ? ` Known values: ${known.map((one) => quote(one)).join(", ")}.` : "";
}

/**
 * Returns the candidate that `name` is probably a typing mistake of, if there is one.
 * @param maxDistance number of letters that can differ. Default: a third of the letters of `name`
 */
export function closest(
  name: string,
  candidates: readonly string[],
  maxDistance: number = Math.max(1, Math.floor(name.length / 3)),
): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = maxDistance + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Number of letters to add, drop, replace or swap with their neighbor. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(substitute, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
