import { triggers as tables, workflows, type triggers as Triggers } from "@weft/drizzle";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNull, or, sql, type SQL } from "drizzle-orm";
import type { RunResult } from "./run-result.js";
import { causeChain } from "../../cause-chain.js";

const { instances, instanceFields } = workflows;
const { triggerRuns } = tables;

export type TriggerRunRow = typeof triggerRuns.$inferSelect;
export type TriggeredInstance = Triggers.TriggeredInstance;

/** Returns the instance that the trigger started with the same key and that has not ended. */
export async function findByKey(tx: Tx, triggerId: string, key: string): Promise<string | null> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findInstanceByTriggerKey",
      sql`select i.id from workflows.trigger_runs r join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
      where r.tenant_id = app.tenant() and r.trigger_id = ${triggerId}::uuid and r.correlation_key = ${key} and r.outcome = 'STARTED'
        and i.finished_at is null
      order by r.id desc limit 1`,
    ),
  );
  return rows[0]?.id ?? null;
}

/** The objects of an event through which instances can be found. */
export interface EventSubject {
  readonly instanceId: string | null;
  /** UUID of the business object whose workflow an instance is. */
  readonly businessId: string | null;
}

/** Finds instances that have not ended and that the viewer can move: those of the event's subject. */
export function findBySubject(
  tx: Tx,
  viewer: Viewer,
  { instanceId, businessId }: EventSubject,
  { definitionKey, limit }: { readonly definitionKey: string | null; readonly limit: number },
): Promise<string[]> {
  const subject = or(
    instanceId === null ? undefined : eq(instances.id, instanceId),
    businessId === null ? undefined : eq(instances.subjectId, businessId),
  );
  return subject === undefined ? Promise.resolve([]) : selectCorrelated(tx, viewer, { where: subject, definitionKey, limit });
}

/** Finds instances that have not ended and that the viewer can move: those whose indexed field has the value. */
export function findByField(
  tx: Tx,
  viewer: Viewer,
  { field, value }: { readonly field: string; readonly value: string | number | boolean },
  { definitionKey, limit }: { readonly definitionKey: string; readonly limit: number },
): Promise<string[]> {
  const stored = typeof value === "number" ? sql`f.number_value = ${String(value)}::numeric` : sql`f.text_value = ${String(value)}`;
  const where = sql`${instances.id} in (select f.instance_id from ${instanceFields} f
    where f.tenant_id = app.tenant() and f.field = ${field} and ${stored})`;
  return selectCorrelated(tx, viewer, { where, definitionKey, limit });
}

/** In the order of IDs, so that concurrent transactions lock them in the same order. */
async function selectCorrelated(
  tx: Tx,
  viewer: Viewer,
  { where, definitionKey, limit }: { readonly where: SQL; readonly definitionKey: string | null; readonly limit: number },
): Promise<string[]> {
  const rows = await named(
    "selectCorrelated",
    tx
      .select({ id: instances.id })
      .from(instances)
      .where(
        and(
          where,
          isNull(instances.finishedAt),
          definitionKey === null ? undefined : eq(instances.definitionKey, definitionKey),
          visibleObjects("instance", viewer, "workflow.fire"),
        ),
      )
      .orderBy(asc(instances.id))
      .limit(limit),
  );
  return rows.map(({ id }) => id);
}

/** How often triggers acted in the chain of events that led to an event. */
export type CauseChain = {
  readonly all: number;
  /** Of the trigger itself. */
  readonly own: number;
};

/** Follows the causes of an event. The event itself does not count. */
export async function readCauseChain(tx: Tx, event: Pick<EventEnvelope, "causeId">, triggerId: string): Promise<CauseChain> {
  if (event.causeId === null) return { all: 0, own: 0 };
  const rows = await tx.execute<CauseChain>(
    named(
      "readCauseChain",
      sql`${causeChain(event.causeId)}
      select count(*)::int as "all", (count(*) filter (where r.trigger_id = ${triggerId}::uuid))::int as own
      from chain c join workflows.trigger_runs r on r.tenant_id = app.tenant() and r.event_id = c.id and r.outcome in ('STARTED', 'FIRED')`,
    ),
  );
  return rows[0] ?? { all: 0, own: 0 };
}

/** Takes the place of the event for the trigger. Null if the trigger has already handled the event. */
export async function insertRun(tx: Tx, triggerId: string, event: EventEnvelope): Promise<TriggerRunRow | null> {
  const now = sql`app.weft_now()` as unknown as string;
  const [row] = await named(
    "insertTriggerRun",
    tx
      .insert(triggerRuns)
      .values({
        tenantId: event.tenantId,
        id: newId(),
        triggerId,
        eventId: event.id,
        eventType: event.type,
        outcome: "IGNORED",
        createdAt: now,
        updatedAt: now,
      })
      .onConflictDoNothing()
      .returning(),
  );
  return row ?? null;
}

/** Records the result of an attempt. */
export async function writeResult(tx: Tx, run: TriggerRunRow, result: RunResult, attempts = run.attempts): Promise<TriggerRunRow> {
  const { outcome, message, correlationKey, instanceId, instances: found } = result;
  const [row] = await named(
    "writeTriggerRun",
    tx
      .update(triggerRuns)
      .set({ outcome, message, correlationKey, instanceId, instances: [...found], attempts, updatedAt: sql`app.weft_now()` })
      .where(eq(triggerRuns.id, run.id))
      .returning(),
  );
  if (!row) throw new Error("a trigger's run disappeared");
  return row;
}
