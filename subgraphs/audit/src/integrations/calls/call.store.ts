import { integrations as tables } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { deleteOld } from "@weft/platform/cleaning";
import { type Executes, named, type Tx, writtenRow } from "@weft/platform/db";
import { channelResumedAt, isChannelOpen } from "../../queues/resumption.js";
import { isAvailable, MAX_FAILURES } from "../integration.store.js";
import { and, eq, gt, inArray, isNotNull, isNull, ne, or, type SQL, sql } from "drizzle-orm";

const { integrationCalls: calls, integrations } = tables;

export type CallRow = typeof calls.$inferSelect;

/** The first wait; each further failure doubles it. */
const BLOCK_SECONDS = 30;
const MAX_BLOCK_SECONDS = 900;

export async function insertCall(tx: Tx, values: typeof calls.$inferInsert): Promise<CallRow> {
  const [row] = await named("insertIntegrationCall", tx.insert(calls).values(values).returning());
  if (row === undefined) throw new Error("The insertion of a call returned no row.");
  return row;
}

export async function findCall(tx: Tx, id: string): Promise<CallRow | null> {
  const [row] = await named("findIntegrationCall", tx.select().from(calls).where(eq(calls.id, id)));
  return row ?? null;
}

/** Makes an ended call pending again. Null if it has not ended, or succeeded. */
export const renewCall = (tx: Tx, id: string): Promise<CallRow | null> =>
  writtenRow(
    named(
      "renewIntegrationCall",
      tx
        .update(calls)
        .set({
          status: "PENDING",
          attempts: 0,
          nextAttemptAt: sql`now()`,
          claimToken: null,
          finishedAt: null,
          // A failure that only stopped the instance: the result of the next attempt counts.
          followUpError: sql`case when ${calls.followUpStatus} is not null then ${calls.followUpError} end`,
          version: sql`${calls.version} + 1`,
          updatedAt: sql`now()`,
        })
        .where(and(eq(calls.id, id), inArray(calls.status, ["FAILED", "UNKNOWN", "DEAD", "EXPIRED"])))
        .returning(),
    ),
  );

export async function findIntegrationByKey(tx: Tx, key: string): Promise<typeof integrations.$inferSelect | null> {
  const [row] = await named("findIntegrationByKey", tx.select().from(integrations).where(eq(integrations.key, key)));
  return row ?? null;
}

/** Returns the calls of an instance that have ended and had no effect on it yet, oldest first. */
export const findWaitingCalls = (tx: Tx, instanceId: string): Promise<CallRow[]> =>
  named(
    "findWaitingIntegrationCalls",
    tx
      .select()
      .from(calls)
      .where(
        and(
          eq(calls.instanceId, instanceId),
          ne(calls.status, "PENDING"),
          isNull(calls.followUpStatus),
          isNotNull(calls.followUp),
          // Failures that stopped the instance have had their effect.
          or(eq(calls.status, "DONE"), isNull(calls.followUpError)),
        ),
      )
      .orderBy(calls.id),
  );

/** Whether the instance has made a later call whose result is, or can still be, written to the same path. Failed calls write nothing. */
export async function hasLaterCall(
  tx: Tx,
  { id, instanceId, into }: { readonly id: string; readonly instanceId: string; readonly into: readonly string[] },
): Promise<boolean> {
  const [row] = await named(
    "hasLaterIntegrationCall",
    tx
      .select({ id: calls.id })
      .from(calls)
      .where(
        and(
          eq(calls.instanceId, instanceId),
          gt(calls.id, id),
          inArray(calls.status, ["PENDING", "DONE"]),
          sql`${calls.followUp}->'into' = ${JSON.stringify(into)}::text::jsonb`,
        ),
      )
      .limit(1),
  );
  return row !== undefined;
}

/** Whether calls of an integration `i` can be sent now. */
const isOpen = sql`${isAvailable} and (i.limited_until is null or i.limited_until <= now())`;

/**
 * Returns the tenants with calls to send, longest waiting first. Those of suspended tenants wait. Runs as weft_worker, across all tenants. Skips from
 * integration to integration in the index: the many calls of one that is paused are never read.
 */
export async function findTenantsWithCalls(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithCalls",
      sql`with recursive waiting as (
        (select c.tenant_id, c.integration_id, c.next_attempt_at from events.integration_calls c
          where c.status = 'PENDING' order by c.tenant_id, c.integration_id, c.next_attempt_at limit 1)
        union all
        select n.tenant_id, n.integration_id, n.next_attempt_at from waiting w cross join lateral (
          select c.tenant_id, c.integration_id, c.next_attempt_at from events.integration_calls c
           where c.status = 'PENDING' and (c.tenant_id, c.integration_id) > (w.tenant_id, w.integration_id)
           order by c.tenant_id, c.integration_id, c.next_attempt_at limit 1) n
      )
      select w.tenant_id from waiting w
        join identity.tenants t on t.tenant_id = w.tenant_id
        join events.integrations i on i.tenant_id = w.tenant_id and i.id = w.integration_id
      where w.next_attempt_at <= now() and t.status = 'ACTIVE' and ${isOpen}
        and ${isChannelOpen("CALL", sql`w.tenant_id`)}
      group by w.tenant_id order by min(w.next_attempt_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** A call that a sender has claimed. */
export interface ClaimedCall {
  readonly id: string;
  readonly action: string;
  /** Sealed. */
  readonly input: string;
  /** Number of attempts, including this one. */
  readonly attempts: number;
  readonly claimToken: string;
  /** Whether the sender of the attempt before never reported its result. */
  readonly wasInterrupted: boolean;
  /** Whether it waited for so long that it must not be sent any more. */
  readonly isExpired: boolean;
  readonly instanceId: string | null;
  readonly integrationId: string;
  readonly connector: string;
  readonly configuration: unknown;
  /** Sealed. */
  readonly credentials: string;
}

/** Days after which a call that could not be sent is not sent any more, as after the restore of an old backup. */
const MAX_AGE_DAYS = 1;

export interface CallLimits {
  /** Attempts of one integration in a clock hour. */
  readonly perIntegration: number;
  /** Attempts of all integrations of the tenant in a clock hour. */
  readonly perTenant: number;
}

/**
 * Claims the call that has waited longest, for the given number of seconds. After repeated failures, an integration has one call at a time: the claim
 * blocks the others. The claim that reaches a limit lets the calls of the integration, or of all of them, wait for the next hour; concurrent claims
 * can exceed the limit of the tenant by a few. Reads one call of each integration that is open. Null if none is due.
 */
export async function claimCall(
  tx: Tx,
  { leaseSeconds, limits }: { readonly leaseSeconds: number; readonly limits: CallLimits },
): Promise<ClaimedCall | null> {
  const [row] = await tx.execute<ClaimedCall & { readonly isLimited: boolean } & Record<string, unknown>>(
    named(
      "claimIntegrationCall",
      sql`with due as materialized (
        select c.id, c.was_interrupted, i.id as integration_id, i.connector, i.configuration, i.credentials, i.failures_in_row,
               -- Nothing could be sent before: the tenant was suspended, the channel or the integration paused, or the integration had to wait.
               greatest(c.next_attempt_at, t.updated_at, ${channelResumedAt("CALL")}, i.resumed_at, i.limited_until, i.blocked_until) < now() - make_interval(days => ${MAX_AGE_DAYS}::int) as is_expired,
               case when i.hour_started_at = date_trunc('hour', now(), 'UTC') then i.calls_in_hour else 0 end + 1 as calls_in_hour
          from events.integrations i join identity.tenants t on t.tenant_id = i.tenant_id and t.status = 'ACTIVE' cross join lateral (
            select c.id, c.next_attempt_at, c.claim_token is not null as was_interrupted from events.integration_calls c
             where c.tenant_id = app.tenant() and c.integration_id = i.id and c.status = 'PENDING' and c.next_attempt_at <= now()
             order by c.next_attempt_at, c.id limit 1 for no key update skip locked) c
         where i.tenant_id = app.tenant() and ${isOpen}
           and ${isChannelOpen("CALL")}
         order by c.next_attempt_at, c.id limit 1 for no key update of i skip locked
      ), counted as (
        update events.integrations i set hour_started_at = date_trunc('hour', now(), 'UTC'), calls_in_hour = due.calls_in_hour,
               -- The times until which it had to wait are overwritten, but still count for its other calls.
               resumed_at = greatest(i.resumed_at, i.limited_until, i.blocked_until),
               limited_until = case when due.calls_in_hour >= ${limits.perIntegration}::int then date_trunc('hour', now(), 'UTC') + interval '1 hour' end,
               blocked_until = case when due.failures_in_row >= ${MAX_FAILURES}::int then now() + make_interval(secs => ${leaseSeconds}::int) else i.blocked_until end
          from due where i.tenant_id = app.tenant() and i.id = due.integration_id and not due.is_expired
      )
      update events.integration_calls c set attempts = c.attempts + case when due.is_expired then 0 else 1 end, claim_token = ${newId()}::uuid,
             next_attempt_at = now() + make_interval(secs => ${leaseSeconds}::int)
        from due where c.tenant_id = app.tenant() and c.id = due.id
      returning c.id, c.action, c.input, c.attempts, c.claim_token as "claimToken", due.was_interrupted as "wasInterrupted",
                due.is_expired as "isExpired", c.instance_id as "instanceId", due.integration_id as "integrationId", due.connector,
                due.configuration, due.credentials, (
                  select coalesce(sum(o.calls_in_hour), 0) + 1 from events.integrations o
                   where o.tenant_id = app.tenant() and o.hour_started_at = date_trunc('hour', now(), 'UTC')) >= ${limits.perTenant}::int as "isLimited"`,
    ),
  );
  if (row === undefined) return null;
  const { isLimited, ...call } = row;
  if (isLimited) await limitIntegrations(tx);
  return call;
}

/** Lets the calls of all integrations wait for the next hour. One that another transaction changes is limited by its next claim. */
async function limitIntegrations(tx: Tx): Promise<void> {
  await tx.execute(
    named(
      "limitIntegrations",
      sql`update events.integrations i set limited_until = date_trunc('hour', now(), 'UTC') + interval '1 hour'
        where i.tenant_id = app.tenant() and i.id in (
          select o.id from events.integrations o where o.tenant_id = app.tenant() and o.limited_until is distinct from date_trunc('hour', now(), 'UTC') + interval '1 hour'
           order by o.id for no key update skip locked)`,
    ),
  );
}

export interface CallEnd {
  readonly status: "DONE" | "FAILED" | "UNKNOWN" | "DEAD" | "EXPIRED";
  /** Sealed. */
  readonly result: string | null;
  readonly error: string | null;
}

type Claim = Pick<ClaimedCall, "id" | "claimToken">;

/** Changes a claimed call, and ends its claim. Returns the version of the call. Null if another sender has taken it over. */
async function endClaim(tx: Tx, name: string, { id, claimToken }: Claim, set: SQL): Promise<number | null> {
  const [row] = await tx.execute<{ version: number }>(
    named(
      name,
      sql`update events.integration_calls set ${set}, claim_token = null, updated_at = now()
      where tenant_id = app.tenant() and id = ${id}::uuid and claim_token = ${claimToken}::uuid and status = 'PENDING' returning version`,
    ),
  );
  return row?.version ?? null;
}

/** Records the end of a claimed call, and returns its version. Null if another sender has taken it over. */
export const endCall = (tx: Tx, call: Claim, { status, result, error }: CallEnd): Promise<number | null> =>
  endClaim(
    tx,
    "endIntegrationCall",
    call,
    sql`status = ${status}, result = ${result}, error = ${error}, finished_at = now(), version = version + 1`,
  );

/** Schedules the next attempt at a claimed call. False if another sender has taken it over. */
export async function postponeCall(
  tx: Tx,
  call: Claim,
  { seconds, error }: { readonly seconds: number; readonly error: string },
): Promise<boolean> {
  const next = sql`next_attempt_at = now() + make_interval(secs => ${seconds}::double precision), error = ${error}`;
  return (await endClaim(tx, "postponeIntegrationCall", call, next)) !== null;
}

/** Records what the result of a call did to its instance. */
export async function recordFollowUp(
  tx: Tx,
  id: string,
  { status, error }: { readonly status: "DONE" | "SKIPPED" | "FAILED" | null; readonly error: string | null },
): Promise<void> {
  await named(
    "recordCallFollowUp",
    tx
      .update(calls)
      .set({ followUpStatus: status, followUpError: error, version: sql`${calls.version} + 1`, updatedAt: sql`now()` })
      .where(eq(calls.id, id)),
  );
}

/**
 * Records an attempt for the integration. `system`: whether the system answered; its failures in a row let calls wait, longer each time. `ended`:
 * whether the call succeeded or not, if it has ended.
 */
export async function recordUse(
  tx: Tx,
  integrationId: string,
  {
    system,
    ended,
    error,
  }: { readonly system: "answered" | "failed" | "forbidden"; readonly ended: "done" | "failed" | null; readonly error: string | null },
): Promise<void> {
  const failed = system === "failed";
  await tx.execute(
    named(
      "recordIntegrationUse",
      sql`update events.integrations set
        failures_in_row = case when ${failed} then failures_in_row + 1 else 0 end,
        blocked_until = case when ${failed} and failures_in_row + 1 >= ${MAX_FAILURES}::int
          then now() + make_interval(secs => least(${BLOCK_SECONDS}::int * power(2, least(failures_in_row + 1 - ${MAX_FAILURES}::int, 10)), ${MAX_BLOCK_SECONDS}::int)) end,
        health = case when ${system === "answered"} then 'HEALTHY' else 'UNHEALTHY' end,
        last_error = coalesce(${error}, last_error), last_error_at = case when ${error}::text is null then last_error_at else now() end,
        call_count = call_count + ${ended === null ? 0 : 1}::int, failed_call_count = failed_call_count + ${ended === "failed" ? 1 : 0}::int,
        last_called_at = case when ${ended !== null} then now() else last_called_at end
      where tenant_id = app.tenant() and id = ${integrationId}::uuid`,
    ),
  );
}

/** Whether the result of a call `q` of a workflow is still to have its effect. Results for instances that have ended have none. */
const isAwaited = sql`(q.instance_id is not null and q.follow_up_status is null and q.follow_up_error is null and exists (
  select from workflows.instances s where s.tenant_id = q.tenant_id and s.id = q.instance_id and s.finished_at is null))`;

/**
 * Returns the number of calls of an integration whose result a workflow still waits for. Locks the integration until the transaction ends, so that no
 * other call is added.
 */
export async function countAwaitedCalls(tx: Tx, integrationId: string): Promise<number> {
  const locking = tx.select({ id: integrations.id }).from(integrations).where(eq(integrations.id, integrationId)).for("update");
  await named("lockIntegration", locking);
  const rows = await tx.execute<{ count: number }>(
    named(
      "countAwaitedIntegrationCalls",
      sql`select count(*)::int as count from events.integration_calls q
        where q.tenant_id = app.tenant() and q.integration_id = ${integrationId}::uuid and ${isAwaited}`,
    ),
  );
  return rows[0]?.count ?? 0;
}

/**
 * Deletes calls that ended more than this number of days ago, in the tenant's transaction, except those whose result a workflow still waits for. Runs as
 * weft_worker.
 */
export const deleteOldCalls = (tx: Tx, old: { readonly days: number; readonly limit: number }): Promise<number> =>
  deleteOld(tx, {
    name: "IntegrationCalls",
    table: "events.integration_calls",
    where: sql`q.status <> 'PENDING' and not ${isAwaited}`,
    since: "finished_at",
    ...old,
  });
