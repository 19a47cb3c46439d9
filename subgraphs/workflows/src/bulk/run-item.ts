import { asTenant, chaos, ServiceUnavailable, WeftError, type Database, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import type { BulkItemRow, BulkOperationRow } from "./bulk.type.js";
import { findItem, finishItem, lockNextItem, type ItemResult } from "./progress.store.js";

/** One instance's turn. */
export interface Doing {
  /** Who asked for it, with the rights of now. */
  readonly viewer: Viewer;
  readonly operation: BulkOperationRow;
  readonly item: BulkItemRow;
  /** What became of an instance in another operation. */
  readonly findItem: (tx: Tx, operationId: string, instanceId: string) => Promise<BulkItemRow | null>;
}

export interface Done {
  /** Of the instance. */
  readonly version: number;
  /** What undoing needs to know. */
  readonly kept?: Record<string, unknown>;
  /** What is worth telling of something that went well. */
  readonly message?: string;
}

/** Does an item in the transaction that also records its result. It throws what the single mutation would answer. */
export type Perform = (tx: Tx, meta: WriteMeta, doing: Doing) => Promise<Done>;

interface Running {
  readonly app: Database;
  readonly meta: WriteMeta;
  readonly perform: Perform;
  readonly onBug: (error: unknown) => void;
}

const MAX_MESSAGE_CHARS = 2_000;

/**
 * Does the next item of an operation: what is done and its result are of one transaction, so that it is done once, whoever dies when. A refused one leaves
 * nothing but its result. `nothing` when none is left that nobody else has taken.
 */
export async function runNextItem(
  { app, meta, perform, onBug }: Running,
  { viewer, operation }: Pick<Doing, "viewer" | "operation">,
): Promise<"done" | "failed" | "nothing"> {
  let taken: BulkItemRow | null = null;
  try {
    await asTenant(app, viewer, "write", async (tx) => {
      const item = (taken = await lockNextItem(tx, operation.id));
      if (!item) return;
      const { version, kept, message } = await perform(tx, meta, { viewer, operation, item, findItem });
      await finishItem(tx, item, { status: "DONE", code: null, message: message ?? null, resultVersion: version, kept: kept ?? null });
      chaos("bulk.done");
    });
    return taken ? "done" : "nothing";
  } catch (error) {
    const item = taken as BulkItemRow | null;
    // The database's trouble is not the item's: it stays where it is.
    if (!item || error instanceof ServiceUnavailable) throw error;
    const result = refusalOf(error, onBug);
    await asTenant(app, viewer, "write", (tx) => finishItem(tx, item, result));
    return "failed";
  }
}

function refusalOf(error: unknown, onBug: (error: unknown) => void): ItemResult {
  const refused = { status: "FAILED", resultVersion: null, kept: null };
  if (error instanceof WeftError) return { ...refused, code: error.code, message: error.message.slice(0, MAX_MESSAGE_CHARS) };
  onBug(error);
  return { ...refused, code: "INTERNAL", message: "Something went wrong on our side." };
}
