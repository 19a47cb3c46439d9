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

interface TextDraft {
  readonly text: string;
  /** An empty text forgets the draft. */
  readonly setText: (text: string) => void;
}

/**
 * A text that stays in the tab until it is sent: a reload, a reconnect, or another page does not lose it.
 *
 * @param name what it is for, with the ID of the object
 */
export function useTextDraft(name: string): TextDraft {
  const viewerId = useViewerId() ?? "";
  const key = keyOf(viewerId, name);
  const read = (): string => {
    const draft = readDraft(viewerId, name);
    return typeof draft === "string" ? draft : "";
  };
  const [shown, show] = useState(() => ({ key, text: read() }));
  // The user is known only after the page has loaded.
  if (shown.key !== key) show({ key, text: read() });
  return {
    text: shown.text,
    setText: (text) => {
      show({ key, text });
      keepDraft(viewerId, name, text === "" ? null : text);
    },
  };
}
