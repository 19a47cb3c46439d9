import type { TransitionDraft, TransitionDrafts } from "@weft/react";
import { useMemo } from "react";
import { useViewerId } from "../frame/viewer";
import { keepDraft, readDraft } from "./draft-storage";
import type { DraftKind } from "./drafts";

/** What was filled in for a transition. */
export const transitionDrafts: DraftKind<TransitionDraft> = {
  empty: { input: {}, comment: "" },
  read: (kept) => {
    if (typeof kept !== "object" || kept === null) return null;
    const { input, comment } = kept as Readonly<Record<keyof TransitionDraft, unknown>>;
    if (typeof input !== "object" || input === null || typeof comment !== "string") return null;
    return { input: input as TransitionDraft["input"], comment };
  },
  isEmpty: ({ input, comment }) => comment === "" && Object.keys(input).length === 0,
};

/**
 * Keeps what the user fills in for the transitions of an object, for `TransitionButtons`. Undefined until the user is known.
 *
 * @param id ID of the object
 */
export function useTransitionDrafts(id: string): TransitionDrafts | undefined {
  const viewerId = useViewerId();
  return useMemo(() => {
    if (viewerId === null) return undefined;
    const { read, isEmpty } = transitionDrafts;
    const nameOf = (transition: string): string => `transition:${id}:${transition}`;
    return {
      read: (transition) => read(readDraft(viewerId, nameOf(transition))),
      keep: (transition, draft) => keepDraft(viewerId, nameOf(transition), draft === null || isEmpty(draft) ? null : draft),
    };
  }, [viewerId, id]);
}
