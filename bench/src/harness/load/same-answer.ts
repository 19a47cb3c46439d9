import { isDeepStrictEqual } from "node:util";
import type { CodedError } from "./answer-code.js";

/** A place of an answer: the response names and positions in lists from the root. */
type Place = readonly (string | number)[];

interface Difference {
  readonly place: Place;
  readonly first: unknown;
  readonly now: unknown;
}

interface PlacedError extends CodedError {
  readonly path?: Place;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly PlacedError[];
  /** With the number of errors beyond the maximum, which are not listed. */
  readonly extensions?: { readonly errorsOmitted?: number };
}

/** Codes by which a server says that it is overloaded. */
const refusals: ReadonlySet<unknown> = new Set(["RATE_LIMITED", "SERVICE_UNAVAILABLE"]);

/** Number of differences that an error lists. */
const shown = 5;

/** Number of characters of each answer that an error shows. */
const shownCharacters = 4_000;

/**
 * Compares an answer with the first one. An overloaded server can refuse a part of the answer: the part is null, and an error says so. Anything else
 * that differs is a wrong answer.
 * @returns whether the server gave the answer or refused it
 * @throws Error with both answers and their differences
 */
export function sameOrRefused(name: string, first: string, now: string): "same" | "refused" {
  if (now === first) return "same";
  const [before, after] = [JSON.parse(first) as Answer, JSON.parse(now) as Answer];
  const differences = differencesOf(before.data, after.data);
  if (isRefusal(after, differences)) return "refused";
  const lines = differences
    .slice(0, shown)
    .map(({ place, first: one, now: other }) => `  ${place.join(".")}: ${show(one)} → ${show(other)}`);
  throw new Error(
    [
      `${name} changed its answer in ${differences.length === 1 ? "1 place" : `${differences.length} places`}:`,
      ...lines,
      `first: ${first.slice(0, shownCharacters)}`,
      `now: ${now.slice(0, shownCharacters)}`,
    ].join("\n"),
  );
}

function isRefusal({ errors = [], extensions }: Answer, differences: readonly Difference[]): boolean {
  if (errors.length === 0 || !errors.every(({ extensions }) => refusals.has(extensions?.code))) return false;
  const isExplained = (place: Place): boolean =>
    extensions?.errorsOmitted !== undefined || errors.some(({ path }) => explains(path, place));
  return differences.every(({ place, now }) => (now === null || now === undefined) && isExplained(place));
}

/** Whether an error can be the reason for a null. An error below a null made it null. One without a path is about a call to a subgraph. */
const explains = (path: Place | undefined, place: Place): boolean =>
  path === undefined || place.every((step, index) => index >= path.length || path[index] === step);

function differencesOf(first: unknown, now: unknown, place: Place = []): Difference[] {
  if (isDeepStrictEqual(first, now)) return [];
  if (!isObject(first) || !isObject(now) || Array.isArray(first) !== Array.isArray(now)) return [{ place, first, now }];
  const names = new Set([...Object.keys(first), ...Object.keys(now)]);
  return [...names].flatMap((name) => differencesOf(first[name], now[name], [...place, Array.isArray(first) ? Number(name) : name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

const show = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 200);
