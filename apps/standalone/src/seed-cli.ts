import { join, resolve } from "node:path";
import { ConfigError, isGiven, loadConfig, openConfig, openKeys, StartRefused, withDatabaseUrls } from "@weft/platform/config";
import { createLogger, runMain } from "@weft/platform/logging";
import { ApiClient } from "./api-client.js";
import { startModelSubstituteOf } from "./models/model-substitute.js";
import { patiently } from "./patient-fetch.js";
import { prepareDatabase, reaching } from "./prepare.js";
import { seedDemo } from "./seed/seed.js";
import { PostgresStartError } from "./postgres/errors.js";
import { AlreadyRunning, DataDirUnusable, lockDataDir } from "./supervisor/data-lock.js";
import { databaseEnvironment, postgresSettings } from "./supervisor/own-database.js";
import { keepPostgres, type KeptPostgres } from "./supervisor/postgres-keeper.js";
import { composeWeft } from "./weft.js";

/**
 * `weft seed`: migrates the database, and creates the data of a demo or completes it, without serving anybody. A demo does the same when it starts. Does
 * nothing if the data is complete. A stop signal ends it early, and the next start continues.
 */
async function main(): Promise<void> {
  const { mode, dataDir: folder } = loadConfig(process.env, {}, { vaultSecrets: "unread" });
  if (mode !== "demo")
    throw new ConfigError(["WEFT_MODE: only a demo has demo data, because the passwords of its users are public. Set WEFT_MODE=demo"]);
  const stopping = new AbortController();
  // Without a handler, the process would end at once, and leave its PostgreSQL running.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  const isOwn = !isGiven(process.env, "DATABASE_OWNER_URL") && !isGiven(process.env, "DATABASE_URL");
  await withDataDir(resolve(folder), { isOwn, stopping: stopping.signal }).catch((error: unknown) => {
    if (stopping.signal.aborted)
      throw new StartRefused("Stopped. Repeat the command to complete the demo data.", { isFinal: false, cause: error });
    const isSentence = error instanceof AlreadyRunning || error instanceof DataDirUnusable || error instanceof PostgresStartError;
    throw isSentence ? new StartRefused(error.message, { isFinal: true, cause: error }) : error;
  });
}

interface SeedSurroundings {
  /** Whether PostgreSQL is the one in the data directory. */
  readonly isOwn: boolean;
  /** Aborts when the process is told to stop. */
  readonly stopping: AbortSignal;
}

async function withDataDir(dataDir: string, { isOwn, stopping }: SeedSurroundings): Promise<void> {
  // A Weft that runs there creates its data itself.
  const release = lockDataDir(dataDir);
  const say = (line: string): void => console.error(`weft: ${line}`);
  let postgres: KeptPostgres | undefined;
  try {
    if (isOwn) postgres = await keepPostgres({ dataDir: join(dataDir, "postgres"), database: "weft", settings: postgresSettings }, { say });
    await seed({ ...process.env, ...(postgres && databaseEnvironment(postgres)) }, stopping);
  } finally {
    await postgres?.stop();
    release();
  }
}

async function seed(env: NodeJS.ProcessEnv, stopping: AbortSignal): Promise<void> {
  stopping.throwIfAborted();
  const { config: settings, secrets } = await openConfig(env);
  const log = createLogger(settings);
  secrets.start(log);
  const keys = await openKeys(settings);
  const models = await startModelSubstituteOf(settings.dataDir);
  const config = reaching(withDatabaseUrls(settings, keys), [models]);
  await prepareDatabase(config, keys);
  const weft = await composeWeft({ config, keys, log });
  let isComplete = true;
  try {
    const send = patiently(weft.gateway.fetch, { signal: stopping });
    const api = new ApiClient("http://localhost", undefined, async (url, init) => {
      stopping.throwIfAborted();
      return send(url, init);
    });
    const history = config.demoData === "full" ? { idle: () => weft.worker.idle(), modelsUrl: models.url, signal: stopping } : undefined;
    const makeHistory = await seedDemo(weft.services, api, { history });
    if (makeHistory) isComplete = await makeHistory();
  } finally {
    await weft.stop();
    await secrets.stop();
    await models.close();
  }
  if (!isComplete) {
    stopping.throwIfAborted();
    throw new StartRefused("The demo data is incomplete; the log says why. Repeat the command.", { isFinal: false });
  }
  console.log("The demo data is complete.");
}

await runMain(main);
// Nothing is left to do, but a thread or a connection may still be ending.
process.exit();
