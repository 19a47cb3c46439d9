import type { RequestRow } from "./request-rows.js";

const ranks = ["LOW", "NORMAL", "HIGH", "URGENT"];
/** After all times. */
const never = "9999-12-31T23:59:59.999Z";

/** Values that the orders of requests compare. Rows with the same value can come in any order. */
export const orders: Readonly<Record<string, (row: RequestRow) => string>> = {
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
  STATE: ({ state }) => state,
  NUMBER: ({ number }) => number,
  PRIORITY: ({ priority }) => String(ranks.indexOf(priority)),
  DUE_AT: ({ dueAt }) => dueAt ?? never,
};

export interface RequestOrder {
  readonly field: string;
  readonly direction: "ASC" | "DESC";
}

/** Returns the first pair of rows that is not in the order, for an error message. Null if there is none. */
export function outOfOrder(rows: readonly RequestRow[], { field, direction }: RequestOrder): string | null {
  const valueOf = orders[field];
  if (valueOf === undefined) throw new Error(`The meaning of the order ${field} is not known here.`);
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1];
    if (next === undefined) return null;
    const [first, second] = direction === "ASC" ? [valueOf(row), valueOf(next)] : [valueOf(next), valueOf(row)];
    if (first > second) return `${row.number} (${valueOf(row)}) comes before ${next.number} (${valueOf(next)})`;
  }
  return null;
}
