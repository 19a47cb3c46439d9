import { useSyncExternalStore } from "react";

/** One timer for all clocks of the page. It runs only while there is one. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let now = 0;

function showSecond(): void {
  now = Date.now();
  for (const listener of listeners) listener();
  // On the second, so that all clocks of the page change together.
  if (listeners.size > 0) timer = setTimeout(showSecond, 1000 - (now % 1000));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) timer = setTimeout(showSecond, 1000 - (Date.now() % 1000));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearTimeout(timer);
  };
}

const current = (): number => {
  if (listeners.size === 0 || now === 0) now = Math.floor(Date.now() / 1000) * 1000;
  return now;
};

/** Renders again each second. Returns the device's time in ms. */
export const useNow = (): number => useSyncExternalStore(subscribe, current, current);
