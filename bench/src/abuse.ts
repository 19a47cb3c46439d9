import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { closeServices, openServices } from "@weft/api/subgraph";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startInstallation } from "@weft/testkit/processes/installation";
import { Pool } from "undici";
import { codeOf, codeOfFirst, type CodedError } from "./harness/load/answer-code.js";
import { type Attack, prepareAttacks } from "./harness/load/attacks.js";
import { processSeconds } from "./harness/processor-time.js";
import { firstAnswer, startProgram } from "./harness/systems/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { medianOf, type Sample, show } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { reportsSpentTime, type Watched, watch } from "./harness/load/watch.js";

/** A running Weft with an attacker's tenant and a neighbor's tenant. */
interface Attacked {
  readonly url: string;
  readonly attacks: readonly Attack[];
  readonly neighborToken: string;
  /** Returns the processor time of Weft's processes so far, in seconds, without PostgreSQL. */
  readonly spentSeconds: () => number;
  /** The processes that a question of the neighbor passes through. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

interface Abuse {
  readonly sent: number;
  /** Number of answers by code. `OK` is an answer without an error. */
  readonly codes: ReadonlyMap<string, number>;
}

const attackers = 4;

const roundsOf = (quick: boolean): number => (quick ? 1 : 3);

/**
 * Measures how much one user, or an anonymous client, can affect others. Each attack runs for a few seconds from four connections, three times.
 * Meanwhile, another tenant sends a small query and a client requests `/health/live`, each fifty times a second. Reports the server's processor time
 * per request of the attack, and the 99th percentiles of the other two, compared with their undisturbed values measured just before. The percentiles
 * are of processor time that the servers used between question and answer, so that other work on the machine does not decide.
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
      const watching = { url: system.url, token: system.neighborToken, forMs, pids: system.pids };
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
        worst = Math.max(worst, sample["neighbor, times quiet"] ?? 0);
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
      `${attackers} connections of the attacker (20 for logins, 8 where the name says so), each with its next request when the last is answered; the others ask at fixed times.`,
      "Times of others: the processor time that Weft's processes used between question and answer, in the threads that answer.",
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
  "neighbor median ms",
  "neighbor p99 ms",
  "neighbor, times quiet",
  "neighbor p99 ms by the clock",
  "neighbor's failures",
] as const;

function figuresOf(quiet: Watched, beside: Watched, msPerRequest: number, sent: number): Record<(typeof figures)[number], number> {
  return {
    "processor ms per request": msPerRequest,
    requests: sent,
    "health p99 ms": beside.healthP99Ms,
    "health, times quiet": beside.healthP99Ms / quiet.healthP99Ms,
    "neighbor median ms": beside.neighborMedianMs,
    "neighbor p99 ms": beside.neighborP99Ms,
    "neighbor, times quiet": beside.neighborP99Ms / quiet.neighborP99Ms,
    "neighbor p99 ms by the clock": beside.neighborP99WallMs,
    "neighbor's failures": beside.neighborFailures,
  };
}

const codesOf = (codes: Abuse["codes"]): string => [...codes].map(([code, count]) => `${code} ${count}`).join(", ");

/** Sends requests until the time is over. Each connection sends its next request when the previous one is answered. */
async function sendFor(url: string, attack: Attack, forMs: number): Promise<Abuse> {
  const codes = new Map<string, number>();
  let requests = 0;
  const next = (connection: number): string => {
    const body = attack.bodies?.[connection] ?? attack.body;
    return attack.counter === undefined ? body : body.replaceAll(attack.counter, `n${requests++}`);
  };
  const until = performance.now() + forMs;
  const open = (): Promise<Connection> => (attack.isLive ? openSocket(url, attack) : Promise.resolve(openConnection(url, attack)));
  await Promise.all(
    Array.from({ length: attack.bodies?.length ?? attack.connections ?? attackers }, async (_, at) => {
      let connection = await open();
      while (performance.now() < until) {
        const code = await connection.send(next(at)).catch(() => undefined);
        codes.set(code ?? "connection lost", (codes.get(code ?? "connection lost") ?? 0) + 1);
        if (code !== undefined) continue;
        await connection.close();
        connection = await open();
      }
      await connection.close();
    }),
  );
  return { sent: [...codes.values()].reduce((sum, count) => sum + count, 0), codes };
}

/** A connection through which an attacker sends one request after the other. `send` returns the code of the answer. */
interface Connection {
  send(body: string): Promise<string>;
  close(): Promise<void>;
}

function openConnection(url: string, { token }: Attack): Connection {
  const http = new Pool(url, { connections: 1, pipelining: 1 });
  const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return {
    send: async (body) => codeOf(await (await http.request({ path: "/graphql", method: "POST", headers, body })).body.text()),
    close: () => http.close(),
  };
}

async function openSocket(url: string, { token }: Attack): Promise<Connection> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  let heard = Promise.withResolvers<string>();
  socket.addEventListener("message", ({ data }) => {
    const { type, payload } = JSON.parse(String(data)) as { type: string; payload?: readonly CodedError[] };
    if (type === "ping") socket.send(JSON.stringify({ type: "pong" }));
    else heard.resolve(type === "error" ? codeOfFirst(payload) : type);
  });
  socket.addEventListener("close", ({ code }) => heard.reject(new Error(`closed with ${code}`)));
  const ask = (message: object): Promise<string> => {
    heard = Promise.withResolvers();
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    else heard.reject(new Error("closed"));
    return heard.promise;
  };
  await once(socket, "open");
  await ask({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
  return {
    send: (body) => ask({ type: "subscribe", id: randomUUID(), payload: JSON.parse(body) as object }),
    close: () => Promise.resolve(socket.close()),
  };
}

async function startOneProcess(entries: number): Promise<Attacked> {
  const site = await startSite();
  const { env, services } = site;
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  const filled = await fill(services, weft.url, entries).finally(() => weft.stop());
  const port = await findFreePort();
  const program = startProgram("apps/standalone/dist/server.js", { ...env, PORT: String(port) }, { options: [reportsSpentTime] });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await program.stop();
    await site.remove();
  };
  await firstAnswer(program, () => assertReady(url)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, ...filled, spentSeconds: () => program.spentSeconds(), pids: [program.pid], stop };
}

async function startDistributed(entries: number): Promise<Attacked> {
  const installation = await startInstallation({
    settings: { DATABASE_POOL_SIZE: "10", LOG_LEVEL: "error", LIMIT_REFUSALS_PER_SECOND: "50", NODE_OPTIONS: reportsSpentTime },
  });
  try {
    const url = installation.gateways[0]?.url ?? "";
    const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "2" });
    const filled = await fill(services, url, entries).finally(() => closeServices(services));
    const answering = [...Object.values(installation.subgraphs), ...installation.gateways];
    const programs = [...answering, ...installation.workers];
    return {
      url,
      ...filled,
      spentSeconds: () => processSeconds(programs.map((one) => one.pid())),
      pids: answering.map((one) => one.pid()),
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
): Promise<Pick<Attacked, "attacks" | "neighborToken">> {
  const neighbor = await openTenant(services, url, "neighbor");
  return { attacks: await prepareAttacks(await openTenant(services, url, "attacker"), entries), neighborToken: neighbor.admin.token };
}

async function assertReady(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/health/ready`);
  if (!ok) throw new Error(`Weft is not ready: ${status}.`);
}
