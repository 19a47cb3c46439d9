import { newId } from "@weft/shared";
import { until } from "@weft/testkit/until";
import postgres from "postgres";
import { closedLoop } from "../harness/load/closed-loop.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, medianOf, ratioOf } from "../harness/rounds.js";
import { startSite } from "../harness/systems/services.js";
import { openTwoSteps } from "./two-steps.js";

const alone = "alone";
const flooded = "while the other tenant's steps are done";

/** How long a run of one tenant takes while ten thousand steps of another one are due. The worker has its usual number of places. */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const twoSteps = await openTwoSteps(site, site.services.config.automation.stepsAtOnce);
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const flood = quick ? 2_000 : 10_000;
  try {
    const [busy, quiet] = [await twoSteps.aTenant(), await twoSteps.aTenant()];
    const template = await twoSteps.once(busy);
    const left = async (): Promise<number> => {
      const [row] = await owner<{ count: number }[]>`
        select count(*)::int as count from workflows.run_steps where tenant_id = ${busy.tenantId} and status <> 'SUCCEEDED'`;
      return row?.count ?? Number.NaN;
    };
    const measure = async (forMs: number): Promise<Record<string, number>> => {
      const { done, p50Ms, p99Ms } = await closedLoop(1, forMs, async () => void (await twoSteps.once(quiet)));
      return { runs: done, "p50 ms": p50Ms, "p99 ms": p99Ms };
    };
    const forMs = quick ? 1_000 : 3_000;
    const contestants = [
      { name: alone, run: () => measure(forMs) },
      {
        name: flooded,
        run: async () => {
          await makeDue(owner, template, flood);
          await twoSteps.once(busy);
          const before = await left();
          const sample = await measure(forMs);
          const meanwhile = before - (await left());
          await until(async () => (await left()) === 0, { what: "the flood has ended", deadlineMs: 300_000, everyMs: 200 });
          if (meanwhile === 0) throw new Error("Nothing of the flood was done meanwhile.");
          return { ...sample, "steps of the flood": meanwhile };
        },
      },
    ];
    await measure(500);
    const rounds = await alternate(contestants, quick ? 1 : 3);
    const figures = ["runs", "p50 ms", "p99 ms", "steps of the flood"];
    return {
      title: `Flood  a tenant's single run while ${flood.toLocaleString("en")} runs of another one have a due step`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => orDash(medianOf(rounds, name, figure)))]),
      ratio: { what: "p99 of a run during the flood / alone", value: ratioOf(rounds, "p99 ms", flooded, alone), goal: "delay < 1,000 ms" },
      notes: ["Runs of two steps, one after the other. The runs of the flood have their second step left, so all of them end."],
      rounds,
    };
  } finally {
    await twoSteps.stop();
    await owner.end();
    await site.remove();
  }
}

const orDash = (value: number): number | string => (Number.isNaN(value) ? "–" : value);

/** Copies the run of an instance, with its second step due. */
async function makeDue(owner: postgres.Sql, template: string, count: number): Promise<void> {
  const round = newId();
  await owner`with one as (select i.*, r.profile from workflows.instances i join workflows.runs r on r.instance_id = i.id where i.id = ${template}), made as (
      insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select tenant_id, gen_random_uuid(), definition_id, definition_key, 'running', 'RUNNING', data, 1, owner_id, now(), now()
        from one cross join generate_series(1, ${count}::int)
      returning tenant_id, id, definition_id, owner_id, created_at
    ), chronicle as (
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, comment, at)
      select tenant_id, gen_random_uuid(), id, 1, 'START', 'running', owner_id, ${round}, created_at from made
    ), begun as (
      insert into workflows.runs (tenant_id, id, instance_id, definition_id, state, instance_version, inputs, has_begun, profile, created_at)
      select m.tenant_id, gen_random_uuid(), m.id, m.definition_id, 'running', 1, '{}', true, one.profile, m.created_at from made m cross join one
      returning tenant_id, id
    ), first as (
      insert into workflows.run_steps (tenant_id, run_id, step, id, status, attempt, ended, outputs)
      select tenant_id, id, 'first', gen_random_uuid(), 'SUCCEEDED', 1, 1, '{}' from begun
    )
    insert into workflows.run_steps (tenant_id, run_id, step, id, status, due_at)
    select tenant_id, id, 'second', gen_random_uuid(), 'READY', clock_timestamp() from begun`;
  await owner`vacuum analyze`;
}
