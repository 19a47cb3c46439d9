import { asTenant, decodeId, type Services } from "@weft/shared";
import { inSlices } from "@weft/testkit/cost/sliced";
import type { TestTenant } from "@weft/testkit/test-tenant";
import type { TestUser } from "@weft/testkit/test-user";
import { rollUp } from "@weft/workflows";
import type postgres from "postgres";

const definition = `weft: 1
key: order
name: Order
initial: draft
states:
  draft: { transitions: { submit: { to: review } } }
  review: { transitions: { approve: { to: check } } }
  check: { transitions: { accept: { to: done }, reject: { to: rejected } } }
  done: { final: completed }
  rejected: { final: rejected }
`;

const BATCH = 1_000;

/** A tenant with a year of instances that the roll-up has counted. */
export interface StatisticsCompany {
  readonly name: string;
  readonly tenantId: string;
  readonly admin: TestUser;
}

/** Opens a tenant, writes this many instances that were started evenly over a year, and counts them as the consumer does. */
export async function openStatisticsCompany(
  owner: postgres.Sql,
  { databases }: Pick<Services, "databases">,
  tenant: TestTenant,
  { name, count }: { readonly name: string; readonly count: number },
): Promise<StatisticsCompany> {
  const definitionId = decodeId("definition", await tenant.definition(definition));
  await fill(owner, tenant.id, definitionId, count);
  // A running server would have done this while the rows were written, one after the other.
  for (const table of ["instances", "history", "statistics_instances"]) await owner.unsafe(`vacuum analyze workflows.${table}`);
  for (let start = 0; start < count; start += BATCH) {
    const ids = Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => idOf(start + index));
    await asTenant(databases.app, { tenantId: tenant.id }, "write", (tx) => rollUp(tx, ids));
  }
  return { name, tenantId: tenant.id, admin: tenant.admin };
}

const idOf = (n: number): string => `00000000-0000-7000-a000-${n.toString(16).padStart(12, "0")}`;

/** Writes instances with their history, as far as it has happened by now. Every tenth is rejected. Stays take minutes in a state, or days in another. */
async function fill(sql: postgres.Sql, tenantId: string, definitionId: string, count: number): Promise<void> {
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    // The days of the period must have instances of the same moments in all sizes, so the last one was started a moment ago.
    await tx`create temporary table filled on commit drop as
      select n, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid as id, n % 10 = 7 as is_rejected, started_at,
             started_at + (60 + n::bigint * 7919 % 7200) * interval '1 second' as submitted_at,
             started_at + (60 + n::bigint * 7919 % 7200 + 600 + n::bigint * 104729 % 172800) * interval '1 second' as approved_at,
             started_at + (60 + n::bigint * 7919 % 7200 + 600 + n::bigint * 104729 % 172800 + 60 + n::bigint * 1299709 % 86400) * interval '1 second' as ended_at
        from (select n, date_trunc('second', now()) - ${365 * 86_400}::float8 * (${count} - n) / ${count} * interval '1 second' as started_at
                from generate_series(${from}::int, ${to - 1}::int) n) s`;
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at, finished_at)
      select ${tenantId}::uuid, id, ${definitionId}::uuid, 'order',
             case when ended_at <= now() then case when is_rejected then 'rejected' else 'done' end when approved_at <= now() then 'check' when submitted_at <= now() then 'review' else 'draft' end,
             case when ended_at <= now() then 'COMPLETED' else 'RUNNING' end, '{}',
             1 + (submitted_at <= now())::int + (approved_at <= now())::int + (ended_at <= now())::int, md5((n % 1000)::text)::uuid, started_at,
             greatest(started_at, case when submitted_at <= now() then submitted_at end, case when approved_at <= now() then approved_at end, case when ended_at <= now() then ended_at end),
             case when ended_at <= now() then ended_at end
        from filled`;
    await tx`insert into workflows.history (tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, at)
      select ${tenantId}::uuid, ('00000000-0000-7000-9000-' || lpad(to_hex(n * 4 + s.version), 12, '0'))::uuid, id, s.version, s.kind, s.transition, s.from_state, s.to_state,
             md5((n % 1000)::text)::uuid, s.at
        from filled cross join lateral (values
          (1, 'START', null, null, 'draft', started_at),
          (2, 'TRANSITION', 'submit', 'draft', 'review', submitted_at),
          (3, 'TRANSITION', 'approve', 'review', 'check', approved_at),
          (4, 'TRANSITION', case when is_rejected then 'reject' else 'accept' end, 'check', case when is_rejected then 'rejected' else 'done' end, ended_at)
        ) s(version, kind, transition, from_state, to_state, at) where s.at <= now()`;
    await tx`drop table filled`;
  });
}

/** Numbers of a period, as the statistics answer them. */
export interface Numbers {
  readonly started: number;
  readonly completed: number;
  readonly rejected: number;
  readonly unfinished: number;
  /** Time from start to end in seconds. */
  readonly medianSeconds: number | null;
  /** Number of departures by state and transition. */
  readonly departures: Readonly<Record<string, number>>;
}

/** Counts a period in the plainest way: from the rows. */
export async function recount(owner: postgres.Sql, tenantId: string, from: string, to: string): Promise<Numbers> {
  const [row] = await owner<Omit<Numbers, "departures">[]>`
    select count(*) filter (where created_at >= ${from} and created_at < ${to})::int as started,
           count(*) filter (where finished_at >= ${from} and finished_at < ${to} and state = 'done')::int as completed,
           count(*) filter (where finished_at >= ${from} and finished_at < ${to} and state = 'rejected')::int as rejected,
           count(*) filter (where finished_at is null)::int as unfinished,
           percentile_disc(0.5) within group (order by extract(epoch from finished_at - created_at)::float8)
             filter (where finished_at >= ${from} and finished_at < ${to}) as "medianSeconds"
      from workflows.instances where tenant_id = ${tenantId}`;
  const departures = await owner<{ name: string; count: number }[]>`
    select from_state || '/' || transition as name, count(*)::int as count from workflows.history
     where tenant_id = ${tenantId} and kind = 'TRANSITION' and at >= ${from} and at < ${to} group by 1`;
  if (!row) throw new Error("A count gave no row.");
  return { ...row, departures: Object.fromEntries(departures.map(({ name, count }) => [name, count])) };
}
