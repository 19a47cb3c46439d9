import { existsSync } from "node:fs";
import {
  changedKeys,
  type Config,
  type FollowedSecrets,
  openConfig,
  openKeys,
  reportingUnreadKeys,
  withDatabaseUrls,
} from "@weft/platform/config";
import { createLogger, endOnUnhandled, type Logger, outliveOutput, runMain } from "@weft/platform/logging";
import { ApiClient } from "./api-client.js";
import { consoleBuild, docsBuild, startedOnDemand } from "./background-build.js";
import { patiently } from "./patient-fetch.js";
import { asAcmeAdmin, connectReceiver } from "./receiver/connect-receiver.js";
import { type DemoReceiver, hintOf, startDemoReceiver } from "./receiver/demo-receiver.js";
import { connectModels } from "./models/connect-models.js";
import { type ModelSubstitute, startModelSubstituteOf } from "./models/model-substitute.js";
import { welcome } from "./welcome.js";
import { prepareDatabase, reaching } from "./prepare.js";
import { type HistoryState, refusalOfChanges } from "./seed/refusal-of-changes.js";
import { seedDemo } from "./seed/seed.js";
import { awaitEnvironment } from "./supervisor/await-environment.js";
import { allSubgraphs } from "./subgraphs.js";
import { ensureSchemas } from "./supergraph.js";
import { composeWeft, type Weft, type WeftOptions } from "./weft.js";

/**
 * The server child of one-process mode: migrates, seeds the demo, listens, and stops on SIGTERM or when its supervisor is gone. It listens last, so
 * that clients find everything in place, including the demo users.
 */
async function main(): Promise<void> {
  const started = performance.now();
  outliveOutput();
  // What takes much of a start and needs no database, while the supervisor starts one. The process keeps the subgraphs.
  ensureSchemas(allSubgraphs());
  await awaitEnvironment();
  const { config, secrets } = await openConfig(process.env);
  try {
    await serve(config, { secrets, started });
  } catch (error) {
    // The server of secrets deletes what it has created for this start.
    await secrets.stop();
    throw error;
  }
}

async function serve(
  settings: Config,
  { secrets, started }: { readonly secrets: FollowedSecrets; readonly started: number },
): Promise<void> {
  const log = createLogger(settings);
  secrets.start(log);
  const changed = changedKeys(settings, reportingUnreadKeys(log));
  const keys = await openKeys(settings);
  const receiver = settings.mode === "demo" ? await startDemoReceiver() : undefined;
  const models = settings.mode === "demo" ? await startModelSubstituteOf(settings.dataDir) : undefined;
  const reached = reaching(withDatabaseUrls(settings, keys), [receiver, models]);
  const config = receiver ? { ...reached, outbound: { ...reached.outbound, hint: hintOf(receiver) } } : reached;
  endOnUnhandled(log);
  await prepareDatabase(config, keys);
  let history: HistoryState = "complete";
  const edge: WeftOptions["edge"] = {
    buildDocs: startedOnDemand(docsBuild),
    buildConsole: startedOnDemand(consoleBuild),
    refusalOfChanges: (viewer) => refusalOfChanges(viewer, history),
  };
  const weft = await composeWeft({ config, keys, log, changed, edge, ...(receiver && { receiver }) });
  const stopping = stopWhenTold(weft, { secrets, log });
  const api = new ApiClient("http://localhost", undefined, patiently(weft.gateway.fetch, { signal: stopping }));
  let makeHistory: (() => Promise<boolean>) | undefined;
  try {
    const options =
      config.demoData === "full"
        ? { idle: () => weft.worker.idle(), modelsUrl: models?.url, onComplete: tellComplete, signal: stopping }
        : undefined;
    if (config.mode === "demo") makeHistory = await seedDemo(weft.services, api, { history: options });
    if (makeHistory) history = "coming";
    if (stopping.aborted) return;
    await weft.listen();
  } catch (error) {
    // The seed uses the API, which accepts nothing during a stop. The next start continues the seed.
    if (stopping.aborted) return;
    throw error;
  }
  console.log(welcome(config, weft.url, { startMs: performance.now() - started, isPackaged, isPastComing: makeHistory !== undefined }));
  process.send?.("ready");
  if (makeHistory) {
    const isComplete = await makeHistory();
    // A stop ends the history early. Until the stop is complete, Acme is as unfinished as before.
    if (!stopping.aborted) history = isComplete ? "complete" : "incomplete";
  }
  // After the history, whose thousands of events nobody wants to receive.
  if (receiver && models && !stopping.aborted) await connectDemo(api, { receiver, models, stopping, log });
}

/** The package for npm has this file (scripts/package.ts). */
const isPackaged = existsSync(new URL("../../../bin/weft.js", import.meta.url));

/** Printed like the text after the start, which announces it: the log can be silent. */
const tellComplete = (seconds: number): void => console.log(`The demo data is complete after ${seconds.toFixed(1)} s.`);

interface Demo {
  readonly receiver: DemoReceiver;
  readonly models: ModelSubstitute;
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/** Tells Acme where the servers of this start are. The demo works without them, so a failure is only logged. */
async function connectDemo(api: ApiClient, { receiver, models, stopping, log }: Demo): Promise<void> {
  const warn = (message: string) => (error: unknown) => {
    if (!stopping.aborted) log.warn({ err: error }, message);
  };
  try {
    const admin = await asAcmeAdmin(api);
    await connectModels(admin, models.url).catch(warn("Acme's agents do not find the substitute for a provider of language models"));
    await connectReceiver(admin, receiver);
  } catch (error) {
    warn("Acme has no webhook to the receiver of the demo; the page /receiver stays empty")(error);
  }
}

/** Returns a signal that aborts when the stop begins. The stop ends the process. */
function stopWhenTold(weft: Weft, { secrets, log }: { readonly secrets: FollowedSecrets; readonly log: Logger }): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    // The secrets last: their server may delete what connections were opened with.
    const stopped = weft.stop().then(() => secrets.stop());
    stopped.then(
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
