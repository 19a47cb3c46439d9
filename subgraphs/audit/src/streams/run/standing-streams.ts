import { type Databases, named } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Streams of all tenants, for metrics. */
export interface StreamCounts {
  /** Streams whose receivers have refused everything for a quarter of an hour. */
  readonly stalled: number;
  /** Sealed entries that the receivers of active streams do not have yet. */
  readonly waiting: number;
}

/** Counts as weft_worker, across all tenants. */
export const countStreams = (databases: Pick<Databases, "worker">): Promise<StreamCounts> =>
  databases.worker.begin(async (tx) => {
    const [row] = await tx.execute<{ stalled: string; waiting: string }>(
      named(
        "countAuditStreams",
        sql`select count(stalled_at)::text as stalled, coalesce(sum(head - sequence), 0)::text as waiting from audit.streams where status = 'ACTIVE'`,
      ),
    );
    return { stalled: Number(row?.stalled ?? 0), waiting: Number(row?.waiting ?? 0) };
  }, "read");
