import { auditSubgraph, dueAuditExports, dueReports } from "@weft/audit";
import { dueErasures, dueExports, identitySubgraph, type PrivacyParts } from "@weft/identity";
import { listJobs } from "@weft/requests";
import { checkpointSigner } from "@weft/platform/audit";
import { openErasureList } from "@weft/platform/erasure";
import { openFileStorage } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import { type Counters, createCounters } from "@weft/api/limits";
import { importedVendors, vendorsSubgraph } from "@weft/vendors";
import { type HostSteps, workflowsSubgraph } from "@weft/workflows";
import { consumersOf } from "./consumers.js";
import { dueSourcesOf } from "./due-sources.js";
import { mailTransportOf } from "./mail/mail-transport.js";
import type { WorkerMetrics } from "./metrics.js";

/** Services of a part of a worker. Steps of host applications get them, too, so they have no keys. */
export type PartServices = Omit<Services, "keys">;

export interface WorkerOptions {
  /** With the counters of a gateway in the same process. */
  readonly services: Services & { readonly counters?: Counters };
  readonly metrics: Pick<WorkerMetrics, "attempt" | "step" | "checkpoint"> | undefined;
  readonly hosted: HostSteps;
}

/** Opens what several parts of a worker share. */
export async function openWorkerServices({ services, metrics, hosted }: WorkerOptions) {
  const { config, databases, pubsub, keys, keyring, secrets, log } = services;
  const forParts: PartServices = { config, databases, pubsub, keyring, secrets, log };
  /** @param logName name in the log */
  const servicesFor = (logName: string): PartServices => ({ ...forParts, log: log.child({ part: logName }) });
  const storage = await openFileStorage(config.files, log.child({ part: "files" }), config.secretChanges);
  const erasures = await openErasureList({
    config: config.erasures,
    keys,
    log: log.child({ part: "privacy" }),
    changes: config.secretChanges,
  });
  const privacy: PrivacyParts = { ...servicesFor("privacy"), keys, storage, erasures };
  const counters = services.counters ?? (await createCounters({ config, log: log.child({ part: "runs" }) }));
  return {
    ...services,
    servicesFor,
    storage,
    counters,
    hosted,
    signer: await checkpointSigner(keys.checkpoint),
    /** Null if this installation sends no emails. */
    transport: await mailTransportOf({ config, log }),
    consumers: consumersOf(services, metrics),
    sources: dueSourcesOf(forParts),
    /** Exports and imports of lists. They share a subgraph. */
    jobs: listJobs({ ...servicesFor("lists"), keys }, storage, { imported: importedVendors, subgraph: vendorsSubgraph }),
    /** Reads other subgraphs than the lists. */
    reports: dueReports({
      services: { ...servicesFor("reports"), keys },
      storage,
      subgraphs: { identity: identitySubgraph, workflows: workflowsSubgraph, audit: auditSubgraph },
    }),
    /** @param stopping aborted when the worker stops */
    privacyExports: (stopping: AbortSignal) => dueExports(privacy, stopping),
    /** @param stopping aborted when the worker stops */
    privacyErasures: (stopping: AbortSignal) => dueErasures(privacy, { stopping }),
    auditExports: dueAuditExports({ services: { ...servicesFor("auditExports"), keys }, storage }),
    onAttempt: metrics && { onAttempt: metrics.attempt },
    onStep: metrics && { onStep: metrics.step },
    onCheckpoint: metrics?.checkpoint,
    close: (): void => {
      if (!services.counters) counters.close();
      storage.close();
      erasures.close();
    },
  };
}

export type WorkerServices = Awaited<ReturnType<typeof openWorkerServices>>;
