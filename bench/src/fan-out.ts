import { setTimeout as delay } from "node:timers/promises";
import { decodeId, newId } from "@weft/shared/ids";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { postgres } from "@weft/pg-driver";
import { type ManySockets, openManySockets } from "./harness/load/many-sockets.js";
import { openManyStreams } from "./harness/load/many-streams.js";
import { firstAnswer, type Program, startProgram } from "./harness/systems/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf, type Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { plainPendulum } from "./harness/tenants/plain-pendulum.js";
import { median, percentile } from "./harness/statistics.js";
import { fillWatchingUsers } from "./harness/tenants/watching-users.js";

/** P7's number of sockets, and that of quick runs. */
const [fullSize, quickSize] = [5_000, 1_000];
const [weft, raw, graphqlWs] = ["Weft, one process", "raw ws, a prepared frame", "graphql-ws as it comes"] as const;

const perEvent = "processor ms per event";
const forSockets = "of these, for the sockets";
const idleKib = "idle KiB per socket";

const query = `subscription Moves { workflowTransitioned {
  version from to status occurredAt actor { id name } instance { id state status version createdAt updatedAt definition { key name number } owner { id name } }
} }`;

interface Move {
  readonly data?: {
    readonly workflowTransitioned?: { readonly version: number; readonly actor: { readonly name: string } | null };
  };
}

/** A server with the sockets of the users. */
interface Broadcaster {
  readonly program: Program;
  readonly sockets: ManySockets;
  /** Sends one event to all sockets. Returns the time from which the delivery counts, in ms since 1970. */
  readonly broadcast: () => Promise<() => Promise<number>>;
  readonly idleKibPerSocket: number;
  /** Processor time of an event without sockets. */
  readonly aloneMs: number;
}

/**
 * P7: one event to the sockets of as many users with three roles, all subscribed to the same operation. In comparison, the same text from a server
 * that writes one prepared frame, and from graphql-ws.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const closers: (() => Promise<unknown>)[] = [];
  const sessions = quick ? quickSize : fullSize;
  try {
    const weftServer = await startWeftWith(overSockets, sessions, closers);
    const text = JSON.stringify((await deliver(weftServer)).payload);
    const anchors = [
      [raw, await startAnchor("bench/dist/processes/raw-ws.js", { text, sessions }, closers)],
      [graphqlWs, await startAnchor("bench/dist/processes/graphql-ws.js", { text, sessions }, closers)],
    ] as const;
    const { rounds, rows } = await measured([[weft, weftServer], ...anchors], [perEvent, forSockets, "median ms"], quick);
    return {
      title: `Fan-out: one event to ${sessions} sockets of ${sessions} users with three roles`,
      head: ["", perEvent, forSockets, "median ms", "p99 ms", "idle KiB per socket"],
      rows,
      ratio: {
        what: "processor time per event, raw ws / Weft",
        value: ratioOf(rounds, perEvent, raw, weft),
        goal: "≥ 0.85",
      },
      notes: [
        `graphql-ws / Weft: ${ratioOf(rounds, perEvent, graphqlWs, weft).toFixed(2)} (goal ≥ 3).`,
        `Without the cost of the event itself: raw ws / Weft ${ratioOf(rounds, forSockets, raw, weft).toFixed(2)}, graphql-ws / Weft ${ratioOf(rounds, forSockets, graphqlWs, weft).toFixed(2)}.`,
        "The 99th percentile is over the events of all rounds.",
        "Idle KiB: live JavaScript memory after a garbage collection, without the kernel's buffers.",
        "Processor time is the server's, without PostgreSQL. Latency: from the commit (PostgreSQL's own time) to the last of all sockets.",
        "Weft's first figure includes the transition, its relay and its audit entry, which the second one omits. Both include the checks of all sessions.",
        `Correct: every socket received every event once, all with equal payloads of ${text.length} bytes.`,
      ],
      rounds,
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

const [bySockets, byStreams] = ["WebSockets", "server-sent events"] as const;

/** One event to 1,000 streams of server-sent events, and to as many WebSockets of another server. */
export async function runStreams({ quick }: BenchOptions): Promise<Report> {
  const closers: (() => Promise<unknown>)[] = [];
  const sessions = quickSize;
  try {
    const servers = [
      [bySockets, await startWeftWith(overSockets, sessions, closers)],
      [byStreams, await startWeftWith(overStreams, sessions, closers)],
    ] as const;
    const { rounds, rows } = await measured(servers, [perEvent, "median ms"], quick);
    return {
      title: `Fan-out over HTTP: one event to ${sessions} streams, and to ${sessions} WebSockets, of as many users with three roles`,
      head: ["", perEvent, "median ms", "p99 ms", "idle KiB per client"],
      rows,
      ratio: {
        what: "processor time per event, WebSockets / streams",
        value: ratioOf(rounds, perEvent, bySockets, byStreams),
        goal: "≥ 0.8",
      },
      notes: ["Correct: every client received every event once, all with equal payloads.", "Otherwise as P7."],
      rounds,
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Lets the servers take turns, and returns the rounds with a row for each: the figures, the 99th percentile of all events, and the idle memory. */
async function measured(servers: readonly (readonly [string, Broadcaster])[], figures: readonly string[], quick: boolean) {
  const times = new Map<string, number[]>();
  const contestants: Contestant[] = servers.map(([name, server]) => ({
    name,
    run: () => turn(server, { events: 10, times: times.get(name) ?? [] }),
  }));
  for (const { name, run: warmUp } of contestants) {
    await warmUp();
    times.set(name, []);
  }
  const rounds = await alternate(contestants, quick ? 3 : 5);
  const rows = contestants.map(({ name }) => [
    name,
    ...figures.map((figure) => medianOf(rounds, name, figure)),
    percentile(times.get(name) ?? [], 0.99),
    medianOf(rounds, name, idleKib),
  ]);
  return { rounds, rows };
}

async function turn(server: Broadcaster, { events, times }: { events: number; times: number[] }): Promise<Sample> {
  const before = server.program.spentSeconds();
  for (let n = 0; n < events; n++) times.push((await deliver(server)).ms);
  const spent = server.program.spentSeconds() - before;
  if (server.sockets.surplus() !== 0) throw new Error(`${server.sockets.surplus()} messages arrived that no event explains.`);
  return {
    [perEvent]: (spent * 1000) / events,
    [forSockets]: (spent * 1000) / events - server.aloneMs,
    "median ms": median(times.slice(-events)),
    [idleKib]: server.idleKibPerSocket,
  };
}

async function deliver({ sockets, broadcast }: Broadcaster): Promise<{ ms: number; payload: unknown }> {
  const next = sockets.next();
  next.catch(() => undefined);
  const startedAt = await broadcast();
  const { lastAt, payload } = await next;
  return { ms: lastAt - (await startedAt()), payload };
}

/** Starts a server of `processes/`, and opens as many sockets as Weft has. */
async function startAnchor(
  path: string,
  { text, sessions }: { text: string; sessions: number },
  closers: (() => Promise<unknown>)[],
): Promise<Broadcaster> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram(path, { PORT: String(port) }, { canReportMemory: true });
  closers.push(() => program.stop());
  await firstAnswer(program, () => fetch(url));
  const idle = await liveKibAfterRest(program);
  const sockets = await openManySockets({ url: url.replace("http", "ws"), protocol: "graphql-transport-ws", count: sessions, greetings });
  closers.push(() => sockets.close());
  const idleKibPerSocket = ((await liveKibAfterRest(program)) - idle) / sessions;
  const broadcast = async (): Promise<() => Promise<number>> => {
    const at = Date.now();
    await fetch(url, { method: "POST", body: text });
    return () => Promise.resolve(at);
  };
  return { program, sockets, broadcast, idleKibPerSocket, aloneMs: 0 };
}

/** Opens the sockets of as many users as there are tokens, each with the subscription. */
type OpenClients = (url: string, tokens: readonly string[]) => Promise<ManySockets>;

const overSockets: OpenClients = (url, tokens) =>
  openManySockets({
    url: `${url.replace("http", "ws")}/graphql`,
    protocol: "graphql-transport-ws",
    count: tokens.length,
    greetings: (socket) => greetings(socket, tokens[socket]),
  });

const overStreams: OpenClients = (url, tokens) => openManyStreams({ url: `${url}/graphql`, body: JSON.stringify({ query }), tokens });

/** Starts a server of Weft with many clients that follow the same events. */
async function startWeftWith(open: OpenClients, sessions: number, closers: (() => Promise<unknown>)[]): Promise<Broadcaster> {
  const site = await startSite({ track_commit_timestamp: "on" });
  closers.push(() => site.remove());
  const { services } = site;
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  closers.push(() => owner.end());
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...site.env, PORT: String(port), LIMIT_SOCKETS_PER_TENANT: "100000" };
  const program = startProgram("apps/standalone/dist/server.js", env, { canReportMemory: true });
  closers.push(() => program.stop());
  await firstAnswer(program, async () => {
    const response = await fetch(`${url}/health/ready`);
    if (!response.ok) throw new Error(await response.text());
  });
  const tenant = await openTenant(services, url, "bench");
  await tenant.definition(plainPendulum);
  const { admin } = tenant;
  const tokens = await fillWatchingUsers(owner, services.keys, tenant.id, sessions);
  await owner`vacuum analyze`;
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "pendulum" }) { instance { id } } }`,
  );
  const instanceId = startWorkflow.instance.id;
  const uuid = decodeId("instance", instanceId, "instanceId");
  let version = 1;
  const move = async (): Promise<() => Promise<number>> => {
    await admin.run("mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { version } } }", {
      input: { instanceId, transition: "swing" },
    });
    const moved = ++version;
    return async () => {
      const [commit] = await owner<{ at: number }[]>`
        select extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as at from workflows.history
         where instance_id = ${uuid} and version = ${moved}`;
      return commit?.at ?? Number.NaN;
    };
  };
  // The first operations load code and plans, whose memory does not belong to the sockets.
  for (let n = 0; n < 100; n++) await move();
  const before = program.spentSeconds();
  for (let n = 0; n < 100; n++) await move();
  const aloneMs = (program.spentSeconds() - before) * 10;
  const idle = await liveKibAfterRest(program);
  const sockets = await open(url, tokens);
  closers.push(() => sockets.close());
  const idleKibPerSocket = ((await liveKibAfterRest(program)) - idle) / sessions;
  return {
    program,
    sockets: {
      ...sockets,
      next: async () => {
        const received = await sockets.next();
        const moved = (received.payload as Move).data?.workflowTransitioned;
        if (moved?.version !== version || !moved.actor?.name)
          throw new Error(`Version ${version} came as ${JSON.stringify(received.payload)}.`);
        return received;
      },
    },
    broadcast: move,
    idleKibPerSocket,
    aloneMs,
  };
}

function greetings(_socket: number, token = ""): string[] {
  return [
    JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }),
    JSON.stringify({ id: newId(), type: "subscribe", payload: { query } }),
  ];
}

/** Returns the memory after a pause in which everything has ended that the sockets' start caused. */
async function liveKibAfterRest(program: Program): Promise<number> {
  await delay(6_000);
  return program.liveKib();
}
