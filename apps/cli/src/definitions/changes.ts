import { diffDocuments, parseDefinition, pathText } from "@weft/engine";
import { paint, printable, type Io } from "../io.js";
import type { ChangeOutput } from "../output/outputs.js";

/** Returns how a document differs from the text of a version. */
export function changesSince(source: string, document: unknown): ChangeOutput[] {
  return diffDocuments(parseDefinition(source).document, document).map(({ kind, path, before, after }) => ({
    kind,
    path: pathText(path),
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  }));
}

/** Longer values take lines of their own. */
const MAX_INLINE_CHARS = 120;
const MAX_LINES = 60;
const MAX_LINE_CHARS = 500;

/** Returns the changes for people. Values that do not fit in a line are shown as indented JSON. */
export function changeLines(io: Io, changes: readonly ChangeOutput[]): string[] {
  return changes.flatMap(({ kind, path: written, before, after }) => {
    const path = printable(written);
    if (kind === "ADDED") return valueLines(`  + ${path}:`, after).map((line) => paint(io, "green", line));
    if (kind === "REMOVED") return valueLines(`  - ${path}:`, before).map((line) => paint(io, "red", line));
    const [was, is] = [jsonOf(before), jsonOf(after)];
    if (isShort(was) && isShort(is)) return [paint(io, "yellow", `  ~ ${path}: ${was} → ${is}`)];
    return [
      paint(io, "yellow", `  ~ ${path}:`),
      ...valueLines("    -", before).map((line) => paint(io, "red", line)),
      ...valueLines("    +", after).map((line) => paint(io, "green", line)),
    ];
  });
}

const jsonOf = (value: unknown, indent?: number): string => printable(JSON.stringify(value, null, indent) ?? "");

const isShort = (text: string): boolean => text.length <= MAX_INLINE_CHARS;

function valueLines(head: string, value: unknown): string[] {
  const text = jsonOf(value);
  if (isShort(text)) return [`${head} ${text}`];
  const lines = jsonOf(value, 2).split("\n");
  const more = lines.length - MAX_LINES;
  return [
    head,
    ...lines.slice(0, MAX_LINES).map((line) => `      ${line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS - 1)}…` : line}`),
    ...(more > 0 ? [`      … ${more} more lines; --json shows all of them`] : []),
  ];
}
