/** Longer texts are truncated in the tables that lists filter by. */
export const MAX_INDEXED_CHARS = 200;

/** Returns a text as these tables store it, and as filters compare it: a longer text is its first 200 characters and an ellipsis. */
export function indexedText(text: string): string {
  const chars = Array.from(text.slice(0, MAX_INDEXED_CHARS * 2 + 2));
  return chars.length <= MAX_INDEXED_CHARS ? text : `${chars.slice(0, MAX_INDEXED_CHARS).join("")}…`;
}
