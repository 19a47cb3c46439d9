import { effectiveConfigOf } from "@weft/platform/configuration";
import { dueRows, type Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import { doInBatches } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import type { DueTable } from "./due-table.js";

/** Rows of one transaction. */
const BATCH = 50;

export type DueServices = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

export interface Batch {
  readonly meta: WriteMeta;
  readonly limit: number;
  /** Of the tenant. */
  readonly timeZone: string;
}

interface DueDays {
  /** For logs and audit entries. */
  readonly name: string;
  readonly table: DueTable;
  /** Locks rows that are due, takes their steps, and plans when they are due next. Returns their number. */
  readonly take: (tx: Tx, batch: Batch) => Promise<number>;
}

/**
 * Does what is due on days, as a source of due work. What happened to a row, and the events that announce it, are one transaction with the time at which
 * it is due next: each step is taken once.
 */
export function dueDays({ databases, pubsub, keyring, log }: DueServices, { name, table, take }: DueDays) {
  return {
    name,
    ...dueRows({ name: "DueDays", dueAt: table.dueAt }),
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      // Before the transaction: who holds a connection must not ask for another one.
      const { timeZone } = await effectiveConfigOf({ databases, pubsub, log }, tenantId);
      const meta = metaOfWork(name, tenantId, keyring);
      const turn = { db: databases.app, tenantId, limit, batch: BATCH, signal };
      return doInBatches(turn, (tx, size) => take(tx, { meta, limit: size, timeZone }));
    },
  };
}
