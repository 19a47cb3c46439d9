import {
  type Config,
  createLogger,
  endOnUnhandled,
  type Keys,
  loadConfig,
  loadKeys,
  type Logger,
  roleSettings,
  runMain,
  withDatabaseUrls,
} from "@weft/shared";
import { ApiClient } from "./api-client.js";
import { assertNoDemoUsers } from "./demo-guard.js";
import { welcome } from "./welcome.js";
import { migrateAsOwner } from "./migrate-as-owner.js";
import { seedDemo } from "./seed.js";
import { composeWeft, type Weft } from "./weft.js";

/**
 * The server child of the one-process mode: migrates, seeds the demo, listens, and stops on SIGTERM or when its supervisor is gone. It listens
 * last: whoever reaches it finds everything there, the demo's users too.
 */
async function main(): Promise<void> {
  const started = performance.now();
  const settings = loadConfig(process.env);
  const keys = loadKeys(settings.keysFile, { create: settings.mode === "demo", mode: settings.mode });
  const config = withDatabaseUrls(settings, keys);
  const log = createLogger(config);
  endOnUnhandled(log);
  await prepareDatabase(config, keys);
  const weft = await composeWeft({ config, keys, log });
  const stopping = stopWhenTold(weft, log);
  let makeHistory: (() => Promise<void>) | undefined;
  try {
    const history = config.demoData === "full" ? { idle: () => weft.worker.idle(), signal: stopping } : undefined;
    const api = new ApiClient("http://localhost", undefined, weft.gateway.fetch);
    if (config.mode === "demo") makeHistory = await seedDemo(weft.services, api, { history });
    if (stopping.aborted) return;
    await weft.listen();
  } catch (error) {
    // The seed goes through the API, which takes nothing any more; the next start goes on with it.
    if (stopping.aborted) return;
    throw error;
  }
  console.log(welcome(config, weft.url, { startMs: performance.now() - started, isPastComing: makeHistory !== undefined }));
  process.send?.("ready");
  await makeHistory?.();
}

/** Migrates where the owner's connection is known; elsewhere somebody else has. Production starts only without the demo's people. */
async function prepareDatabase(config: Config, keys: Keys): Promise<void> {
  const { ownerUrl } = config.database;
  if (ownerUrl !== undefined) await migrateAsOwner({ ownerUrl, roles: roleSettings(config, keys) });
  if (config.mode === "production") await assertNoDemoUsers(config);
}

/** Returns a signal that says whether the stop has begun; it ends the process. */
function stopWhenTold(weft: Weft, log: Logger): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    weft.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, "the stop failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  // Ctrl-C reaches the whole foreground group: the supervisor decides, and tells us by SIGTERM.
  process.on("SIGINT", process.send === undefined ? stop : () => {});
  process.on("disconnect", stop);
  return stopping.signal;
}

await runMain(main);
