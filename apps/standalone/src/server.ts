import {
  changedKeys,
  type Config,
  createLogger,
  endOnUnhandled,
  type Keys,
  loadConfig,
  type Logger,
  openKeys,
  reportingUnreadKeys,
  roleSettings,
  runMain,
  withDatabaseUrls,
} from "@weft/shared";
import { ApiClient } from "./api-client.js";
import { assertNoDemoUsers } from "./seed/demo-guard.js";
import { asAcmeAdmin, connectReceiver } from "./receiver/connect-receiver.js";
import { type DemoReceiver, startDemoReceiver } from "./receiver/demo-receiver.js";
import { connectModels } from "./models/connect-models.js";
import { type ModelSubstitute, startModelSubstituteOf } from "./models/model-substitute.js";
import { welcome } from "./welcome.js";
import { migrateAsOwner } from "./migrate/migrate-as-owner.js";
import { seedDemo } from "./seed/seed.js";
import { composeWeft, type Weft } from "./weft.js";

/**
 * The server child of one-process mode: migrates, seeds the demo, listens, and stops on SIGTERM or when its supervisor is gone. It listens last, so
 * that clients find everything in place, including the demo users.
 */
async function main(): Promise<void> {
  const started = performance.now();
  const settings = loadConfig(process.env);
  const log = createLogger(settings);
  const changed = changedKeys(settings, reportingUnreadKeys(log));
  const keys = await openKeys(settings);
  const receiver = settings.mode === "demo" ? await startDemoReceiver() : undefined;
  const models = settings.mode === "demo" ? await startModelSubstituteOf(settings.dataDir) : undefined;
  const config = reaching(withDatabaseUrls(settings, keys), [receiver, models]);
  endOnUnhandled(log);
  await prepareDatabase(config, keys);
  const weft = await composeWeft({ config, keys, log, changed, ...(receiver && { receiver }) });
  const stopping = stopWhenTold(weft, log);
  const api = new ApiClient("http://localhost", undefined, weft.gateway.fetch);
  let makeHistory: (() => Promise<void>) | undefined;
  try {
    const history =
      config.demoData === "full"
        ? { idle: () => weft.worker.idle(), modelsUrl: models?.url, onComplete: tellComplete, signal: stopping }
        : undefined;
    if (config.mode === "demo") makeHistory = await seedDemo(weft.services, api, { history });
    if (stopping.aborted) return;
    await weft.listen();
  } catch (error) {
    // The seed uses the API, which accepts nothing during a stop. The next start continues the seed.
    if (stopping.aborted) return;
    throw error;
  }
  console.log(welcome(config, weft.url, { startMs: performance.now() - started, isPastComing: makeHistory !== undefined }));
  process.send?.("ready");
  await makeHistory?.();
  // After the history, whose thousands of events nobody wants to receive.
  if (receiver && models && !stopping.aborted) await connectDemo(api, { receiver, models, stopping, log });
}

/** Printed like the text after the start, which announces it: the log can be silent. */
const tellComplete = (seconds: number): void => console.log(`The demo data is complete after ${seconds.toFixed(1)} s.`);

/** Lets a demo reach its own servers, and nothing else on this computer. */
const reaching = (config: Config, servers: readonly ({ readonly host: string } | undefined)[]): Config => ({
  ...config,
  outbound: { ...config.outbound, allowed: [...config.outbound.allowed, ...servers.flatMap((server) => server?.host ?? [])] },
});

interface Demo {
  readonly receiver: DemoReceiver;
  readonly models: ModelSubstitute;
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/** Tells Acme where the servers of this start are. The demo works without them, so a failure is only logged. */
async function connectDemo(api: ApiClient, { receiver, models, stopping, log }: Demo): Promise<void> {
  const told = (message: string) => (error: unknown) => {
    if (!stopping.aborted) log.warn({ err: error }, message);
  };
  try {
    const admin = await asAcmeAdmin(api);
    await connectModels(admin, models.url).catch(told("Acme's agents do not find the substitute for a provider of language models"));
    await connectReceiver(admin, receiver);
  } catch (error) {
    told("Acme has no webhook to the receiver of the demo; the page /receiver stays empty")(error);
  }
}

/** Migrates if the owner's connection is configured. Otherwise, somebody else has migrated. Production starts only without demo users. */
async function prepareDatabase(config: Config, keys: Keys): Promise<void> {
  const { ownerUrl } = config.database;
  if (ownerUrl !== undefined) await migrateAsOwner({ ownerUrl, roles: roleSettings(config, keys) });
  if (config.mode === "production") await assertNoDemoUsers(config);
}

/** Returns a signal that aborts when the stop begins. The stop ends the process. */
function stopWhenTold(weft: Weft, log: Logger): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    weft.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  // Ctrl-C reaches the whole foreground process group. The supervisor decides, and sends us SIGTERM.
  process.on("SIGINT", process.send === undefined ? stop : () => {});
  process.on("disconnect", stop);
  return stopping.signal;
}

await runMain(main);
