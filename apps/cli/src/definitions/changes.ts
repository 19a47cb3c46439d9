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

const MAX_SHOWN_CHARS = 120;

export function changeLines(io: Io, changes: readonly ChangeOutput[]): string[] {
  return changes.map(({ kind, path: written, before, after }) => {
    const path = printable(written);
    if (kind === "ADDED") return paint(io, "green", `  + ${path}: ${shown(after)}`);
    if (kind === "REMOVED") return paint(io, "red", `  - ${path}: ${shown(before)}`);
    return paint(io, "yellow", `  ~ ${path}: ${shown(before)} → ${shown(after)}`);
  });
}

function shown(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? "");
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS - 1)}…` : text;
}
