import { ServiceUnavailable, WeftError } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import { asTenant, type Database, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { countAttempt, noteUnavailable } from "./attempts.store.js";
import type { BulkItemRow, BulkOperationRow } from "../bulk.type.js";
import { giveUp, isTriedTooOften } from "./give-up.js";
import { findItem, finishItem, lockNextItem, type ItemResult } from "./progress.store.js";

/** One instance being processed. */
export interface Doing {
  /** User who requested the operation, with their current rights. */
  readonly viewer: Viewer;
  readonly operation: BulkOperationRow;
  readonly item: BulkItemRow;
  /** Returns the result of an instance in another operation. */
  readonly findItem: (tx: Tx, operationId: string, instanceId: string) => Promise<BulkItemRow | null>;
}

export interface Done {
  /** Version of the instance. */
  readonly version: number;
  /** Data required for undoing. */
  readonly kept?: Record<string, unknown>;
  /** Message about a successful item. */
  readonly message?: string;
}

/** Processes an item in the transaction that also records its result. Throws the error that the mutation for one instance would return. */
export type Perform = (tx: Tx, meta: WriteMeta, doing: Doing) => Promise<Done>;

interface Running {
  readonly app: Database;
  readonly meta: WriteMeta;
  readonly perform: Perform;
  readonly onBug: (error: unknown) => void;
}

const MAX_MESSAGE_CHARS = 2_000;

/** `broken`: several instances in a row crashed the worker, so the operation must end. */
export type Outcome = "done" | "failed" | "broken" | "nothing";

/**
 * Processes the next item of an operation after counting the attempt. An item that was tried too often is given up, so it cannot delay the others
 * even if it crashes the process.
 */
export async function tryNextItem(running: Running, { viewer, operation }: Pick<Doing, "viewer" | "operation">): Promise<Outcome> {
  const { app, meta } = running;
  const attempt = await asTenant(app, viewer, "write", (tx) => countAttempt(tx, operation.id));
  if (!attempt) return "nothing";
  const { position } = attempt;
  if (isTriedTooOften(attempt)) return (await giveUp({ app, meta, viewer, operation }, attempt)) ? "broken" : "failed";
  try {
    const outcome = await runNextItem(running, { viewer, operation }, position);
    // Another process was faster.
    return outcome === "nothing" ? "failed" : outcome;
  } catch (error) {
    if (error instanceof ServiceUnavailable)
      await asTenant(app, viewer, "write", (tx) => noteUnavailable(tx, operation.id, position)).catch(() => undefined);
    throw error;
  }
}

/**
 * Processes the next item of an operation. The change and its result are written in the same transaction, so the item is processed exactly once even
 * if the process crashes. A rejected item leaves only its result. Returns `nothing` if all remaining items are locked by others.
 * @param position only this item
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
    // A database failure is not the item's fault, so the item stays pending.
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
  return { ...refused, code: "INTERNAL", message: "An internal error occurred." };
}
