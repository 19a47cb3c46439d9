import { closeServices, openServices } from "@weft/api/subgraph";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import { postgres } from "@weft/pg-driver";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Rounds, show } from "../harness/rounds.js";
import { settingsNote } from "../harness/systems/database.js";
import { startSite } from "../harness/systems/services.js";
import { anEngineTenant } from "../harness/tenants/engine-tenant.js";
import { openGraphileWorker } from "./graphile-worker-queue.js";
import { openPgBoss } from "./pg-boss-queue.js";
import { contestantOf, JOBS_PER_TRANSACTION, WRITERS } from "./queue.js";
import { openSkipLocked } from "./skip-locked-queue.js";
import { transitionContestants } from "./transitions-with-relay.js";
import { openWeftEvents } from "./weft-events-queue.js";
import { openWeftQueue } from "./weft-queue.js";
import { timersContestant } from "./weft-timers.js";

const boss = "pg-boss, batches of 100";
const graphile = "graphile-worker, local queue";
const raw = "SKIP LOCKED, batches of 100";
const events = "Weft, events";
const queued = "Weft, queue, batches of 100";
const queuedInLargeBatches = "Weft, queue, batches of 500";
const timers = "Weft, timers that fire a transition";
const alone = "Weft, transitions without the relay";
const relayed = "Weft, transitions with the relay";

const figures = [
  "handled/s",
  "written per processor second",
  "handled per processor second",
  "both per processor second",
  "transitions/s",
  "transitions per processor second",
] as const;

/**
 * P9: compares events of Weft (written in a transaction, numbered, published, and handled by a consumer) with jobs of pg-boss and graphile-worker, and
 * with a plain table. All are written in the transaction of a business row, on the same PostgreSQL server, and handled by this process. Handlers do
 * nothing, so that only the queues are compared.
 */
export async function run({ quick, only = "" }: BenchOptions): Promise<Report> {
  const site = await startSite({ track_commit_timestamp: "on" });
  const services = await openServices({ ...site.env, DATABASE_POOL_SIZE: String(WRITERS + 4) });
  const { database } = site;
  await ensureDatabase(database.ownerUrl, "weft_peers");
  const peersUrl = databaseUrl(database.ownerUrl, "weft_peers");
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const peers = postgres(peersUrl, { max: 1, onnotice: () => {} });
  const jobs = quick ? 2_000 : 10_000;
  const settle = async (): Promise<void> => {
    await owner`vacuum analyze`;
    await peers`vacuum analyze`;
    await owner`checkpoint`;
  };
  try {
    for (const sql of [owner, peers])
      await sql`create table public.business_rows (id uuid primary key default gen_random_uuid(), at timestamptz not null default now())`;
    await owner`grant insert on public.business_rows to weft_app`;
    const round = { owner, jobs, settle };
    const tenant = await anEngineTenant(services.databases.app, quick ? 500 : 2_000);
    const queues = {
      [boss]: await openPgBoss(peersUrl),
      [events]: openWeftEvents(services, owner, tenant),
      [queued]: await openWeftQueue(services, owner, tenant, 100),
      [queuedInLargeBatches]: await openWeftQueue(services, owner, tenant, 500),
      [graphile]: await openGraphileWorker(peersUrl),
      [raw]: await openSkipLocked(peersUrl),
    };
    const contestants: Contestant[] = [
      ...Object.entries(queues).map(([name, queue]) => contestantOf(name, queue, round)),
      await timersContestant(timers, services, owner, { timers: quick ? 300 : 1_000, settle }),
      ...transitionContestants({ alone, relayed }, services, owner, { tenant, forMs: quick ? 2_000 : 3_000, settle }),
    ].filter(({ name }) => name.includes(only));
    // The first round also compiles the code and fills the caches.
    await alternate(contestants, 1);
    const rounds = await alternate(contestants, quick ? 1 : 3);
    for (const queue of Object.values(queues)) await queue.close();
    return {
      title: `P9  events and jobs: written in the transaction, handled, published (${jobs.toLocaleString("en")} a round)`,
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOrDash(medianOf(rounds, name, figure)))]),
      ratio: {
        what: "handled events per processor second, Weft / pg-boss",
        value: only === "" ? ratioOf(rounds, "handled per processor second", events, boss) : Number.NaN,
        goal: "≥ 5, ≥ 1 graphile-worker",
      },
      notes: [
        `pg-boss 12.38.0 (two workers), graphile-worker 0.18.0 (24 jobs at once, local queue of 500, completions in batches); ${settingsNote}; one process, client and server on the same machine.`,
        `${JOBS_PER_TRANSACTION} jobs are written with a business row per transaction, ${WRITERS} transactions at the same time. All jobs wait before the first is handled.`,
        ...(only === "" ? ratiosOf(rounds) : []),
        "Correct: in every round, each job was handled exactly once and is recorded as done, each event was published exactly once, each timer fired, and each transition's event was numbered.",
      ],
      rounds,
    };
  } finally {
    await Promise.all([owner.end(), peers.end()]);
    await closeServices(services);
    await site.remove();
  }
}

function ratiosOf(rounds: Rounds): string[] {
  const all = ["handled/s", "written per processor second", "handled per processor second", "both per processor second"] as const;
  const against = (what: string, name: string): string =>
    `${what} / ${name}: ${all.map((figure) => `${figure} ${show(ratioOf(rounds, figure, what, name))}`).join(", ")}.`;
  const transitions = (figure: string): string => show(ratioOf(rounds, figure, relayed, alone));
  return [
    ...[events, queued, queuedInLargeBatches].flatMap((what) => [boss, graphile, raw].map((name) => against(what, name))),
    `Transitions with the relay / without it: ${transitions("transitions/s")} by the clock, ${transitions("transitions per processor second")} by processor time (goal ≥ 0.9).`,
  ];
}

const medianOrDash = (value: number): number | string => (Number.isNaN(value) ? "–" : value);
