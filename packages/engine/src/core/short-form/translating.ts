import type { Document } from "yaml";
import { pathText } from "../model/condition.js";
import { problemList, type Locate, type Path, type Problem, type ProblemList } from "../model/problems.js";

/** What a part of the text has become, and what that means for its author. */
export type Note = Pick<Problem, "path" | "message" | "line" | "column">;

/** State that the translators of one text share. */
export type Translating = {
  /** Becomes the tree of the definition. */
  readonly tree: Document;
  readonly problems: ProblemList;
  readonly notes: readonly Note[];
  readonly note: (path: Path, message: string) => void;
  /** Says that the part of the definition at `to` was written at `from`. `isWhole`: so was everything in it. */
  readonly moved: (to: Path, from: Path, options?: { readonly isWhole: boolean }) => void;
  /** Line and column of a part of the definition, and its path as it was written. */
  readonly locate: Locate;
};

const MAX_NOTES = 100;

/** The order of the text. */
export const byPlace = (a: Pick<Problem, "line" | "column">, b: Pick<Problem, "line" | "column">): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

export function startTranslating(tree: Document, locate: Locate): Translating {
  const notes: Note[] = [];
  const origins = new Map<string, { readonly from: Path; readonly isWhole: boolean }>();
  return {
    tree,
    problems: problemList({ locate }),
    notes,
    note: (path, message) => {
      if (notes.length >= MAX_NOTES) return;
      const place = locate(path);
      notes.push({ path: pathText(path), message, ...(place && { line: place.line, column: place.column }) });
    },
    moved: (to, from, { isWhole } = { isWhole: false }) => void origins.set(pathText(to), { from, isWhole }),
    locate: (path) => {
      for (let length = path.length; length > 0; length--) {
        const origin = origins.get(pathText(path.slice(0, length)));
        if (!origin) continue;
        const written = origin.isWhole ? origin.from : [...origin.from, ...path.slice(length)];
        const place = locate(written);
        return place && { ...place, path: written };
      }
      return locate(path);
    },
  };
}
