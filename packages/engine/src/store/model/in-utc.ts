/** Returns a time as the driver does: JSON writes UTC as an offset. */
export const inUtc = (time: string): string => (time.endsWith("+00:00") ? `${time.slice(0, -6)}Z` : time);
