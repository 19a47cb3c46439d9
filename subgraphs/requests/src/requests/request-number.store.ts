import type { Tx } from "@weft/platform/db";
import { nextNumber, type Numbering } from "@weft/api/numbers";

export interface NumberPattern {
  /** For example `MR`. */
  readonly numberPrefix: string;
  readonly isNumberedByYear: boolean;
  readonly numberDigits: number;
}

/**
 * Returns the next number of a request type.
 * @param year the current year, for types whose numbers start over each year
 */
export async function nextRequestNumber(tx: Tx, pattern: NumberPattern, year: string, numbering: Numbering): Promise<string> {
  const prefix = pattern.isNumberedByYear ? `${pattern.numberPrefix}-${year}` : pattern.numberPrefix;
  const value = await nextNumber(tx, `request:${prefix}`, numbering);
  return `${prefix}-${String(value).padStart(pattern.numberDigits, "0")}`;
}
