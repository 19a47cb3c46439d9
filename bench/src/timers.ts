import { CallBatches } from "@weft/engine";
import type { Database } from "@weft/platform/db";
import { until } from "@weft/testkit/until";
import { dueSources, startDueWork } from "@weft/workflows";
import { postgres } from "@weft/pg-driver";
import { closedLoop } from "./harness/load/closed-loop.js";
import { spentSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { settingsNote } from "./harness/systems/database.js";
import { startSite } from "./harness/systems/services.js";
import { anEngineTenant, type EngineTenant, submitAndWait } from "./harness/tenants/engine-tenant.js";
import { aTimedTenant, makeDue, timesOf } from "./harness/tenants/timed-tenant.js";

const users = 20;
/** Between two transitions of a user. They leave the machine half of its time. */
const thinkMs = 40;
const alone = "users alone";
const meanwhile = "users while timers fire";
const timersAlone = "timers alone";

/**
 * P9 (a): of many armed timers of one tenant, ten thousand are due at once. Measures how long each waits for its effect, how many fire per second, and
 * what is left to the users of another tenant meanwhile.
 */
export async function run({ quick, only = "" }: BenchOptions): Promise<Report> {
  const [armed, due] = quick ? [10_000, 1_000] : [100_000, 10_000];
  const site = await startSite({ track_commit_timestamp: "on" });
  const { databases, pubsub, log } = site.services;
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const work = await startDueWork({ sources: dueSources(site.services), databases, pubsub, log });
  try {
    const others = await anEngineTenant(databases.app, quick ? 500 : 2_000);
    const tenantId = await aTimedTenant(owner, armed);
    await owner`vacuum analyze`;
    let transitions = 0;
    let fired = 0;
    const batches = new CallBatches(databases.app);
    const loop = async (forMs: number) => {
      const result = await closedLoop(users, forMs, act(databases.app, batches, others));
      transitions += result.done;
      return { "transitions/s": result.perSecond, "their p50 ms": result.p50Ms - thinkMs, "their p99 ms": result.p99Ms - thinkMs };
    };
    const drain = async () => {
      const before = await spentSeconds(owner);
      const round = await makeDue(owner, tenantId, { count: due, inMs: 500 });
      await until(async () => (await timesOf(owner, round)).length === due, {
        what: "every timer has fired",
        deadlineMs: 300_000,
        everyMs: 250,
      });
      fired += due;
      const times = await timesOf(owner, round);
      const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
      return {
        "timers/s": (due / at(1)) * 1_000,
        "effect p50 ms": at(0.5),
        "effect p99 ms": at(0.99),
        "ms of processor per timer": (((await spentSeconds(owner)) - before) / due) * 1_000,
      };
    };
    const settled = async (): Promise<void> => {
      await owner`vacuum analyze workflows.timers`;
      await owner`checkpoint`;
    };
    const contestants: Contestant[] = [
      { name: timersAlone, run: async () => (await settled(), drain()) },
      { name: alone, run: async () => (await settled(), loop(quick ? 2_000 : 8_000)) },
      {
        name: meanwhile,
        run: async () => {
          await settled();
          const draining = drain();
          const acting = loop(quick ? 2_000 : 8_000);
          const [timers, people] = await Promise.all([draining, acting]);
          return {
            ...people,
            "timers/s": timers["timers/s"],
            "effect p50 ms": timers["effect p50 ms"],
            "effect p99 ms": timers["effect p99 ms"],
          };
        },
      },
    ];
    const rounds = await alternate(
      contestants.filter(({ name }) => name.includes(only)),
      quick ? 1 : 3,
    );
    await assertComplete(owner, { others, transitions, tenantId, fired });
    const figures = [
      "timers/s",
      "effect p50 ms",
      "effect p99 ms",
      "ms of processor per timer",
      "transitions/s",
      "their p50 ms",
      "their p99 ms",
    ];
    return {
      title: `${due.toLocaleString("en")} of ${armed.toLocaleString("en")} armed timers of a tenant are due at once`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOrDash(medianOf(rounds, name, figure)))]),
      ratio: {
        what: "transitions of users while timers fire / alone",
        value: ratioOf(rounds, "transitions/s", meanwhile, alone),
        goal: "≥ 0.9",
      },
      notes: [
        `${settingsNote}; worker and users in one process. ${users} users of another tenant wait ${thinkMs} ms between transitions.`,
        "Effect: from the due time to the commit of what the timer causes, which fires a transition into a state with a timer of its own.",
        `Correct: ${fired} timers have fired, each with one transition, event and audit entry; ${transitions} transitions of users, as many versions.`,
      ],
      rounds,
    };
  } finally {
    await work.stop();
    await owner.end();
    await site.remove();
  }
}

const medianOrDash = (value: number): number | string => (Number.isNaN(value) ? "–" : value);

function act(app: Database, batches: CallBatches, tenant: EngineTenant) {
  const mine = Math.floor(tenant.instanceIds.length / users);
  return async (worker: number, turn: number): Promise<void> => {
    const id = tenant.instanceIds[worker + users * (turn % mine)] ?? "";
    await submitAndWait(app, batches, tenant, { firing: { id, transition: "swing", actor: tenant.actor } });
    await new Promise((resolve) => void setTimeout(resolve, thinkMs));
  };
}

async function assertComplete(
  owner: postgres.Sql,
  { others, transitions, tenantId, fired }: { others: EngineTenant; transitions: number; tenantId: string; fired: number },
): Promise<void> {
  const [users] = await owner<
    { sum: number }[]
  >`select sum(version - 1)::int as sum from workflows.instances where tenant_id = ${others.tenantId}`;
  if (users?.sum !== transitions)
    throw new Error(`${transitions} transitions of users were accepted, and their instances have ${users?.sum}.`);
  const [made] = await owner<Record<string, number>[]>`
    select (select count(*)::int from workflows.timers where tenant_id = ${tenantId} and status = 'FIRED') as timers,
           (select sum(version - 1)::int from workflows.instances where tenant_id = ${tenantId}) as versions,
           (select count(*)::int from workflows.history where tenant_id = ${tenantId} and is_automatic and input->>'timer' = 'swing') as history,
           (select count(*)::int from events.log where tenant_id = ${tenantId} and type = 'workflow.transitioned') as events,
           (select count(*)::int from audit.entries where tenant_id = ${tenantId}) as audit`;
  if (!made || Object.values(made).some((count) => count !== fired))
    throw new Error(`${fired} timers have fired, and the tables have ${JSON.stringify(made)}.`);
}
