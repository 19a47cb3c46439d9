import { useState } from "react";
import { useViewerId } from "../frame/viewer";
import { draftKey, keepDraft, readDraft } from "./draft-storage";

export interface DraftKind<Draft> {
  readonly empty: Draft;
  /** Returns what was kept, or null if it is no such draft. */
  readonly read: (kept: unknown) => Draft | null;
  /** Whether there is nothing to keep. */
  readonly isEmpty: (draft: Draft) => boolean;
}

/** A draft that is either there or null. */
export const optionalDraft = <Draft>(read: DraftKind<Draft | null>["read"]): DraftKind<Draft | null> => ({
  empty: null,
  read,
  isEmpty: (draft) => draft === null,
});

/**
 * What the user has entered, which stays in the tab until it is sent: a reload, a reconnect, or another page does not lose it.
 *
 * @param name what it is for, with the ID of the object
 */
export function useDraft<Draft>(name: string, { empty, read, isEmpty }: DraftKind<Draft>): readonly [Draft, (draft: Draft) => void] {
  const viewerId = useViewerId();
  const key = draftKey(viewerId ?? "", name);
  const kept = (): Draft => (viewerId === null ? null : read(readDraft(viewerId, name))) ?? empty;
  const [shown, show] = useState(() => ({ key, draft: kept() }));
  if (shown.key !== key) {
    // The user can begin to type before the page knows who it is.
    const isTyped = shown.key === draftKey("", name) && !isEmpty(shown.draft);
    show({ key, draft: isTyped ? shown.draft : kept() });
  }
  const keep = (draft: Draft): void => {
    show({ key, draft });
    if (viewerId !== null) keepDraft(viewerId, name, isEmpty(draft) ? null : draft);
  };
  return [shown.draft, keep];
}

interface TextDraft {
  readonly text: string;
  /** An empty text forgets the draft. */
  readonly setText: (text: string) => void;
}

const texts: DraftKind<string> = {
  empty: "",
  read: (kept) => (typeof kept === "string" ? kept : null),
  isEmpty: (text) => text === "",
};

/** A draft of a text. */
export function useTextDraft(name: string): TextDraft {
  const [text, setText] = useDraft(name, texts);
  return { text, setText };
}
