import { columnsWithCopies, personalColumns } from "./all-tables.js";

const personsOf = (table: string): string[] => [
  ...new Set(personalColumns.flatMap((each) => (each.table === table && !each.isCiphertext ? [each.person] : []))),
];

/** Tables of tenants in which the purge role replaces personal values, or copies of them. */
export const erasedTables: readonly string[] = [
  ...new Set([...personalColumns.filter(({ isCiphertext }) => !isCiphertext), ...columnsWithCopies].map(({ table }) => table)),
];

/** Columns in which an erasure records what it does, in the transactions in which it does it. */
export const recordedColumns: Readonly<Record<string, readonly string[]>> = {
  "identity.privacy_requests": ["receipt", "progress", "due_at"],
};

/**
 * Returns the condition of the restrictive policy `erase_when_due` of a table: the erasure of the person of the row is due. Copies can be in rows of
 * anybody, so that the erasure of any person is sufficient there.
 */
export function erasurePolicyOf(table: string): string {
  if (columnsWithCopies.some((each) => each.table === table)) return "app.any_erasure_is_due()";
  return personsOf(table)
    .map((person) => `app.erasure_is_due(${person})`)
    .join(" or ");
}
