import { integrations as tables } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { type Executes, named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import { isAvailable, MAX_FAILURES } from "../integration.store.js";
import type { TriggerRow } from "./trigger.store.js";

const { integrations, integrationTriggers: triggers } = tables;

/** The first wait after a failed poll; each further failure doubles it, up to an hour. */
const RETRY_SECONDS = 60;
const MAX_RETRY_SECONDS = 3_600;
/** Delay if there are further new items already. It bounds what one trigger publishes to 600 events a minute. */
const MORE_SECONDS = 10;

/** Returns the tenants with polls to run, longest waiting first. Those of suspended tenants wait. Runs as weft_worker, across all tenants. */
export async function findTenantsWithPolls(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithPolls",
      sql`select p.tenant_id from events.integration_triggers p
        join identity.tenants t on t.tenant_id = p.tenant_id
        join events.integrations i on i.tenant_id = p.tenant_id and i.id = p.integration_id
      where p.status = 'ACTIVE' and p.next_poll_at <= now() and t.status = 'ACTIVE' and ${isAvailable}
      group by p.tenant_id order by min(p.next_poll_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** A poll that a worker has claimed. */
export interface ClaimedPoll {
  readonly id: string;
  readonly claimToken: string;
  readonly trigger: string;
  readonly configuration: unknown;
  readonly userId: string;
  readonly isFromBeginning: boolean;
  /** Whether an earlier poll has found the cursor. */
  readonly isStarted: boolean;
  /** Sealed. Null: everything is new. */
  readonly cursor: string | null;
  readonly integrationId: string;
  readonly connector: string;
  readonly integrationConfiguration: unknown;
  /** Sealed. */
  readonly credentials: string;
}

/**
 * Claims the poll that has waited longest, for the given number of seconds. After repeated failures, an integration is asked once at a time: the claim
 * blocks its other polls and calls. Null if none is due.
 */
export async function claimPoll(tx: Tx, { leaseSeconds }: { readonly leaseSeconds: number }): Promise<ClaimedPoll | null> {
  const [row] = await tx.execute<ClaimedPoll & Record<string, unknown>>(
    named(
      "claimIntegrationPoll",
      sql`with due as materialized (
        select p.id, i.id as integration_id, i.connector, i.configuration, i.credentials, i.failures_in_row
          from events.integration_triggers p
          join identity.tenants t on t.tenant_id = p.tenant_id and t.status = 'ACTIVE'
          join events.integrations i on i.tenant_id = p.tenant_id and i.id = p.integration_id
         where p.tenant_id = app.tenant() and p.status = 'ACTIVE' and p.next_poll_at <= now() and ${isAvailable}
         order by p.next_poll_at, p.id limit 1 for no key update of p, i skip locked
      ), blocked as (
        update events.integrations i set blocked_until = now() + make_interval(secs => ${leaseSeconds}::int)
          from due where i.tenant_id = app.tenant() and i.id = due.integration_id and due.failures_in_row >= ${MAX_FAILURES}::int
      )
      update events.integration_triggers p set claim_token = ${newId()}::uuid, last_polled_at = now(),
             next_poll_at = now() + make_interval(secs => ${leaseSeconds}::int)
        from due where p.tenant_id = app.tenant() and p.id = due.id
      returning p.id, p.claim_token as "claimToken", p.trigger, p.configuration, p.user_id as "userId", p.is_from_beginning as "isFromBeginning",
                p.started_at is not null as "isStarted", p.cursor, due.integration_id as "integrationId", due.connector,
                due.configuration as "integrationConfiguration", due.credentials`,
    ),
  );
  return row ?? null;
}

type Claim = Pick<ClaimedPoll, "id" | "claimToken" | "integrationId">;

/**
 * Locks the trigger of a claimed poll until the end of the transaction, after its integration, as changes of integrations do. Null if the result must be
 * dropped: another worker has taken the poll over, the trigger or its integration was changed, paused or deleted, or the tenant was suspended.
 */
export async function lockPoll(tx: Tx, { id, claimToken, integrationId }: Claim): Promise<TriggerRow | null> {
  const [integration] = await named(
    "lockIntegrationOfPoll",
    tx
      .select({ id: integrations.id })
      .from(integrations)
      .where(
        and(
          eq(integrations.id, integrationId),
          eq(integrations.status, "ACTIVE"),
          sql`exists (select from identity.tenants t where t.tenant_id = ${integrations.tenantId} and t.status = 'ACTIVE')`,
        ),
      )
      .for("no key update"),
  );
  if (integration === undefined) return null;
  const isClaimed = and(eq(triggers.id, id), eq(triggers.claimToken, claimToken), eq(triggers.status, "ACTIVE"));
  const [trigger] = await named("lockIntegrationPoll", tx.select().from(triggers).where(isClaimed).for("no key update"));
  return trigger ?? null;
}

export interface PollEnd {
  /** Sealed. */
  readonly cursor: string | null;
  readonly hasMore: boolean;
  readonly published: number;
  readonly ignored: number;
  readonly failed: number;
  /** Sealed: why items could not be published. Null if all could. */
  readonly error: string | null;
}

/** Records a poll that succeeded, and lets the next one wait for the interval. */
export async function endPoll(
  tx: Tx,
  { id }: Pick<Claim, "id">,
  { cursor, hasMore, published, ignored, failed, error }: PollEnd,
): Promise<void> {
  const added = (column: "published_count" | "ignored_count" | "failed_count", count: number) =>
    sql`least(${sql.raw(column)}::bigint + ${count}::int, 2147483647)::int`;
  await tx.execute(
    named(
      "endIntegrationPoll",
      sql`update events.integration_triggers set cursor = ${cursor}, started_at = coalesce(started_at, now()), is_from_beginning = false,
        claim_token = null, next_poll_at = now() + make_interval(secs => ${hasMore ? sql`${MORE_SECONDS}::int` : sql`interval_seconds`}),
        last_succeeded_at = now(), failures_in_row = 0,
        last_error = coalesce(${error}, last_error), last_error_at = case when ${error}::text is null then last_error_at else now() end,
        published_count = ${added("published_count", published)}, ignored_count = ${added("ignored_count", ignored)},
        failed_count = ${added("failed_count", failed)}
      where tenant_id = app.tenant() and id = ${id}::uuid`,
    ),
  );
}

/** Records a poll that failed. The cursor stays, so that the next poll finds the same items. @param error sealed */
export async function failPoll(
  tx: Tx,
  { id }: Pick<Claim, "id">,
  { error, retryAfterSeconds }: { readonly error: string; readonly retryAfterSeconds: number },
): Promise<void> {
  await tx.execute(
    named(
      "failIntegrationPoll",
      sql`update events.integration_triggers set claim_token = null, failures_in_row = failures_in_row + 1, last_error = ${error}, last_error_at = now(),
        next_poll_at = now() + make_interval(secs => greatest(least(${RETRY_SECONDS}::int * power(2, least(failures_in_row, 10)), ${MAX_RETRY_SECONDS}::int), ${retryAfterSeconds}::int))
      where tenant_id = app.tenant() and id = ${id}::uuid`,
    ),
  );
}

/** Gives a claimed poll back that was interrupted, so that another worker can run it at once. */
export async function releasePoll(tx: Tx, { id, claimToken }: Claim): Promise<void> {
  await tx.execute(
    named(
      "releaseIntegrationPoll",
      sql`update events.integration_triggers set claim_token = null, next_poll_at = now()
        where tenant_id = app.tenant() and id = ${id}::uuid and claim_token = ${claimToken}::uuid`,
    ),
  );
}
