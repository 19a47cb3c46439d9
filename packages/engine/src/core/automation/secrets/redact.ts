/**
 * Removes the values of secrets from what steps report, before anything of it is stored. A value is also found in the forms in which systems repeat it:
 * escaped for JSON, HTML and URLs, in hexadecimal and Base64 digits, and cut off at the beginning or the end of a long text. Base64 that is
 * broken into lines is not found. A program that disguises a value on purpose cannot be stopped by this; domains of secrets and security profiles do that.
 */
import type { Json, JsonObject } from "../../model/json.js";
import { MIN_SECRET_CHARS } from "./secret-names.js";
import { searchOf, type Search } from "./search.js";

export type Redactor = {
  /** Replaces each value by `[secret name]`. */
  readonly text: (text: string) => string;
  /** The same in all texts of a value, names of members and numbers included. */
  readonly json: <T extends Json>(value: T) => T;
  /** Passes on texts that come in pieces, of which any can end within a value. */
  readonly stream: (write: (text: string) => void) => RedactedStream;
};

export type RedactedStream = {
  readonly write: (piece: string) => void;
  /** Passes on what was held back. */
  readonly end: () => void;
};

/** Texts shorter than this are never cut off. */
const CUT_FROM = 100;
/** Minimum number of characters of a value that has been cut off. */
const CUT_CHARS = 6;
/** Lines of a value that are also found alone, such as those of a private key. */
const MAX_LINES = 500;

type Form = Search & { readonly label: string };

const UNCHANGED: Redactor = {
  text: (text) => text,
  json: (value) => value,
  stream: (write) => ({ write, end: () => undefined }),
};

/** @param values by name */
export function redactorOf(values: ReadonlyMap<string, string>): Redactor {
  const labels = new Map<string, string>();
  for (const [name, value] of values) for (const form of formsOf(value)) if (!labels.has(form)) labels.set(form, `[secret ${name}]`);
  const forms = [...labels].map(([form, label]) => ({ ...searchOf(form), label })).sort((one, other) => other.chars - one.chars);
  if (forms.length === 0) return UNCHANGED;
  const whole = (text: string): string => withoutWhole(text, forms);
  const text = (given: string): string => (given.length < CUT_FROM ? whole(given) : withoutCut(whole(given), forms));
  return { text, json: <T extends Json>(value: T) => jsonOf(value, text) as T, stream: (write) => streamOf(write, { whole, forms }) };
}

/** Replaces the forms where they stand as a whole: from the left, and the longest of those that begin at the same place. */
function withoutWhole(text: string, forms: readonly Form[]): string {
  const next = forms.flatMap((form) => {
    const at = form.next(text, 0);
    return at < 0 ? [] : [{ form, at }];
  });
  if (next.length === 0) return text;
  const parts: string[] = [];
  let done = 0;
  for (;;) {
    let first: (typeof next)[number] | null = null;
    for (const one of next) {
      if (one.at >= 0 && one.at < done) one.at = one.form.next(text, done);
      if (one.at >= 0 && (first === null || one.at < first.at)) first = one;
    }
    if (first === null) return parts.join("") + text.slice(done);
    parts.push(text.slice(done, first.at), first.form.label);
    done = first.at + first.form.chars;
  }
}

/** Returns the forms in which a value can be repeated. */
function formsOf(value: string): ReadonlySet<string> {
  const plain = new Set([value, value.trim()]);
  const forms = new Set(plain);
  const bytes = Buffer.from(value);
  for (const form of plain) {
    // As hosts and names of headers are shown.
    forms.add(form.toLowerCase());
    const json = JSON.stringify(form).slice(1, -1);
    for (const one of [json, json.replaceAll("/", "\\/")])
      for (const escaped of [one, asciiOf(one), asciiOf(one).replace(/\\u[0-9a-f]{4}/g, upperDigits)]) forms.add(escaped);
    const url = encodeURIComponent(form.toWellFormed());
    forms.add(JSON.stringify(json).slice(1, -1));
    const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
    for (const one of [url, strict, url.replaceAll("%20", "+"), strict.replaceAll("%20", "+"), formOf(form)]) {
      forms.add(one);
      forms.add(one.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase()));
    }
    for (const quote of ["&#39;", "&#x27;", "&apos;"]) forms.add(htmlOf(form).replaceAll("'", quote));
  }
  forms.add(bytes.toString("hex"));
  forms.add(bytes.toString("hex").toUpperCase());
  for (const base64 of base64Of(bytes)) {
    forms.add(base64);
    forms.add(base64.replaceAll("+", "-").replaceAll("/", "_"));
  }
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  if (lines.length > 1 && lines.length <= MAX_LINES) for (const line of lines) forms.add(line);
  return new Set([...forms].filter((form) => form.length >= Math.min(MIN_SECRET_CHARS, value.length) || form.length > CUT_CHARS));
}

/** As systems write JSON that consists of ASCII only. */
const asciiOf = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

const upperDigits = (escape: string): string => `\\u${escape.slice(2).toUpperCase()}`;

/** As HTML forms send it. */
const formOf = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);

const htmlOf = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The digits that depend on the bytes only, for each of the three positions at which they can begin in a longer text. */
function base64Of(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return digits.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** Replaces the beginning of a form at the end of the text, and the end of a form at its beginning. */
function withoutCut(text: string, forms: readonly Form[]): string {
  let shown = text;
  for (const form of forms) {
    const begun = form.begunAtEnd(shown);
    if (begun >= CUT_CHARS) shown = shown.slice(0, shown.length - begun) + form.label;
    const ended = form.endedAtBeginning(shown);
    if (ended >= CUT_CHARS) shown = form.label + shown.slice(ended);
  }
  return shown;
}

function jsonOf(value: Json, text: (text: string) => string): Json {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    const digits = String(value);
    const shown = text(digits);
    return shown === digits ? value : shown;
  }
  if (Array.isArray(value)) return value.map((item: Json) => jsonOf(item, text));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value as JsonObject).map(([name, member]) => [text(name), jsonOf(member, text)]));
  return value;
}

type Streaming = { readonly whole: (text: string) => string; readonly forms: readonly Form[] };

function streamOf(write: (text: string) => void, { whole, forms }: Streaming): RedactedStream {
  let held = "";
  return {
    write: (piece) => {
      const shown = whole(held + piece);
      const from = shown.length - forms.reduce((most, form) => Math.max(most, form.begunAtEnd(shown)), 0);
      held = shown.slice(from);
      if (from > 0) write(shown.slice(0, from));
    },
    end: () => {
      // However short the rest is, it is the beginning of a form.
      if (held !== "") write(withoutCut(held, forms));
      held = "";
    },
  };
}
