import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { postgres } from "@weft/pg-driver";
import { openLoop, type OpenLoopResult } from "../harness/load/open-loop.js";
import { type OwnWatchers, openOwnWatchers } from "../harness/load/own-watchers.js";
import { untilDrained } from "../harness/load/drain.js";
import { serverSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { type Sample, show } from "../harness/rounds.js";
import { percentile } from "../harness/statistics.js";
import { firstAnswer, type Program, startProgram } from "../harness/systems/program.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { memorySlope, sampleMemory } from "./memory.js";
import { addPeople, type Person } from "./people.js";

const limitMs = 100;
const peoplePerTenant = 100;
const requestsPerPersonAndMinute = 10;

/** A number of people with a socket each, and the rate at which they send requests together. */
interface Stage {
  readonly people: number;
  readonly minutes: number;
  /** Whether memory is sampled all the time, which costs a garbage collection every 20 s. */
  readonly isWatchingMemory: boolean;
}

interface Crowd {
  readonly url: string;
  readonly program: Program;
  readonly owner: postgres.Sql;
}

const figures = [
  "requests/s",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "errors",
  "live p99 ms",
  "lost events",
  "processor seconds per second, Weft",
  "PostgreSQL",
  "MiB after",
  "MiB a minute",
] as const;

/**
 * Crowd: 1,000 people in ten organizations, each with a socket that watches a workflow of their own, send 10,000 requests a minute together, at fixed
 * times. Four fifths are reads. Then ten times as many of each. `--minutes` measures the first stage only, for that time, and the slope of memory.
 * With `--people`, it has that number of people (a multiple of 100), if the machine cannot serve 1,000.
 */
export async function run({ quick, minutes, people: wanted }: BenchOptions): Promise<Report> {
  const stages: Stage[] =
    minutes !== undefined
      ? [{ people: wanted ?? 1_000, minutes, isWatchingMemory: true }]
      : quick
        ? [{ people: 200, minutes: 1 / 4, isWatchingMemory: false }]
        : [1_000, 10_000].map((people) => ({ people, minutes: 2, isWatchingMemory: false }));
  const site = await startSite({ max_connections: "200" });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...site.env, PORT: String(port), LIMIT_SOCKETS_PER_ADDRESS: "100000", LIMIT_CONNECTIONS_PER_ADDRESS: "100000" };
  const program = startProgram("apps/standalone/dist/server.js", env, { canReportMemory: true });
  const samples = new Map<string, Sample[]>();
  const notes: string[] = [];
  try {
    await firstAnswer(program, async () => {
      const { ok, status } = await fetch(`${url}/health/ready`);
      if (!ok) throw new Error(`Weft is not ready: ${status}.`);
    });
    const people: Person[] = [];
    for (const stage of stages) {
      while (people.length < stage.people) {
        const tenant = await openTenant(site.services, url, `tenant-${people.length / peoplePerTenant}`);
        people.push(...(await addPeople(owner, { keys: site.services.keys, url, tenant, count: peoplePerTenant })));
      }
      const name = `${stage.people} people, ${stage.people * requestsPerPersonAndMinute} requests a minute`;
      const { sample, errors, slow } = await measure({ url, program, owner }, people, stage);
      samples.set(name, [sample]);
      notes.push(`${name}, for ${stage.minutes} minutes: ${errors}. Slowest operations, p99: ${slow}.`);
      console.log(`  ${name}: ${figures.map((figure) => `${figure} ${figureOf(sample, figure)}`).join(", ")}; ${errors}`);
    }
    const [first] = samples.values();
    return {
      title: "Crowd: people with a socket each, an open loop of reads and mutations, one process",
      head: ["", ...figures],
      rows: [...samples].map(([name, [sample]]) => [name, ...figures.map((figure) => figureOf(sample, figure))]),
      ratio: { what: `p99 of the first stage / ${limitMs} ms`, value: (first?.[0]?.["p99 ms"] ?? Number.NaN) / limitMs, goal: "≤ 1.0" },
      notes: [
        ...notes,
        "Times count from the moment at which a request was due. Sockets and requests come from this process, on the same machine. Live: from the start of a transition's transaction to its message.",
        "Lost events: versions of the watched workflows that did not arrive at their socket. MiB: live JavaScript memory of Weft after a garbage collection; the slope is that of the time after the first three minutes.",
      ],
      rounds: samples,
    };
  } finally {
    await program.stop();
    await owner.end();
    await site.remove();
  }
}

/** Formats a figure for people. The slope of memory is not always measured. */
const figureOf = (sample: Sample | undefined, figure: (typeof figures)[number]): string => {
  const value = sample?.[figure] ?? Number.NaN;
  return Number.isNaN(value) ? "–" : show(value);
};

async function measure(
  { url, program, owner }: Crowd,
  people: readonly Person[],
  stage: Stage,
): Promise<{ sample: Sample; errors: string; slow: string }> {
  await owner`vacuum analyze`;
  const watchers = await openOwnWatchers(url, people);
  try {
    // Subscriptions start some time after they were sent, and nothing reports when.
    await delay(2_000);
    const versions = await versionsOf(owner, people);
    const load = { url, senders: people, perSecond: (people.length * requestsPerPersonAndMinute) / 60 };
    // The first requests load code and plans.
    await openLoop({ ...load, forMs: Math.min(10_000, stage.minutes * 20_000) });
    watchers.takeLatencies();
    const before = { node: program.spentSeconds(), postgres: await serverSeconds(owner), at: performance.now() };
    const ending = new AbortController();
    const memory = stage.isWatchingMemory ? sampleMemory(program, 20_000, ending.signal) : undefined;
    const result = await openLoop({ ...load, forMs: stage.minutes * 60_000 });
    const seconds = (performance.now() - before.at) / 1000;
    const node = (program.spentSeconds() - before.node) / seconds;
    const inPostgres = ((await serverSeconds(owner)) - before.postgres) / seconds;
    ending.abort();
    const slope = memory ? memorySlope(await memory, { afterMinute: stage.minutes > 4 ? 3 : 0, upToMinute: stage.minutes }) : Number.NaN;
    await untilDrained(owner);
    const live = watchers.takeLatencies();
    const lost = await lostEvents(owner, people, watchers, versions);
    const failed = Object.values(result.errors).reduce((sum, count) => sum + count, 0);
    const sample: Record<(typeof figures)[number], number> = {
      "requests/s": result.perSecond,
      "p50 ms": result.p50Ms,
      "p95 ms": result.p95Ms,
      "p99 ms": result.p99Ms,
      errors: failed,
      "live p99 ms": percentile(live, 0.99),
      "lost events": lost,
      "processor seconds per second, Weft": node,
      PostgreSQL: inPostgres,
      "MiB after": (await program.liveKib()) / 1024,
      "MiB a minute": slope,
    };
    return { sample, errors: describe(result, failed, live.length, watchers.failures()), slow: slowest(result) };
  } finally {
    await watchers.close();
  }
}

/** Counts the versions since `before` that did not arrive. Waits a while for those on their way. */
async function lostEvents(owner: postgres.Sql, people: readonly Person[], watchers: OwnWatchers, before: Versions): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const now = await versionsOf(owner, people);
    const lost = people.reduce((sum, { instanceUuid }, index) => {
      const received = new Set(watchers.versionsOf(index));
      return sum + (now.get(instanceUuid) ?? 0) - (before.get(instanceUuid) ?? 0) - received.size;
    }, 0);
    if (lost === 0 || attempt === 20) return lost;
    await delay(500);
  }
}

type Versions = ReadonlyMap<string, number>;

/** Returns the current version of everybody's workflow. */
async function versionsOf(owner: postgres.Sql, people: readonly Person[]): Promise<Versions> {
  const ids = people.map(({ instanceUuid }) => instanceUuid);
  const rows = await owner<{ id: string; version: number }[]>`select id, version from workflows.instances where id = any(${ids}::uuid[])`;
  return new Map(rows.map(({ id, version }) => [id, version]));
}

function describe({ sent, errors, answered, wrong }: OpenLoopResult, failed: number, messages: number, closed: number): string {
  const codes = Object.entries(errors).map(([code, count]) => `${code} ${count}`);
  const done = Object.entries(answered).map(([name, count]) => `${name} ${count}`);
  return `${sent} requests, ${failed} errors${failed > 0 ? ` (${codes.join(", ")})` : ""}, ${wrong} wrong; ${done.join(", ")}; ${messages} live messages, ${closed} closed sockets`;
}

const slowest = ({ p99MsOf }: OpenLoopResult): string =>
  Object.entries(p99MsOf)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
    .join(", ");
