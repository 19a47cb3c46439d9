import { useState } from "react";
import { useViewerId } from "../../frame/viewer";

const read = (key: string): string => {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    // The storage is blocked.
    return "";
  }
};

interface Draft {
  readonly text: string;
  readonly setText: (text: string) => void;
}

/**
 * A text that stays in the tab until it is sent: a reload, a reconnect, or another page does not lose it.
 *
 * @param name what it is for, with the ID of the object
 */
export function useDraft(name: string): Draft {
  const key = `weft:draft:${useViewerId() ?? ""}:${name}`;
  const [shown, show] = useState({ key, text: read(key) });
  // The user is known only after the page has loaded.
  if (shown.key !== key) show({ key, text: read(key) });
  return {
    text: shown.text,
    setText: (text) => {
      show({ key, text });
      try {
        if (text === "") sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, text);
      } catch {
        // It stays on the page.
      }
    },
  };
}
