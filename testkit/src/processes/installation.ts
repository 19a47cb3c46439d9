import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subgraphNames } from "@weft/platform/config";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { type OwnPostgres, startOwnPostgres } from "../postgres/own-postgres.js";
import { type RedisServer, startRedisServer } from "./redis-server.js";
import { startTcpProxy, type TcpProxy } from "../network/tcp-proxy.js";
import { runProgram, weftProcess, type WeftProcess } from "./weft-process.js";

type SubgraphName = (typeof subgraphNames)[number];

export interface InstallationOptions {
  readonly gateways?: number;
  readonly workers?: number;
  /** Subgraphs that are not started yet. Start them with `subgraphs.x.start()`. */
  readonly absent?: readonly SubgraphName[];
  /** Settings of every process, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The distributed mode without Docker: the processes of docker-compose.yml from bundles, as in its images, with a separate PostgreSQL and Redis. */
export interface Installation {
  readonly postgres: OwnPostgres;
  readonly redis: RedisServer;
  readonly subgraphs: Readonly<Record<SubgraphName, WeftProcess>>;
  /** Network connections between the gateways and each subgraph. */
  readonly links: Readonly<Record<SubgraphName, TcpProxy>>;
  readonly gateways: readonly WeftProcess[];
  readonly workers: readonly WeftProcess[];
  /** Superuser connection to Weft's database, which sees everything. */
  readonly ownerUrl: string;
  /** Environment of each process. `programs` run with it, too. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills the remaining processes and deletes the data. */
  stop(): Promise<void>;
}

/**
 * Starts an installation as its operator would: keys, migrations, subgraphs, workers, gateways. Takes about 10 s. Requires a previous `tsc -b` and
 * redis-server.
 *
 * @throws Error with the output of the process that did not start
 */
export async function startInstallation({
  gateways = 1,
  workers = 1,
  absent = [],
  settings = {},
}: InstallationOptions = {}): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), "weft-installation-"));
  const [postgres, redis] = await Promise.all([startOwnPostgres({ max_connections: "300" }), startRedisServer()]);
  await ensureDatabase(postgres.url, "weft");
  const ownerUrl = Object.assign(new URL(postgres.url), { pathname: "/weft" }).href;
  const keysFile = join(folder, "keys.json");
  const host = "127.0.0.1";
  const ports: number[] = [];
  while (ports.length < subgraphNames.length + workers + gateways) ports.push(await findFreePort());
  const takePort = (): number => ports.pop() ?? 0;
  const subgraphPorts = bySubgraph(takePort);
  const proxies = await Promise.all(subgraphNames.map((name) => startTcpProxy({ port: subgraphPorts[name] })));
  const links = Object.fromEntries(subgraphNames.map((name, index) => [name, proxies[index]])) as Record<SubgraphName, TcpProxy>;
  const env = {
    WEFT_MODE: "production",
    LOG_FORMAT: "json",
    WEFT_KEYS_FILE: keysFile,
    HOST: host,
    LOG_LEVEL: "warn",
    REDIS_URL: redis.url,
    ERASURES_DIR: join(folder, "erasures"),
    DATABASE_URL: withLogin(ownerUrl, "weft_app"),
    // Tests run on small machines, so pools are as small as possible, and password hashes are inexpensive where production mode does not reject them.
    DATABASE_POOL_SIZE: "6",
    // All clients of a test share one address.
    LIMIT_CONNECTIONS_PER_ADDRESS: "5000",
    LIMIT_CONNECTIONS_PER_USER: "5000",
    LIMIT_REFUSALS_PER_SECOND: "1000000",
    LIMIT_RATE_USER: "none",
    LIMIT_RATE_API_KEY: "none",
    LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: "1000000",
    LIMIT_ANONYMOUS_BYTES_PER_MINUTE: "1000000000",
    ...(settings["WEFT_MODE"] === "demo" && { PASSWORD_MEMORY_KIB: "8", PASSWORD_PASSES: "1" }),
    ...Object.fromEntries(subgraphNames.map((name) => [`WEFT_SUBGRAPH_${name.toUpperCase()}_URL`, `http://${host}:${links[name].port}`])),
    ...settings,
  };
  const made = (name: string, program: string, variable: string, port: number): WeftProcess =>
    weftProcess({ name, program, env: { ...env, [variable]: String(port) } }, `http://${host}:${port}`);
  const several = (count: number, name: string, program: string, variable: string): WeftProcess[] =>
    Array.from({ length: count }, (_, index) => made(`${name} ${index + 1}`, program, variable, takePort()));
  const subgraphs = bySubgraph((name) => made(name, `subgraphs/${name}/dist/main.js`, "WEFT_SUBGRAPH_PORT", subgraphPorts[name]));
  const workerProcesses = several(workers, "worker", "apps/worker/dist/main.js", "WEFT_SUBGRAPH_PORT");
  const gatewayProcesses = several(gateways, "gateway", "gateway/dist/main.js", "PORT");
  const all = [...Object.values(subgraphs), ...workerProcesses, ...gatewayProcesses];

  const remove = async (): Promise<void> => {
    await Promise.all(all.map((each) => each.end("SIGKILL")));
    await Promise.all(Object.values(links).map((link) => link.close()));
    await redis.stop();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await succeed(runProgram({ program: "apps/standalone/dist/keys-cli.js", args: [keysFile], env: {} }));
    const migrate = "apps/standalone/dist/migrate-cli.js";
    await succeed(runProgram({ program: migrate, env: { ...env, DATABASE_OWNER_URL: ownerUrl } }));
    const present = all.filter(({ name }) => !absent.some((each) => each === name));
    // All starts must have finished before the failure of one can end all processes.
    const failed = (await Promise.allSettled(present.map((each) => each.start()))).find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    postgres,
    redis,
    subgraphs,
    links,
    gateways: gatewayProcesses,
    workers: workerProcesses,
    ownerUrl,
    env,
    stop: remove,
  };
}

const bySubgraph = <T>(of: (name: SubgraphName) => T): Record<SubgraphName, T> =>
  Object.fromEntries(subgraphNames.map((name) => [name, of(name)])) as Record<SubgraphName, T>;

async function succeed(run: Promise<{ code: number | null; output: string }>): Promise<void> {
  const { code, output } = await run;
  if (code !== 0) throw new Error(`A program that prepares the installation ended with ${code}:\n${output}`);
}

/** Sets the user of a database URL and removes the password, which comes from the keys file. */
function withLogin(url: string, user: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = "";
  return changed.href;
}
