/**
 * Returns the later of two times as the database writes them. The time of a transaction is that of its beginning: a transaction that waited for
 * others still writes after them, and the history of an instance must not go back in time.
 */
export function latestOf(one: string, other: string): string {
  return comparable(one) < comparable(other) ? other : one;
}

/** Fractions have as many digits as needed. */
function comparable(moment: string): string {
  const [seconds = "", fraction = ""] = moment.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}
