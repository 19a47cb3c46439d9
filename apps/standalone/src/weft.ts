import { fileURLToPath } from "node:url";
import { createGateway, type Gateway, type GatewayOptions } from "@weft/gateway";
import { changedKeys, type Config, followKeys, type Keys } from "@weft/platform/config";
import { openConfiguredDatabases } from "@weft/platform/db";
import { createLogger, type Logger } from "@weft/platform/logging";
import { mailFolderOf } from "@weft/platform/mail";
import { personKeyring } from "@weft/platform/privacy";
import { inProcessPubSub, redisPubSub } from "@weft/platform/pubsub";
import { masterKeys, tenantSecrets } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";
import { createCounters } from "@weft/api/limits";
import type { Subgraph, SubgraphOptions } from "@weft/api/subgraph";
import { shareLoginAttempts } from "@weft/identity";
import { createWorkerMetrics, startWorker, type Worker } from "@weft/worker";
import { createWorkflowMetrics, useApiSchema, useHostSteps, type HostSteps } from "@weft/workflows";
import { Registry } from "prom-client";
import { loadExampleOperations } from "./examples.js";
import type { DemoReceiver } from "./receiver/demo-receiver.js";
import { allSubgraphs } from "./subgraphs.js";
import { supergraphOf, vendorPortalFor } from "./supergraph.js";

/** A complete Weft in this process. */
export interface Weft {
  /** The URL while listening. */
  readonly url: string;
  readonly gateway: Gateway;
  readonly worker: Worker;
  readonly services: Services;
  readonly subgraphs: readonly Subgraph[];
  /** Opens the port. */
  listen(): Promise<void>;
  /** Drains: accepts no new work, finishes running work, tells sockets to reconnect; then closes every pool. */
  stop(): Promise<void>;
}

export interface WeftOptions extends SubgraphOptions {
  readonly config: Config;
  readonly keys: Keys;
  readonly log?: Logger;
  /** Returns the keys if they have been replaced since they were read. By default, looks for changes from now on. */
  readonly changed?: () => Keys | null;
  /** The receiver of webhooks of a demo, which must be among `config.outbound.allowed`. */
  readonly receiver?: Pick<DemoReceiver, "received">;
  /** Step types of the host application, and middleware around the steps of automations. */
  readonly hosted?: HostSteps;
  /** What the gateway does when somebody opens the documentation or the console, why it refuses changes of a tenant, and its provider of feature flags. */
  readonly edge?: Pick<GatewayOptions, "buildDocs" | "buildConsole" | "refusalOfChanges" | "flagProvider">;
}

/** Composes everything into one process (`composeWeft`), and listens. */
export async function startWeft(options: WeftOptions): Promise<Weft> {
  const weft = await composeWeft(options);
  await weft.listen();
  return weft;
}

/**
 * Composes everything into one process: databases, subgraphs as in-process data sources, the worker, and the gateway, which serves `gateway.fetch`
 * and does not listen yet. Requires a migrated database. Throws errors of the configuration or the database as a sentence that says what to do.
 */
export async function composeWeft({
  config,
  keys,
  log = createLogger(config),
  changed = changedKeys(config),
  receiver,
  hosted = {},
  edge = {},
  ...options
}: WeftOptions): Promise<Weft> {
  useHostSteps(hosted);
  const databases = await openConfiguredDatabases(config, keys);
  const onError = (error: unknown) => log.warn({ err: error }, "pub/sub error");
  const pubsub =
    config.redisUrl === undefined
      ? inProcessPubSub({ onError })
      : await redisPubSub(config.redisUrl, `${config.redisPrefix}:`, { onError, changes: config.secretChanges });
  const followed = followKeys(keys, changed, { log });
  const master = masterKeys(keys, followed.changed);
  const services: Services = {
    config,
    keys,
    log,
    databases,
    pubsub,
    keyring: personKeyring(master),
    secrets: tenantSecrets(master),
  };
  const subgraphs = allSubgraphs(options);
  const endSharing = await shareLoginAttempts(services);
  const metrics = createWorkerMetrics(services);
  const counters = await createCounters({ config, log });
  const worker = await startWorker({ ...services, counters }, metrics, hosted);
  const outbox = mailFolderOf(config);
  const gateway = await createGateway({
    ...services,
    supergraphSdl: supergraphOf(subgraphs),
    vendorPortalSdl: vendorPortalFor(subgraphs),
    subgraphs: subgraphs.map((subgraph) => ({ kind: "inProcess", name: subgraph.name, subgraph, services })),
    workerMetrics: Registry.merge([metrics.registry, createWorkflowMetrics()]),
    counters,
    explorer: { operations: await loadExampleOperations() },
    ...(outbox !== null && { outbox }),
    ...(receiver !== undefined && { receiver: receiver.received }),
    ...edge,
    docsSite: fileURLToPath(new URL("../../../docs-site/dist/", import.meta.url)),
    consoleSite: fileURLToPath(new URL("../../../apps/console/dist/", import.meta.url)),
  });
  useApiSchema(() => gateway.schema);
  return {
    get url() {
      return gateway.url;
    },
    gateway,
    worker,
    services,
    subgraphs,
    listen: () => gateway.listen(),
    async stop() {
      await gateway.drain();
      await worker.stop();
      counters.close();
      followed.stop();
      await endSharing();
      await pubsub.close();
      await databases.close();
    },
  };
}
