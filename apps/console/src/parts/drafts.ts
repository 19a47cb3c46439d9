import { useState } from "react";
import { useViewerId } from "../frame/viewer";

/** Drafts of the user, which survive a reload of the page and end with the browser's tab. */
const keyOf = (viewerId: string, key: string): string => `weft:draft:${viewerId}:${key}`;

export function readDraft(viewerId: string, key: string): unknown {
  try {
    const text = sessionStorage.getItem(keyOf(viewerId, key));
    return text === null ? null : JSON.parse(text);
  } catch {
    // The storage is blocked, or holds something else.
    return null;
  }
}

/** Keeps a draft. Null forgets it. */
export function keepDraft(viewerId: string, key: string, draft: unknown): void {
  try {
    if (draft === null) sessionStorage.removeItem(keyOf(viewerId, key));
    else sessionStorage.setItem(keyOf(viewerId, key), JSON.stringify(draft));
  } catch {
    // The draft then lives as long as the page.
  }
}

export interface DraftKind<Draft> {
  readonly empty: Draft;
  /** Returns what was kept, or null if it is no such draft. */
  readonly read: (kept: unknown) => Draft | null;
  /** Whether there is nothing to keep. */
  readonly isEmpty: (draft: Draft) => boolean;
}

/**
 * What the user has entered, which stays in the tab until it is sent: a reload, a reconnect, or another page does not lose it.
 *
 * @param name what it is for, with the ID of the object
 */
export function useDraft<Draft>(name: string, { empty, read, isEmpty }: DraftKind<Draft>): readonly [Draft, (draft: Draft) => void] {
  const viewerId = useViewerId() ?? "";
  const key = keyOf(viewerId, name);
  const kept = (): Draft => read(readDraft(viewerId, name)) ?? empty;
  const [shown, show] = useState(() => ({ key, draft: kept() }));
  // The user is known only after the page has loaded.
  if (shown.key !== key) show({ key, draft: kept() });
  const keep = (draft: Draft): void => {
    show({ key, draft });
    keepDraft(viewerId, name, isEmpty(draft) ? null : draft);
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
