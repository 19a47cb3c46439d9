import type { DraftKind } from "../drafts";
import { isPerson, type Person } from "../people/person";

/** A comment that is not sent yet. */
export interface CommentDraft {
  readonly text: string;
  /** Null: not chosen. It is internal then, if the user can write internal ones. */
  readonly isInternal: boolean | null;
  readonly mentioned: readonly Person[];
}

export const commentDrafts: DraftKind<CommentDraft> = {
  empty: { text: "", isInternal: null, mentioned: [] },
  read: (kept) => {
    if (typeof kept !== "object" || kept === null) return null;
    const { text, isInternal, mentioned } = kept as Readonly<Record<keyof CommentDraft, unknown>>;
    if (typeof text !== "string") return null;
    return {
      text,
      isInternal: typeof isInternal === "boolean" ? isInternal : null,
      mentioned: Array.isArray(mentioned) ? mentioned.filter(isPerson) : [],
    };
  },
  isEmpty: ({ text, mentioned }) => text === "" && mentioned.length === 0,
};
