/**
 * The later of two moments as the database writes them. A transaction's time is that of its beginning: who has waited for others writes after them all the
 * same, and an instance's history does not go back in time.
 */
export function later(one: string, other: string): string {
  return comparable(one) < comparable(other) ? other : one;
}

/** Fractions have as many digits as they need. */
function comparable(moment: string): string {
  const [seconds = "", fraction = ""] = moment.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}
