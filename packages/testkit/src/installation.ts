import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subgraphNames } from "@weft/shared";
import { ensureDatabase } from "@weft/standalone/postgres/database";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { type OwnPostgres, startOwnPostgres } from "./own-postgres.js";
import { type RedisServer, startRedisServer } from "./redis-server.js";
import { runProgram, startProcess, type WeftProcess } from "./weft-process.js";

export interface InstallationOptions {
  readonly gateways?: number;
  readonly workers?: number;
  /** By their names, for every process. */
  readonly settings?: Readonly<Record<string, string>>;
}

type SubgraphName = (typeof subgraphNames)[number];

/** The distributed mode without Docker: the processes of docker-compose.yml from their built programs, with a PostgreSQL and a Redis of their own. */
export interface Installation {
  readonly postgres: OwnPostgres;
  readonly redis: RedisServer;
  readonly subgraphs: Readonly<Record<SubgraphName, WeftProcess>>;
  readonly gateways: readonly WeftProcess[];
  readonly workers: readonly WeftProcess[];
  /** Sees everything: a superuser's connection to Weft's database. */
  readonly ownerUrl: string;
  /** What each process got; `programs` are run with it, too. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops every process with SIGTERM, then the servers. Returns exit codes by name: all 0 when each drained. */
  stop(): Promise<Readonly<Record<string, number | null>>>;
}

/**
 * Starts an installation as its operator would: keys, migrations, subgraphs, workers, gateways. Takes some 10 s; needs `tsc -b` before and redis-server.
 *
 * @throws Error with the output of the process that did not start
 */
export async function startInstallation({ gateways = 1, workers = 1, settings = {} }: InstallationOptions = {}): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), "weft-installation-"));
  const [postgres, redis] = await Promise.all([startOwnPostgres({ max_connections: "300" }), startRedisServer()]);
  await ensureDatabase(postgres.url, "weft");
  const ownerUrl = Object.assign(new URL(postgres.url), { pathname: "/weft" }).href;
  const keysFile = join(folder, "keys.json");
  const ports = await freePorts(subgraphNames.length + workers + gateways);
  const takePort = (): string => String(ports.pop());
  const host = "127.0.0.1";
  const subgraphPorts = Object.fromEntries(subgraphNames.map((name) => [name, takePort()])) as Record<SubgraphName, string>;
  const env = {
    WEFT_MODE: "production",
    WEFT_KEYS_FILE: keysFile,
    HOST: host,
    LOG_LEVEL: "warn",
    REDIS_URL: redis.url,
    DATABASE_URL: withLogin(ownerUrl, "weft_app"),
    // Small machines run tests: pools and hashes as small as they may be.
    DATABASE_POOL_SIZE: "6",
    PASSWORD_MEMORY_KIB: "8",
    PASSWORD_PASSES: "1",
    ...Object.fromEntries(
      subgraphNames.map((name) => [`WEFT_SUBGRAPH_${name.toUpperCase()}_URL`, `http://${host}:${subgraphPorts[name]}`]),
    ),
    ...settings,
  };
  const started: WeftProcess[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.end("SIGKILL")));
    await redis.stop();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = async (name: string, program: string, port: string, variable: string): Promise<WeftProcess> => {
    const each = await startProcess({ name, program, env: { ...env, [variable]: port } }, `http://${host}:${port}`);
    started.push(each);
    return each;
  };
  try {
    await succeed(runProgram({ program: "packages/standalone/dist/keys-cli.js", args: [keysFile], env: {} }));
    await succeed(runProgram({ program: "packages/standalone/dist/migrate-cli.js", env: { ...env, DATABASE_OWNER_URL: ownerUrl } }));
    const starts = [
      ...subgraphNames.map((name) => start(name, `subgraphs/${name}/dist/main.js`, subgraphPorts[name], "WEFT_SUBGRAPH_PORT")),
      ...numbered("worker", workers).map((name) => start(name, "packages/worker/dist/main.js", takePort(), "WEFT_SUBGRAPH_PORT")),
      ...numbered("gateway", gateways).map((name) => start(name, "gateway/dist/main.js", takePort(), "PORT")),
    ];
    // All have to have ended their start before one's failure may end them all.
    const failed = (await Promise.allSettled(starts)).find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    const named = new Map(started.map((each) => [each.name, each]));
    const byNames = (names: readonly string[]): WeftProcess[] => names.flatMap((name) => named.get(name) ?? []);
    return {
      postgres,
      redis,
      subgraphs: Object.fromEntries(byNames(subgraphNames).map((each) => [each.name, each])) as Record<SubgraphName, WeftProcess>,
      gateways: byNames(numbered("gateway", gateways)),
      workers: byNames(numbered("worker", workers)),
      ownerUrl,
      env,
      stop: async () => {
        const codes = await Promise.all(started.map(async (each) => [each.name, await each.end("SIGTERM")] as const));
        await end();
        return Object.fromEntries(codes);
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);

async function succeed(run: Promise<{ code: number | null; output: string }>): Promise<void> {
  const { code, output } = await run;
  if (code !== 0) throw new Error(`A program that prepares the installation ended with ${code}:\n${output}`);
}

/** The password is that of the keys file. */
function withLogin(url: string, user: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = "";
  return changed.href;
}

/** Distinct ones: a port that was just freed may be given twice. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort());
  return [...ports];
}
