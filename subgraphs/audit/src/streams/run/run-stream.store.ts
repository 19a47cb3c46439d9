/** What the worker reads and writes of streams. */
import { auditStreams as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { DueQueue } from "@weft/platform/queues";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { AuditStreamRow } from "../stream.store.js";

const { auditStreams } = tables;

/** Longest time until a batch that failed is sent again, in seconds. */
const MAX_PAUSE_S = 300;
/** Time after which a stream that only fails stands still. A database interval. */
const STALLED_AFTER = "15 minutes";

/** Streams with entries to send. A claim is longer than a transport takes for a batch. */
export const auditStreamQueue = new DueQueue({
  name: "AuditStream",
  table: auditStreams,
  dueAt: "dueAt",
  claims: "claims",
  claimTime: "2 minutes",
});

/** The stream as it was claimed: it was not changed, and no other worker has taken over. */
const asClaimed = ({ id, claims }: AuditStreamRow): SQL | undefined => and(eq(auditStreams.id, id), eq(auditStreams.claims, claims));

/** When the next batch is due: at once, or when the sealer says so. */
const dueAfter = (sequence: number): SQL => sql`case when ${auditStreams.head} > ${sequence}::bigint then now() end`;

/** Records that the receiver has everything up to a place. False if the stream was changed meanwhile: then it is sent again. */
export async function recordSent(tx: Tx, row: AuditStreamRow, sequence: number): Promise<boolean> {
  const progress = { failures: 0, failingSince: null, lastError: null, stalledAt: null, lastSentAt: sql`now()` };
  const query = tx
    .update(auditStreams)
    .set({ ...progress, sequence, dueAt: dueAfter(sequence) })
    .where(asClaimed(row))
    .returning({ id: auditStreams.id });
  return (await named("recordAuditStreamSent", query)).length > 0;
}

/** Ends the claim of a stream of which nothing was sent. If there is something to send, it is due at once. */
export async function recordUnsent(tx: Tx, row: AuditStreamRow): Promise<void> {
  await named(
    "recordAuditStreamUnsent",
    tx
      .update(auditStreams)
      .set({ dueAt: dueAfter(row.sequence) })
      .where(asClaimed(row)),
  );
}

/** Records a failure. Returns since when the stream has failed if it stands still from now on. */
export async function recordFailure(tx: Tx, row: AuditStreamRow, message: string): Promise<string | null> {
  const since = sql`coalesce(${auditStreams.failingSince}, now())`;
  const isStalled = sql`${since} <= now() - ${STALLED_AFTER}::interval`;
  const query = tx
    .update(auditStreams)
    .set({
      failures: sql`${auditStreams.failures} + 1`,
      failingSince: since,
      lastError: message,
      stalledAt: sql`coalesce(${auditStreams.stalledAt}, case when ${isStalled} then now() end)`,
      dueAt: sql`now() + least(${MAX_PAUSE_S}, 5 * 2 ^ least(${auditStreams.failures}, 10)) * interval '1 second'`,
    })
    .where(asClaimed(row))
    .returning({ failingSince: auditStreams.failingSince, stalledAt: auditStreams.stalledAt });
  const [after] = await named("recordAuditStreamFailure", query);
  return after && row.stalledAt === null && after.stalledAt !== null ? after.failingSince : null;
}
