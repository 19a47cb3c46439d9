import { asTenant, chaos, ServiceUnavailable, WeftError, type Database, type Tx, type Viewer, type WriteMeta } from "@weft/shared";
import { countAttempt, noteUnavailable } from "./attempts.store.js";
import type { BulkItemRow, BulkOperationRow } from "./bulk.type.js";
import { giveUp, isTriedTooOften } from "./give-up.js";
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

/** `broken`: instance after instance has taken the worker with it; the operation has to end. */
export type Outcome = "done" | "failed" | "broken" | "nothing";

/**
 * Does the next item of an operation, after it has counted the try: one that was tried too often is given up, so that it does not keep the others, whatever
 * becomes of the process that tries.
 */
export async function tryNextItem(running: Running, { viewer, operation }: Pick<Doing, "viewer" | "operation">): Promise<Outcome> {
  const { app, meta } = running;
  const attempt = await asTenant(app, viewer, "write", (tx) => countAttempt(tx, operation.id));
  if (!attempt) return "nothing";
  const { position } = attempt;
  if (isTriedTooOften(attempt)) return (await giveUp({ app, meta, viewer, operation }, attempt)) ? "broken" : "failed";
  try {
    const outcome = await runNextItem(running, { viewer, operation }, position);
    // Somebody else was faster.
    return outcome === "nothing" ? "failed" : outcome;
  } catch (error) {
    if (error instanceof ServiceUnavailable)
      await asTenant(app, viewer, "write", (tx) => noteUnavailable(tx, operation.id, position)).catch(() => undefined);
    throw error;
  }
}

/**
 * Does the next item of an operation: what is done and its result are of one transaction, so that it is done once, whoever dies when. A refused one leaves
 * nothing but its result. `nothing` when none is left that nobody else has taken.
 * @param position only this one
 */
export async function runNextItem(
  { app, meta, perform, onBug }: Running,
  { viewer, operation }: Pick<Doing, "viewer" | "operation">,
  position: number | null = null,
): Promise<"done" | "failed" | "nothing"> {
  let taken: BulkItemRow | null = null;
  try {
    await asTenant(app, viewer, "write", async (tx) => {
      const item = (taken = await lockNextItem(tx, operation.id, position));
      if (!item) return;
      chaos(`bulk.item.${item.position}`);
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
