import {
  dueAuditStreams,
  duePastReports,
  dueReplays,
  dueReportSchedules,
  startCallSender,
  startDestinationSender,
  startMessageSender,
  startPayloadRequests,
  startPoller,
  startTextSender,
  startVerificationRunner,
  startWebhookSender,
} from "@weft/audit";
import { jobIncident } from "@weft/engine";
import { dueApiKeys, dueDomains } from "@weft/identity";
import { dueEncryptions, endedEditors, endEditorsWithSessions } from "@weft/requests";
import { dueOccurrences, startSealer } from "@weft/platform/audit";
import { CheckpointPublisher, openDestinations } from "@weft/platform/checkpoints";
import { startCleaner } from "@weft/platform/cleaning";
import { startRelay } from "@weft/platform/events";
import { clamd, dueFiles, duePreviews, previewMaker } from "@weft/platform/files";
import { bounceAddress, startMailSender } from "@weft/platform/mail";
import { outboundClient } from "@weft/platform/outbound";
import { startPurger } from "@weft/platform/purge";
import {
  advancingClocks,
  type DueSource,
  dueTriggerReplays,
  findTenantsWithAdvances,
  openProgramSandbox,
  startBulkRunner,
  startDueWork,
  startRunWorker,
} from "@weft/workflows";
import { choresOf } from "./chores.js";
import { rarely } from "./due-sources.js";
import { keptTextsOf } from "./mail/kept-texts.js";
import type { PartServices, WorkerServices } from "./worker-services.js";

/** A part of a worker that was started. */
export interface StartedPart {
  /** Resolves when nothing is left to do. Absent if nobody needs to wait for it. */
  idle?(): Promise<void>;
  /** Ends after the current batches. */
  stop(): Promise<void>;
}

interface StartablePart {
  /** For the message of somebody who waits for it in vain. */
  readonly name: string;
  /** Name in the log, if it is another one. */
  readonly logName?: string;
  /** Returns null if this installation cannot do it. */
  readonly start: (services: PartServices, worker: WorkerServices) => Promise<StartedPart | null> | StartedPart | null;
}

/** A part of the background work, or one that `idle` waits for again, because those in between give it work. */
export type Part = StartablePart | { readonly name: string; readonly again: StartablePart };

/** Starts a source of work that can last longer than a turn, and is told when the worker stops. */
async function startStoppable(services: PartServices, source: (stopping: AbortSignal) => DueSource): Promise<StartedPart> {
  const stopping = new AbortController();
  const work = await startDueWork({ ...services, sources: [rarely(source(stopping.signal))] });
  const stop = (): Promise<void> => {
    stopping.abort();
    return work.stop();
  };
  return { ...work, stop };
}

const dueWork: StartablePart = {
  name: "dueWork",
  start: (services, { sources }) => startDueWork({ ...services, sources, except: findTenantsWithAdvances }),
};

const relay: StartablePart = {
  name: "relay",
  start: (services, { consumers }) => startRelay({ ...services, consumers, onPoison: jobIncident(services.keyring) }),
};

/** Opens the places that keep checkpoints of the audit trail. Undefined if there are none. */
async function publisherOf(
  { config, log }: PartServices,
  onAttempt: WorkerServices["onCheckpoint"],
): Promise<CheckpointPublisher | undefined> {
  const { checkpoints, outbound, secretChanges: changes } = config;
  const destinations = await openDestinations({ checkpoints, outbound, log, changes });
  if (destinations.length === 0) return undefined;
  return new CheckpointPublisher({ destinations, everyMs: checkpoints.everyMinutes * 60_000, log, onAttempt });
}

/**
 * All parts of a worker, in the order in which they are started, and in which `idle` waits for them: each can give work to those after it. Due work that can
 * wait for something else has a search of its own, so that no other work waits for it.
 */
export const parts: readonly Part[] = [
  {
    // An advance takes long turns, and other tenants must not wait for them.
    name: "advances",
    logName: "clocks",
    start: (services, { sources, consumers }) =>
      startDueWork({ ...services, sources: [advancingClocks({ services, sources, consumers })] }),
  },
  dueWork,
  {
    // Waits for the storage and the scanner.
    name: "files",
    start: (services, { storage }) => {
      const { clamdUrl } = services.config.files;
      const scanner = clamdUrl === undefined ? undefined : clamd(clamdUrl);
      return startDueWork({ ...services, sources: [rarely(dueFiles({ ...services, storage, scanner }))] });
    },
  },
  {
    // Scans and deletions must not wait for large images.
    name: "previews",
    logName: "files",
    start: async (services, { storage }) => {
      const maker = previewMaker();
      const work = await startDueWork({ ...services, sources: [duePreviews({ ...services, storage, maker })] });
      const stop = (): Promise<void> => {
        const stopped = work.stop();
        maker.close();
        return stopped;
      };
      return { ...work, stop };
    },
  },
  {
    // Checks of domains wait for name servers. API keys expire at a time that is not that of a sandbox's clock.
    name: "domains",
    start: (services) => startDueWork({ ...services, sources: [dueApiKeys(services), dueDomains(services)].map(rarely) }),
  },
  {
    // Ends at a time that is not that of a sandbox's clock.
    name: "editors",
    logName: "requestEditors",
    start: async (services) => {
      const work = await startDueWork({ ...services, sources: [rarely(endedEditors(services))] });
      const sessionEnds = await endEditorsWithSessions(services);
      return { ...work, stop: async () => void (await Promise.all([work.stop(), sessionEnds.stop()])) };
    },
  },
  {
    // Waits for the storage.
    name: "exports",
    logName: "lists",
    start: (services, { jobs, auditExports }) => startDueWork({ ...services, sources: [jobs.exports, auditExports].map(rarely) }),
  },
  {
    // Exports must not wait for a long import, or until the values of many objects are encrypted.
    name: "imports",
    logName: "lists",
    start: (services, { jobs }) => startDueWork({ ...services, sources: [jobs.imports, dueEncryptions(services)].map(rarely) }),
  },
  {
    // What is due gives work to the next part.
    name: "reportSchedules",
    logName: "reports",
    start: (services) => startDueWork({ ...services, sources: [dueReportSchedules(services), duePastReports(services)].map(rarely) }),
  },
  {
    // Reads much, and waits for the storage.
    name: "reports",
    start: async (services, { reports }) => {
      const work = await startDueWork({ ...services, sources: [rarely(reports)] });
      const stop = (): Promise<void> => {
        reports.abandon();
        return work.stop();
      };
      return { ...work, stop };
    },
  },
  // Both wait for the storage, and an erasure takes long turns, for which exports do not wait.
  { name: "privacyExports", logName: "privacy", start: (services, { privacyExports }) => startStoppable(services, privacyExports) },
  { name: "privacyErasures", logName: "privacy", start: (services, { privacyErasures }) => startStoppable(services, privacyErasures) },
  { name: "bulk", start: startBulkRunner },
  // What polls find, and what triggers do with past events, are events.
  { name: "polls", start: (services, { onAttempt }) => startPoller({ ...services, ...onAttempt }) },
  {
    // Live work must not wait for past events.
    name: "replays",
    start: (services) => {
      const sources = [dueReplays(services), dueTriggerReplays(services)].map(rarely);
      return startDueWork({ ...services, sources, except: findTenantsWithAdvances });
    },
  },
  relay,
  { name: "payloads", logName: "webhookPayloads", start: startPayloadRequests },
  {
    name: "webhooks",
    start: (services, { onAttempt }) => startWebhookSender({ ...services, client: outboundClient(services.config.outbound), ...onAttempt }),
  },
  // Webhooks that were disabled are events, too.
  { name: "relayAfterWebhooks", again: relay },
  // Before the sealer, which seals their entries. Refusals are in true time, not in that of a sandbox's clock.
  { name: "occurrences", start: (services) => startDueWork({ ...services, sources: [dueOccurrences(services)] }) },
  {
    name: "sealer",
    start: async (services, { signer, onCheckpoint }) => {
      const publisher = await publisherOf(services, onCheckpoint);
      const sealer = startSealer({ ...services, signer, publisher });
      const stop = async (): Promise<void> => {
        await sealer.stop();
        await publisher?.stop();
      };
      return { idle: () => sealer.idle(), stop };
    },
  },
  // Each waits for its receiver.
  {
    name: "auditStreams",
    start: (services) => startStoppable(services, (stopping) => dueAuditStreams(services, stopping)),
  },
  { name: "verifications", start: (services, { signer }) => startVerificationRunner({ ...services, signer }) },
  // Events that were consumed last can have queued notifications.
  { name: "dueWorkAfterEvents", again: dueWork },
  {
    name: "messages",
    start: (services, { keys, transport, onAttempt }) => transport && startMessageSender({ ...services, keys, transport, ...onAttempt }),
  },
  { name: "destinations", start: (services, { keys, onAttempt }) => startDestinationSender({ ...services, keys, ...onAttempt }) },
  {
    name: "texts",
    start: (services, { config, keys, log, onAttempt }) =>
      startTextSender({ ...services, keys, keptTexts: keptTextsOf({ config, log }), ...onAttempt }),
  },
  {
    name: "runs",
    start: async (services, { counters, hosted, onStep }) =>
      startRunWorker({ ...services, counters, programs: await openProgramSandbox(services), hosted, ...onStep }),
  },
  { name: "calls", start: (services, { onAttempt }) => startCallSender({ ...services, ...onAttempt }) },
  {
    name: "mails",
    start: (services, { config, keys, transport }) =>
      transport && startMailSender({ ...services, transport, returnPathOf: (mail) => bounceAddress(config.mail, keys.refresh, mail) }),
  },
  { name: "cleaner", start: (services, worker) => startCleaner({ ...services, chores: choresOf(worker) }) },
  { name: "purger", start: (services, { storage }) => startPurger({ ...services, storage }) },
];
