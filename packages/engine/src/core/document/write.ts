/** Rewrites definitions as text: in another format, or with another key and name. The result is parsed again before it is returned. */
import { isMap, isScalar, parseDocument, stringify, type Document } from "yaml";
import { parseDefinition, parseSteps, type ParsedDefinition } from "./parse.js";

export type TextFormat = "yaml" | "json";

/** As the reader of definitions expects it: no tags, no anchors, no folding. */
const yamlOptions = { version: "1.2", schema: "core", lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * Returns the text of a definition in a format. Parsing it gives the same document. In its own format, the text stays as written, including comments.
 * YAML keeps comments; JSON has none.
 * @param text a text that parses
 */
export function writeDefinition(text: string, from: TextFormat, to: TextFormat): string {
  if (from === to) return text;
  // The reader of definitions spends time on positions, which are not needed here.
  const document: unknown = from === "json" ? JSON.parse(text) : parseDefinition(text, from).document;
  const candidates =
    to === "json"
      ? [() => `${JSON.stringify(document, null, 2)}\n`]
      : [
          () => stringify(document, yamlOptions),
          () => stringify(document, { ...yamlOptions, blockQuote: false, defaultStringType: "QUOTE_DOUBLE" }),
        ];
  // A text near the limits can exceed them after it is indented. JSON on one line is the shortest form, and is YAML as well.
  const written = candidates.map((write) => write()).find((candidate) => isSame(candidate, to, document));
  return written ?? JSON.stringify(document);
}

/**
 * Returns the text of a changed tree, with its comments, in steps. Parsing it gives the document. Null: the text would be too large.
 * @param document the content of the tree
 */
export function* writeTreeSteps(tree: Document, format: TextFormat, document: unknown): Generator<void, string | null, void> {
  const candidates =
    format === "json"
      ? [() => `${JSON.stringify(document, null, 2)}\n`, () => JSON.stringify(document)]
      : [() => tree.toString({ lineWidth: 0 }), () => stringify(document, yamlOptions)];
  for (const write of candidates) {
    const candidate = write();
    yield;
    if (isThat(yield* parseSteps(candidate, format), document)) return candidate;
    yield;
  }
  return null;
}

export type Head = { readonly key: string; readonly name: string };

/**
 * Returns the text with another key and name. Everything else stays in place, including comments.
 * @param text a text that parses and compiles
 */
export function withHead(text: string, format: TextFormat, { key, name }: Head): string {
  const { document } = parseDefinition(text, format);
  const wanted = { ...(document as object), key, name };
  const tree = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: false, logLevel: "error" });
  const replaced = replaceValues(text, tree, { key, name });
  if (replaced !== null && isSame(replaced, format, wanted)) return replaced;
  if (format === "json") return `${JSON.stringify(wanted, null, 2)}\n`;
  // For example a value of several lines: when it is rewritten, comments stay, but not every blank.
  tree.set("key", key);
  tree.set("name", name);
  const rewritten = tree.toString({ lineWidth: 0 });
  return isSame(rewritten, format, wanted) ? rewritten : stringify(wanted, yamlOptions);
}

/** Replaces values in place; null if one is not a literal value. Text in double quotes is the same in both formats. */
function replaceValues(text: string, tree: Document.Parsed, values: Readonly<Record<string, string>>): string | null {
  if (!isMap(tree.contents)) return null;
  const edits: { readonly start: number; readonly end: number; readonly value: string }[] = [];
  for (const [name, value] of Object.entries(values)) {
    const node: unknown = tree.contents.items.find((item) => isScalar(item.key) && item.key.value === name)?.value;
    if (!isScalar(node) || !node.range) return null;
    if (node.value === value) continue;
    const isBare = node.type === "PLAIN" && /^[A-Za-z][A-Za-z0-9 -]*$/.test(value) && value === value.trim() && parsesAsText(value);
    edits.push({ start: node.range[0], end: node.range[1], value: isBare ? value : JSON.stringify(value) });
  }
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, { start, end, value }) => result.slice(0, start) + value + result.slice(end), text);
}

const parsesAsText = (value: string): boolean => !/^(null|true|false|yes|no|on|off)$/i.test(value);

const isSame = (text: string, format: TextFormat, document: unknown): boolean => isThat(parseDefinition(text, format), document);

const isThat = (again: ParsedDefinition, document: unknown): boolean =>
  again.problems.length === 0 && JSON.stringify(again.document) === JSON.stringify(document);
