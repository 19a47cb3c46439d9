/** Returns a text as PostgreSQL can store it: without NUL and unpaired surrogates. */
export const storable = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();
