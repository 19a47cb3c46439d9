import { useEffect, useRef } from "react";

/** Whether Command takes the place of Ctrl. */
export const isMac = navigator.platform.startsWith("Mac");

export type Keys = Readonly<Record<string, () => void>>;

/** Whether a key is meant for what has the focus: a field, an open menu or dialog, or a control that Enter activates. */
function isTaken({ target, key, defaultPrevented, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (defaultPrevented || ctrlKey || metaKey || altKey) return true;
  const element = target instanceof HTMLElement ? target : null;
  if (element === null) return false;
  if (element.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return true;
  return key === "Enter" && element.closest("a:not([aria-current]), button, summary") !== null;
}

/** Calls a function when its key is pressed outside of fields and menus. Keys are those of `KeyboardEvent.key`. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const action = isTaken(event) ? undefined : current.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
