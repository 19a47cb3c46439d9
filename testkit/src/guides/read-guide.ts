/** An operation of a guide, the role that runs it, and the documented answer. */
export interface GuideOperation {
  readonly query: string;
  /** Role of the user who runs the operation. */
  readonly by: string;
  /** The operation runs with each of them in turn. `{}` if it has no variables. */
  readonly variables: readonly unknown[];
  /** Part of the last answer that the guide shows. */
  readonly answer: unknown;
  /** The reader's file at this point of the guide. */
  readonly file: string;
}

/**
 * Returns the operations of a guide in Markdown, in order. The blocks of a guide are: `yaml`, keys of the reader's file that are new or replace keys
 * of the same name; `graphql ROLE`, an operation; `json variables` and `json answer`, which belong to the preceding operation.
 */
export function readGuide(page: string): GuideOperation[] {
  const operations: { query: string; by: string; variables: unknown[]; answer: unknown; file: string }[] = [];
  let file = "";
  for (const [, info = "", text = ""] of page.matchAll(/^```(.*)\n([^`]*)^```$/gm)) {
    const [language, word = ""] = info.split(" ");
    const last = operations.at(-1);
    if (language === "yaml") file = withKeys(file, text);
    else if (language === "graphql") operations.push({ query: text, by: word, variables: [], answer: null, file });
    else if (!last || language !== "json") throw new Error(`Nobody knows what to do with this block:\n${text}`);
    else if (word === "variables") last.variables.push(JSON.parse(text));
    else last.answer = JSON.parse(text);
  }
  return operations.map((one) => ({ ...one, variables: one.variables.length > 0 ? one.variables : [{}] }));
}

/** Returns the file with the top-level keys of `part`. They replace keys of the same name or are appended. */
function withKeys(file: string, part: string): string {
  const keys = new Map<string, string>();
  for (const text of [file, part])
    for (const [section, name = ""] of text.matchAll(/^([a-z]\w*):.*\n(?:(?:[ #-].*)?\n)*/gm)) keys.set(name, section);
  return [...keys.values()].join("");
}

/** Replaces each known `<name>` with its value. */
export function withNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one: unknown) => withNames(one, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNames(one, names)]));
}

/** Learns the values of unknown `<name>`s from their positions in an answer. */
export function learnNames(shown: unknown, answer: unknown, names: Map<string, string>): void {
  if (typeof shown === "string" && /^<\w+>$/.test(shown)) {
    if (!names.has(shown) && typeof answer === "string") names.set(shown, answer);
  } else if (typeof shown === "object" && shown !== null && typeof answer === "object" && answer !== null)
    for (const [key, one] of Object.entries(shown)) learnNames(one, (answer as Record<string, unknown>)[key], names);
}
