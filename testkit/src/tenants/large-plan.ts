import { decodeId } from "@weft/shared/ids";
import type { postgres } from "@weft/pg-driver";
import type { TestUser } from "../test-user.js";

/**
 * How the tasks of a large plan hang together. `mixed`: summary tasks of nineteen tasks each, with dependencies of all four kinds, lags, and milestones.
 * `chain`: each task depends on the one before it. `tree`: ten levels. `star`: all depend on the first one.
 */
export type PlanShape = "mixed" | "chain" | "tree" | "star";

/**
 * Fills the plan of a new project, bypassing the API, and returns the UUIDs of its tasks in the order of the plan. `mixed` plans have about six dependencies
 * for five tasks.
 */
export async function fillPlan(
  owner: postgres.Sql,
  admin: TestUser,
  {
    projectId,
    tenantId,
    size,
    shape,
  }: { readonly projectId: string; readonly tenantId: string; readonly size: number; readonly shape: PlanShape },
): Promise<string[]> {
  const project = decodeId("project", projectId);
  const parentOf: Readonly<Record<PlanShape, string>> = {
    mixed: "case when n % 20 = 0 then null else n - n % 20 end",
    chain: "null::int",
    // Each of the first nine tasks contains the next one, and the ninth contains the others.
    tree: "case when n = 0 then null else least(n - 1, 8) end",
    star: "null::int",
  };
  const edgesOf: Readonly<Record<PlanShape, string>> = {
    mixed: `select n as source, n + 1 + (n * 7919) % 50 as target, n from generate_series(0, ${Math.floor(size * 1.3)} - 1) given
      cross join lateral (select given % ${size} as n) s`,
    chain: `select n - 1 as source, n as target, n from generate_series(1, ${size - 1}) n`,
    tree: `select n - 1 as source, n as target, n from generate_series(10, ${size - 1}) n where n % 10 < 2`,
    star: `select 0 as source, n as target, n from generate_series(1, ${size - 1}) n`,
  };
  const id = (n: string): string => `(overlay('${project}' placing lpad(to_hex(${n}), 12, '0') from 25))::uuid`;
  const tasks = await owner.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
    await tx.unsafe(
      `insert into vendors.project_plans (tenant_id, project_id, start_at) values ($1, $2, '2026-03-02T09:00:00Z')
         on conflict (tenant_id, project_id) do update set start_at = excluded.start_at, version = vendors.project_plans.version + 1`,
      [tenantId, project],
    );
    await tx.unsafe(
      `insert into vendors.project_tasks (tenant_id, id, project_id, parent_id, position, name, duration_minutes, created_by, created_at, updated_at)
       select $1::uuid, ${id("n")}, $2::uuid, case when parent is not null then ${id("parent")} end, n + 1, 'Task ' || n,
              case when n % 23 = 0 then 0 else 60 * (1 + n * 7919 % 16) end, $3::uuid, now(), now()
         from (select n, ${parentOf[shape]} as parent from generate_series(0, ${size - 1}) n) given`,
      [tenantId, project, decodeId("user", admin.id)],
    );
    await tx.unsafe(
      `insert into vendors.project_task_dependencies (tenant_id, id, project_id, predecessor_id, successor_id, kind, lag_minutes, created_at, updated_at)
       select $1::uuid, app.uuid_v7(), $2::uuid, ${id("source")}, ${id("target")},
              (array['FINISH_TO_START', 'START_TO_START', 'FINISH_TO_FINISH', 'START_TO_FINISH'])[1 + n % 4], n * 13 % 960 - 240, now(), now()
         from (${edgesOf[shape]}) given
        where target < ${size} and ($3 <> 'mixed' or (source % 20 <> 0 and target % 20 <> 0))
       on conflict do nothing`,
      [tenantId, project, shape],
    );
    return tx<{ id: string }[]>`select id from vendors.project_tasks where project_id = ${project} order by id`;
  });
  await owner.unsafe("analyze vendors.project_tasks, vendors.project_task_dependencies");
  return tasks.map(({ id: one }) => one);
}
