import { erased } from "../privacy/keyring.js";

/** Columns of a person's row whose values identify the person wherever they are. */
export const identifying: readonly string[] = ["email", "phone", "name", "username"];

/** Shorter texts are in other words, too. */
const MIN_LENGTH = 5;

const replaced = /^(?:\[erased\]|erased-[0-9a-f-]{36}(?:@erased\.invalid)?)$/;

/**
 * Returns whether a value says who somebody is wherever it is found. A single word can also be a word of the language ("Grace" in "Grace period"), and a number
 * can be any number.
 */
export const isDistinctive = (value: string): boolean =>
  value.length >= MIN_LENGTH && !/^\p{L}+$/u.test(value) && !/^\p{N}+$/u.test(value) && !replaced.test(value);

const escaped = (value: string): string => value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

/** Returns the pattern with which PostgreSQL finds candidates, in texts or in the text of JSON. */
export const patternOf = (values: readonly string[], isJson: boolean): string =>
  values.map((value) => escaped(isJson ? inJson(value) : value)).join("|");

/**
 * Returns the pattern of a value that is not part of a longer one. Email addresses and user names can be part of those of others: `lee@acme.com` of
 * `bruce.lee@acme.com`. Names and phone numbers contain spaces, and end where a word ends.
 */
const wholeValue = (value: string): string =>
  /\s/.test(value)
    ? `(?<![\\p{L}\\p{N}])${escaped(value)}(?![\\p{L}\\p{N}])`
    : `(?<![\\p{L}\\p{N}._%+@-])${escaped(value)}(?![\\p{L}\\p{N}@_-]|\\.[\\p{L}\\p{N}])`;

const patternOfAll = (values: readonly string[]): RegExp => new RegExp(values.map(wholeValue).join("|"), "giu");

/** Returns a text with the person's values replaced. */
export const replaceInText = (text: string, values: readonly string[]): string => text.replaceAll(patternOfAll(values), erased);

/** A string of a JSON text, and whether it is a key. */
const jsonString = /("(?:[^"\\]|\\.)*")(\s*:)?/g;

/**
 * Returns a JSON text with the person's values replaced in its strings. All else stays as it is written: keys, and numbers, which would lose digits if they
 * were read.
 */
export function replaceInJson(json: string, values: readonly string[]): string {
  const pattern = patternOfAll(values);
  return json.replaceAll(jsonString, (all: string, written: string, colon?: string) => {
    if (colon !== undefined) return all;
    const text = JSON.parse(written) as string;
    const replaced = text.replaceAll(pattern, erased);
    return replaced === text ? all : JSON.stringify(replaced);
  });
}
