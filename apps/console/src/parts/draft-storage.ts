/** Drafts of users, which survive a reload of the page, and end with the browser's tab or at logout. */
const prefix = "weft:draft:";

export const draftKey = (viewerId: string, name: string): string => `${prefix}${viewerId}:${name}`;

export function readDraft(viewerId: string, name: string): unknown {
  try {
    const text = sessionStorage.getItem(draftKey(viewerId, name));
    return text === null ? null : JSON.parse(text);
  } catch {
    // The storage is blocked, or holds something else.
    return null;
  }
}

/** Keeps a draft. Null forgets it. */
export function keepDraft(viewerId: string, name: string, draft: unknown): void {
  try {
    if (draft === null) sessionStorage.removeItem(draftKey(viewerId, name));
    else sessionStorage.setItem(draftKey(viewerId, name), JSON.stringify(draft));
  } catch {
    // The draft then lives as long as the page.
  }
}

/** Forgets the drafts of all users: the next person at this browser must not find them. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // There are none if the storage is blocked.
  }
}
