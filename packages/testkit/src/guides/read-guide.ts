/** An operation of a guide, who runs it, and what is told of its answers. */
export interface GuideOperation {
  readonly query: string;
  /** Role of who runs it. */
  readonly by: string;
  /** It is run with each of them in turn; `{}` where it takes none. */
  readonly variables: readonly unknown[];
  /** The part of the last answer that the guide shows. */
  readonly answer: unknown;
  /** The reader's file as it is by then. */
  readonly file: string;
}

/**
 * The operations of a guide in Markdown, in order. Its blocks: `yaml`, keys of the reader's file that are new or replace those of the same name; `graphql ROLE`, an operation; `json variables` and
 * `json answer`, which belong to the operation before them.
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

/** The file with the keys of the first level that `part` has: in the place of those of the same name, or at the end. */
function withKeys(file: string, part: string): string {
  const keys = new Map<string, string>();
  for (const text of [file, part])
    for (const [section, name = ""] of text.matchAll(/^([a-z]\w*):.*\n(?:(?:[ #-].*)?\n)*/gm)) keys.set(name, section);
  return [...keys.values()].join("");
}

/** Puts what is known in the place of `<name>`. */
export function withNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one: unknown) => withNames(one, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withNames(one, names)]));
}

/** Learns the `<name>`s that are not known yet from where they stand in an answer. */
export function learnNames(shown: unknown, answer: unknown, names: Map<string, string>): void {
  if (typeof shown === "string" && /^<\w+>$/.test(shown)) {
    if (!names.has(shown) && typeof answer === "string") names.set(shown, answer);
  } else if (typeof shown === "object" && shown !== null && typeof answer === "object" && answer !== null)
    for (const [key, one] of Object.entries(shown)) learnNames(one, (answer as Record<string, unknown>)[key], names);
}
