import { useState } from "react";

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

/** A text that is being written. Setting it to an empty text forgets it. */
export function useTextDraft(viewerId: string, key: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => {
    const draft = readDraft(viewerId, key);
    return typeof draft === "string" ? draft : "";
  });
  return [
    text,
    (next) => {
      setText(next);
      keepDraft(viewerId, key, next === "" ? null : next);
    },
  ];
}
