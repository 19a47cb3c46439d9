import type { ErasureReceipt } from "@weft/drizzle";

export const emptyReceipt: ErasureReceipt = { rows: {}, copies: {}, files: 0, sharedValues: 0 };

/** Returns a receipt with a transaction counted. */
export type Count = (receipt: ErasureReceipt, changed: number) => ErasureReceipt;

const added = (counts: Readonly<Record<string, number>>, table: string, changed: number): Readonly<Record<string, number>> =>
  changed === 0 ? counts : { ...counts, [table]: (counts[table] ?? 0) + changed };

export const countRows =
  (table: string): Count =>
  (receipt, changed) => ({ ...receipt, rows: added(receipt.rows, table, changed) });

export const countCopies =
  (table: string): Count =>
  (receipt, changed) => ({ ...receipt, copies: added(receipt.copies, table, changed) });

export const countFiles: Count = (receipt, changed) => ({ ...receipt, files: receipt.files + changed });

export const countNothing: Count = (receipt) => receipt;
