import { useSyncExternalStore } from "react";

// The screen is the part of the address after `#`, so that links, reloads and the button "back" work on any web server. Replace it by the router of your
// choice when you need more.

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

const path = (): string => location.hash.slice(1) || "/inbox";

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Somebody has typed a "%" that is not part of an escape.
    return part;
  }
}

/** Returns the parts of the current path, and renders again when it changes: `["requests", "req_1"]`. */
export const usePath = (): string[] => useSyncExternalStore(subscribe, path).split("/").filter(Boolean).map(decoded);

export function navigate(to: string): void {
  location.hash = to;
}
