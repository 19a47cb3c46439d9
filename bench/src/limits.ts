import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startRedisServer } from "@weft/testkit/processes/redis-server";
import { Pool } from "undici";
import { type AskingAgain, askingAgain } from "./harness/load/asking-again.js";
import { childrenCalled, processSeconds } from "./harness/processor-time.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { firstAnswer, type Program, startProgram } from "./harness/systems/program.js";
import { openTenant, type Site, startSite } from "./harness/systems/services.js";

const [small, page] = ["smallest query, ms", "query of a page, ms"] as const;
const inRedis = "of which Redis, ms";
const connections = 4;

/** The windows of the defaults, with room for all that the bench sends: those of a user, and one of the organization. */
const limited = {
  LIMIT_RATE_USER: "1000000/second, 100000000/minute, 1000000000/hour, 100000000000 cost/minute",
  LIMIT_RATE_TENANT: "100000000/minute",
};
const unlimited = { LIMIT_RATE_USER: "none", LIMIT_RATE_TENANT: "none" };

/**
 * Measures what limits cost: the processor time of a whole operation with the limits that are configured by default, against one without any, counted in
 * memory and in Redis. Each server is all of Weft in one process. Its processor time and that of Redis count, that of PostgreSQL does not. With Redis, more
 * than the counters goes through it, so each is compared with its own.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite({ max_connections: "400" });
  const redis = await startRedisServer();
  const shared = { REDIS_URL: redis.url };
  const settings = {
    "no limits": unlimited,
    "limits in memory": limited,
    "no limits, with Redis": { ...shared, REDIS_PREFIX: "none", ...unlimited },
    "limits in Redis": { ...shared, REDIS_PREFIX: "limits", ...limited },
  } as const;
  const servers: Server[] = [];
  try {
    const token = await logIn(site);
    for (const [name, more] of Object.entries(settings)) servers.push(await startServer(name, { env: { ...site.env, ...more }, token }));
    const contestants = servers.map((server) => contestantOf(server, quick ? 1_000 : 3_000));
    // Code is compiled while it is used for the first time.
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 7);
    const rowOf = (name: keyof typeof settings, to: keyof typeof settings) => [
      name,
      medianOf(rounds, name, small),
      ratioOf(rounds, small, name, to),
      medianOf(rounds, name, page),
      ratioOf(rounds, page, name, to),
      medianOf(rounds, name, inRedis),
    ];
    return {
      title: "Limits: the processor time of an operation with the default limits, against one without",
      head: ["", small, "against none", page, "against none", inRedis],
      rows: [
        rowOf("no limits", "no limits"),
        rowOf("limits in memory", "no limits"),
        rowOf("no limits, with Redis", "no limits, with Redis"),
        rowOf("limits in Redis", "no limits, with Redis"),
      ],
      ratio: {
        what: "query of a page: limits in memory / none",
        value: ratioOf(rounds, page, "limits in memory", "no limits"),
        goal: `≤ 1.05; in Redis ${ratioOf(rounds, page, "limits in Redis", "no limits, with Redis").toFixed(2)}`,
      },
      notes: [
        `${connections} connections, five windows: four of the user, one of them of cost, and one of the organization. Without the time of PostgreSQL. Every answer was compared with the first one.`,
      ],
      rounds,
    };
  } finally {
    for (const server of servers) await server.stop();
    await redis.stop();
    await site.remove();
  }
}

/** What a page of the console loads at once: several lists of several subgraphs. */
const pageQuery = `{
  me { id name roles { id key name } }
  users(first: 20) { totalCount edges { node { id name email status } } }
  roles(first: 20) { totalCount edges { node { id key name } } }
  requests(first: 20) { totalCount edges { node { id number createdAt } } }
  notifications(first: 20) { edges { node { id } } }
}`;

async function logIn({ env, services }: Site): Promise<string> {
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  try {
    const { admin } = await openTenant(services, weft.url, "bench");
    return admin.token;
  } finally {
    await weft.stop();
  }
}

interface Server {
  readonly name: string;
  readonly program: Program;
  readonly smallest: AskingAgain;
  readonly page: AskingAgain;
  stop(): Promise<void>;
}

async function startServer(name: string, { env, token }: { env: Readonly<Record<string, string>>; token: string }): Promise<Server> {
  const port = await findFreePort();
  const program = startProgram("apps/standalone/dist/server.js", { ...env, PORT: String(port) });
  const http = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  const ask = (query: string) => async () => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query });
    const answer = await http.request({ path: "/graphql", method: "POST", headers, body });
    if (name.startsWith("limits") !== "ratelimit" in answer.headers) throw new Error(`The limits are not those of "${name}".`);
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const stop = async (): Promise<void> => {
    await http.close();
    await program.stop();
  };
  try {
    const smallest = await firstAnswer(program, () => askingAgain(name, ask("{ me { id } }")));
    return { name, program, smallest, page: await askingAgain(name, ask(pageQuery)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function contestantOf({ name, program, smallest, page: pageAgain }: Server, forMs: number): Contestant {
  const redis = childrenCalled("redis-server");
  /** Milliseconds of processor time of each operation: of the server and Redis together, and of Redis. */
  const msOf = async (again: AskingAgain) => {
    const before = { server: program.spentSeconds(), redis: processSeconds(redis) };
    const { done } = await again.loop(connections, forMs);
    const redisMs = (processSeconds(redis) - before.redis) * 1_000;
    return { ms: ((program.spentSeconds() - before.server) * 1_000 + redisMs) / done, redisMs: redisMs / done };
  };
  return {
    name,
    run: async () => {
      const [ofSmallest, ofPage] = [await msOf(smallest), await msOf(pageAgain)];
      return { [small]: ofSmallest.ms, [page]: ofPage.ms, [inRedis]: ofPage.redisMs };
    },
  };
}
