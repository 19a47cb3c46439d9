import { closeServices, loadConfig, openServices, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startInstallation } from "@weft/testkit/installation";
import { Pool } from "undici";
import { type Attack, prepareAttacks } from "./harness/attacks.js";
import { processSeconds } from "./harness/processor-time.js";
import { firstAnswer, startProgram } from "./harness/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { medianOf, type Sample, show } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { type Watched, watch } from "./harness/watch.js";

/** A running Weft with an attacker's tenant and a neighbour's. */
interface Attacked {
  readonly url: string;
  readonly attacks: readonly Attack[];
  readonly neighbourToken: string;
  /** Processor time of Weft's processes so far, in seconds; PostgreSQL apart. */
  readonly spentSeconds: () => number;
  stop(): Promise<void>;
}

interface Abuse {
  readonly sent: number;
  /** How often each code was answered; `OK` is an answer without an error. */
  readonly codes: ReadonlyMap<string, number>;
}

const attackers = 4;

const roundsOf = (quick: boolean): number => (quick ? 1 : 3);

/**
 * What one user, or nobody, can do to the others: each attack runs for some seconds from four connections, three times, and meanwhile another tenant asks a small query and
 * somebody looks at `/health/live`, fifty times a second. Processor time of the server for one request of the attack, and the 99th percentile of both others,
 * beside their quiet values measured just before.
 */
export async function run({ quick, only = "" }: BenchOptions): Promise<Report> {
  const forMs = quick ? 2_000 : 5_000;
  const rounds = new Map<string, readonly Sample[]>();
  const rows: (string | number)[][] = [];
  let worst = 0;
  for (const { mode, start } of modes) {
    if (modes.some((other) => other.mode !== mode && only.startsWith(other.mode))) continue;
    const system = await start(quick ? 200 : 1_000);
    try {
      const watching = { url: system.url, token: system.neighbourToken, forMs };
      await watch(watching);
      for (const attack of system.attacks) {
        const name = `${mode}: ${attack.name}`;
        if (!name.includes(only)) continue;
        const samples: Sample[] = [];
        const codes = new Map<string, number>();
        for (let round = 0; round < roundsOf(quick); round++) {
          const before = system.spentSeconds();
          const quiet = await watch(watching);
          const middle = system.spentSeconds();
          const [beside, abuse] = await Promise.all([watch(watching), sendFor(system.url, attack, forMs)]);
          const spent = system.spentSeconds() - middle - (middle - before);
          samples.push(figuresOf(quiet, beside, (spent * 1000) / abuse.sent, abuse.sent));
          for (const [code, count] of abuse.codes) codes.set(code, (codes.get(code) ?? 0) + count);
        }
        rounds.set(name, samples);
        const sample = Object.fromEntries(figures.map((figure) => [figure, medianOf(rounds, name, figure)]));
        worst = Math.max(worst, sample["neighbour, times quiet"] ?? 0);
        rows.push([name, ...Object.values(sample), codesOf(codes)]);
        console.log(
          `  ${name}: ${Object.entries(sample)
            .map(([figure, value]) => `${figure} ${show(value)}`)
            .join(", ")}; ${codesOf(codes)}`,
        );
      }
    } finally {
      await system.stop();
    }
  }
  return {
    title: "Abuse: what an attacker's operations cost, and what others see of it",
    head: ["", ...figures, "answered"],
    rows,
    ratio: { what: "the worst 99th percentile of another tenant's query beside an attack / its quiet value", value: worst, goal: "≤ 2" },
    notes: [
      `${attackers} connections of the attacker, each with its next request when the last is answered; the others ask at fixed times.`,
      "Processor time of Weft's processes only, less what the others' questions cost in the quiet time before.",
    ],
    rounds,
  };
}

const figures = [
  "processor ms per request",
  "requests",
  "health p99 ms",
  "health, times quiet",
  "neighbour median ms",
  "neighbour p99 ms",
  "neighbour, times quiet",
  "neighbour's failures",
] as const;

function figuresOf(quiet: Watched, beside: Watched, msPerRequest: number, sent: number): Record<(typeof figures)[number], number> {
  return {
    "processor ms per request": msPerRequest,
    requests: sent,
    "health p99 ms": beside.healthP99Ms,
    "health, times quiet": beside.healthP99Ms / quiet.healthP99Ms,
    "neighbour median ms": beside.neighbourMedianMs,
    "neighbour p99 ms": beside.neighbourP99Ms,
    "neighbour, times quiet": beside.neighbourP99Ms / quiet.neighbourP99Ms,
    "neighbour's failures": beside.neighbourFailures,
  };
}

const codesOf = (codes: Abuse["codes"]): string => [...codes].map(([code, count]) => `${code} ${count}`).join(", ");

/** Every connection with its next request when the last is answered, until the time is over. */
async function sendFor(url: string, { token, body, counter }: Attack, forMs: number): Promise<Abuse> {
  const http = new Pool(url, { connections: attackers, pipelining: 1 });
  const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const codes = new Map<string, number>();
  let requests = 0;
  const next = (): string => (counter === undefined ? body : body.replace(counter, `n${requests++}`));
  const until = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: attackers }, async () => {
      while (performance.now() < until) {
        const code = await http
          .request({ path: "/graphql", method: "POST", headers, body: next() })
          .then(async (answer) => codeOf(await answer.body.text()))
          .catch(() => "connection lost");
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }),
  );
  await http.close();
  return { sent: [...codes.values()].reduce((sum, count) => sum + count, 0), codes };
}

function codeOf(text: string): string {
  const { errors } = JSON.parse(text) as { errors?: readonly { readonly extensions?: { readonly code?: string } }[] };
  return errors === undefined ? "OK" : (errors[0]?.extensions?.code ?? "an error without a code");
}

async function startOneProcess(entries: number): Promise<Attacked> {
  const site = await startSite();
  const { env, services } = site;
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  const filled = await fill(services, weft.url, entries).finally(() => weft.stop());
  const port = await findFreePort();
  const program = startProgram("packages/standalone/dist/server.js", { ...env, PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await program.stop();
    await site.remove();
  };
  await firstAnswer(program, () => assertReady(url)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, ...filled, spentSeconds: () => program.spentSeconds(), stop };
}

async function startDistributed(entries: number): Promise<Attacked> {
  const installation = await startInstallation({
    settings: { DATABASE_POOL_SIZE: "10", LOG_LEVEL: "error", LIMIT_REFUSALS_PER_SECOND: "50" },
  });
  try {
    const url = installation.gateways[0]?.url ?? "";
    const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "2" });
    const filled = await fill(services, url, entries).finally(() => closeServices(services));
    const programs = [...Object.values(installation.subgraphs), ...installation.gateways, ...installation.workers];
    return {
      url,
      ...filled,
      spentSeconds: () => processSeconds(programs.map((one) => one.pid())),
      stop: () => installation.stop(),
    };
  } catch (error) {
    await installation.stop();
    throw error;
  }
}

const modes = [
  { mode: "one process", start: startOneProcess },
  { mode: "distributed", start: startDistributed },
];

async function fill(
  services: Parameters<typeof openTenant>[0],
  url: string,
  entries: number,
): Promise<Pick<Attacked, "attacks" | "neighbourToken">> {
  const neighbour = await openTenant(services, url, "neighbour");
  return { attacks: await prepareAttacks(await openTenant(services, url, "attacker"), entries), neighbourToken: neighbour.admin.token };
}

async function assertReady(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/health/ready`);
  if (!ok) throw new Error(`Weft is not ready: ${status}.`);
}
