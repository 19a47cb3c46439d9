import { named, type Tx, type WriteMeta } from "@weft/shared";
import { sql, type SQL } from "drizzle-orm";
import type { RunRow } from "./runs.store.js";

/** The event with which the instance entered the state of the run. Its own causes follow from it, so a loop of triggers and runs is noticed. */
export const causeOfRun = ({ instanceId, instanceVersion }: RunRow): SQL => sql`(
  select e.id from events.log e
   where e.tenant_id = app.tenant() and e.subject_id = ${instanceId}::uuid and e.subject_version = ${instanceVersion}::int
   order by e.id limit 1)`;

/** Returns the metadata of what a run causes. */
export async function metaOfCause(tx: Tx, meta: WriteMeta, row: RunRow): Promise<WriteMeta> {
  const [found] = await tx.execute<{ id: string | null }>(named("findCauseOfRun", sql`select ${causeOfRun(row)} as id`));
  return causedBy(meta, found?.id ?? null);
}

export const causedBy = (meta: WriteMeta, causeId: string | null): WriteMeta => (causeId === null ? meta : { ...meta, causeId });
