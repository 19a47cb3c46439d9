/** Definitions from text to text: another format, another head. What comes out is read back before it is given away. */
import { isMap, isScalar, parseDocument, stringify, type Document } from "yaml";
import { parseDefinition } from "../parse.js";

export type TextFormat = "yaml" | "json";

/** As the reader of definitions reads them: no tags, no anchors, nothing folded. */
const yamlOptions = { version: "1.2", schema: "core", lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * The text of a definition in a format, which read again gives the same document. In its own format it is the text as it was written, with its comments;
 * YAML keeps them, JSON has none.
 * @param text one that has parsed
 */
export function writeDefinition(text: string, from: TextFormat, to: TextFormat): string {
  if (from === to) return text;
  // The reader of definitions takes its time for places, of which none is asked for here.
  const document: unknown = from === "json" ? JSON.parse(text) : parseDefinition(text, from).document;
  const candidates =
    to === "json"
      ? [() => `${JSON.stringify(document, null, 2)}\n`]
      : [
          () => stringify(document, yamlOptions),
          () => stringify(document, { ...yamlOptions, blockQuote: false, defaultStringType: "QUOTE_DOUBLE" }),
        ];
  // A text near the bounds may be beyond them once it is indented; JSON on one line is the shortest of all, and is YAML as well.
  const written = candidates.map((write) => write()).find((candidate) => isSame(candidate, to, document));
  return written ?? JSON.stringify(document);
}

export type Head = { readonly key: string; readonly name: string };

/**
 * The text with another key and name; everything else stands where it stood, comments too.
 * @param text one that has parsed and compiled
 */
export function withHead(text: string, format: TextFormat, { key, name }: Head): string {
  const { document } = parseDefinition(text, format);
  const wanted = { ...(document as object), key, name };
  const tree = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: false, logLevel: "error" });
  const replaced = replaceValues(text, tree, { key, name });
  if (replaced !== null && isSame(replaced, format, wanted)) return replaced;
  if (format === "json") return `${JSON.stringify(wanted, null, 2)}\n`;
  // A value of several lines, say: written anew the comments stay, not every blank does.
  tree.set("key", key);
  tree.set("name", name);
  const rewritten = tree.toString({ lineWidth: 0 });
  return isSame(rewritten, format, wanted) ? rewritten : stringify(wanted, yamlOptions);
}

/** Writes values in the place of those that are there; null when one is not a value of its own. Text in double quotes is the same in both formats. */
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

function isSame(text: string, format: TextFormat, document: unknown): boolean {
  const again = parseDefinition(text, format);
  return again.problems.length === 0 && JSON.stringify(again.document) === JSON.stringify(document);
}
