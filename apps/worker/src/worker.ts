import {
  auditEventUses,
  callConsumer,
  dueDeliveries,
  dueReplays,
  inboundConsumer,
  notificationConsumer,
  notificationRuleConsumer,
  pastCalls,
  pastInboundMessages,
  pastNotificationDeliveries,
  pastTextMessages,
  pastWebhookDeliveries,
  startCallSender,
  startDestinationSender,
  startMessageSender,
  startPayloadRequests,
  startPoller,
  startTextSender,
  startVerificationRunner,
  startWebhookSender,
  wakeWebhookSender,
  webhookConsumer,
} from "@weft/audit";
import { jobIncident } from "@weft/engine";
import { dueApiKeys, dueDomains, pastLogoutTokens, pastProviderKeys, pastProviderLogins } from "@weft/identity";
import {
  bounceAddress,
  canSendMail,
  canSendTexts,
  checkpointSigner,
  clamd,
  type Counters,
  createCounters,
  dueFiles,
  duePreviews,
  effectiveConfigOf,
  expiredKeys,
  openFileStorage,
  outboundClient,
  pastChallenges,
  pastEvents,
  pastGatewayReports,
  pastMails,
  pastPendingLogins,
  pastTokens,
  surplusPasswords,
  pastWindows,
  previewMaker,
  type RowRef,
  type Services,
  startCleaner,
  startMailSender,
  startPurger,
  startRelay,
  startSealer,
} from "@weft/shared";
import {
  advancingClocks,
  dueSources,
  dueTriggerReplays,
  endedRuns,
  findTenantsWithAdvances,
  pastCopies,
  pastLinks,
  openProgramSandbox,
  pastShareUses,
  pastTriggerRuns,
  startBulkRunner,
  startDueWork,
  startRunWorker,
  type HostSteps,
  statisticsConsumer,
  triggerConsumer,
  waitConsumer,
  startConsumer,
  workflowsEventUses,
} from "@weft/workflows";
import {
  assignmentConsumer,
  dueAssetDates,
  dueEncryptions,
  dueOffers,
  duePlans,
  endedEditors,
  endedOriginals,
  endEditorsWithSessions,
  listJobs,
  pastExports,
  pastImports,
} from "@weft/requests";
import {
  dueContracts,
  dueDocuments,
  dueMilestones,
  dueObligations,
  foldedWorkDays,
  importedVendors,
  pastRegistrationLinks,
  vendorsSubgraph,
} from "@weft/vendors";
import { startMailListener } from "./inbound-mail/mail-listener.js";
import { keptTextsOf } from "./mail/kept-texts.js";
import { mailTransportOf } from "./mail/mail-transport.js";
import type { WorkerMetrics } from "./metrics.js";

/** The background work of an installation. Any number of workers can run: one is active, the others are on standby. */
export interface Worker {
  /** Port at which replies to emails are received, if they are. */
  readonly inboundMailPort?: number;
  /** Something was committed: check now instead of at the next poll. */
  signal(): void;
  /** Resolves when every event is numbered, published, and consumed, every audit entry is sealed, and no email is due. */
  idle(): Promise<void>;
  /** The part that `idle` waits for, for the message of somebody who waits in vain. */
  readonly waitingFor?: string | null;
  /** Ends after the current batches. */
  stop(): Promise<void>;
}

/** Time between two searches for work that is announced when it is created, or that nobody expects to the second. */
const RARE_MS = 5_000;
const rarely = <Source extends object>(source: Source): Source & { readonly searchMs: number } => ({ ...source, searchMs: RARE_MS });

/**
 * Starts the relay, the consumers, the sealer, the email sender, the processor of bulk operations, the cleanup of old data, and the purge of archived
 * tenants. This is the composition root of background work.
 * @param services with the counters of a gateway in the same process
 * @param metrics count the attempts at deliveries and steps
 * @param hosted step types of a host application, and middleware around steps
 */
export async function startWorker(
  services: Services & { readonly counters?: Counters },
  metrics?: Pick<WorkerMetrics, "attempt" | "step">,
  hosted: HostSteps = {},
): Promise<Worker> {
  const { config, databases, pubsub, keys, keyring, secrets, log } = services;
  const onAttempt = metrics && { onAttempt: metrics.attempt };
  // First: if the port is taken, nothing else has started.
  const mailListener = await startMailListener({ ...services, log: log.child({ part: "inboundMail" }) });
  const signer = await checkpointSigner(keys.checkpoint);
  const sends = { sendsMail: canSendMail(config), sendsTexts: canSendTexts(config) };
  const consumers = [
    notificationConsumer({ databases, pubsub, keyring, ...sends, log: log.child({ part: "notifications" }) }),
    notificationRuleConsumer({
      databases,
      pubsub,
      keyring,
      ...sends,
      log: log.child({ part: "notificationRules" }),
    }),
    statisticsConsumer,
    endedRuns,
    endedOriginals(keyring),
    startConsumer({ keyring, log: log.child({ part: "workflowStarts" }) }),
    assignmentConsumer(keyring),
    inboundConsumer({ databases, keyring, secrets, ...onAttempt }),
    callConsumer({ keyring, secrets, pubsub }),
    waitConsumer({ pubsub, log }),
    triggerConsumer({ databases, keyring, log: log.child({ part: "triggers" }) }),
    webhookConsumer(() => wakeWebhookSender({ pubsub, log })),
  ];
  const relay = await startRelay({
    databases,
    pubsub,
    consumers,
    onPoison: jobIncident(keyring),
    log: log.child({ part: "relay" }),
  });
  const sealer = startSealer({ databases, signer, log: log.child({ part: "sealer" }) });
  const retentionOf = async (tenantId: string) => (await effectiveConfigOf({ databases, pubsub, log }, tenantId)).retention;
  const keptHours = async (tenantId: string) => (await retentionOf(tenantId)).idempotencyKeyHours;
  const keptDays = async (tenantId: string) => (await retentionOf(tenantId)).triggerRunDays;
  const cleaner = startCleaner({
    databases,
    chores: [
      expiredKeys(keptHours),
      pastWindows,
      pastMails,
      pastTokens,
      pastPendingLogins,
      pastChallenges,
      pastProviderLogins,
      pastLogoutTokens,
      pastProviderKeys({ databases, keyring, secrets }),
      pastGatewayReports,
      surplusPasswords(async (tenantId) => (await effectiveConfigOf({ databases, pubsub, log }, tenantId)).security.passwordHistory),
      pastCalls,
      pastCopies,
      pastLinks,
      pastTriggerRuns(keptDays),
      pastShareUses(async (tenantId) => (await retentionOf(tenantId)).shareUseDays),
      pastWebhookDeliveries(async (tenantId) => (await retentionOf(tenantId)).webhookDeliveryDays),
      pastInboundMessages(async (tenantId) => (await retentionOf(tenantId)).inboundMessageDays),
      pastNotificationDeliveries(async (tenantId) => (await retentionOf(tenantId)).notificationDeliveryDays),
      // After what refers to events.
      pastEvents({
        daysOf: async (tenantId) => (await retentionOf(tenantId)).eventDays,
        consumers: consumers.map(({ name }) => name),
        uses: [...auditEventUses, ...workflowsEventUses],
      }),
      pastTextMessages,
      pastImports,
      pastExports,
      pastRegistrationLinks,
      foldedWorkDays,
    ],
    log: log.child({ part: "cleaner" }),
  });
  const filesLog = log.child({ part: "files" });
  const storage = await openFileStorage(config.files, filesLog);
  const purger = startPurger({ databases, keyring, storage, log: log.child({ part: "purger" }) });
  const bulk = await startBulkRunner({ databases, pubsub, keyring, log: log.child({ part: "bulk" }) });
  const ofRequests = { databases, pubsub, keyring, log };
  const sources = [
    ...dueSources({ config, databases, pubsub, keyring, secrets, log }),
    duePlans(ofRequests),
    dueContracts(ofRequests),
    ...[
      dueAssetDates(ofRequests),
      dueDocuments(ofRequests),
      dueObligations(ofRequests),
      dueOffers(ofRequests),
      dueMilestones(ofRequests),
    ].map(rarely),
    dueDeliveries({ databases, pubsub, log }),
  ];
  const dueWork = await startDueWork({
    sources,
    except: findTenantsWithAdvances,
    databases,
    pubsub,
    log: log.child({ part: "dueWork" }),
  });
  const { clamdUrl } = config.files;
  const scanner = clamdUrl === undefined ? undefined : clamd(clamdUrl);
  // Not among the other sources: it waits for the storage and the scanner, and its times are not those of a sandbox's clock.
  const files = await startDueWork({
    sources: [rarely(dueFiles({ databases, keyring, storage, scanner, log: filesLog }))],
    databases,
    pubsub,
    log: filesLog,
  });
  // Not among the files: scans and deletions must not wait for large images.
  const maker = previewMaker();
  const previews = await startDueWork({
    sources: [duePreviews({ databases, storage, maker, log: filesLog })],
    databases,
    pubsub,
    log: filesLog,
  });
  // Not among the other sources: checks of domains wait for name servers. API keys expire at a time that is not that of a sandbox's clock.
  const domainsLog = log.child({ part: "domains" });
  const ofDomains = { config, databases, pubsub, keyring, log: domainsLog };
  const domains = await startDueWork({
    sources: [dueApiKeys(ofDomains), dueDomains(ofDomains)].map(rarely),
    databases,
    pubsub,
    log: domainsLog,
  });
  // Not among the other sources: it ends at a time that is not that of a sandbox's clock.
  const editorsLog = log.child({ part: "requestEditors" });
  const ofEditors = { databases, pubsub, log: editorsLog };
  const editors = await startDueWork({ ...ofEditors, sources: [rarely(endedEditors(ofEditors))] });
  const sessionEnds = await endEditorsWithSessions(ofEditors);
  // Not among the other sources: it waits for the storage, and other work must not wait for it.
  const listsLog = log.child({ part: "lists" });
  const jobs = listJobs({ config, databases, pubsub, keys, keyring, secrets, log: listsLog }, storage, {
    imported: importedVendors,
    subgraph: vendorsSubgraph,
  });
  const exports = await startDueWork({ sources: [rarely(jobs.exports)], databases, pubsub, log: listsLog });
  // Not among them either: exports must not wait for a long import, or until the values of many objects are encrypted.
  const encryptions = dueEncryptions({ databases, secrets, log: listsLog });
  const imports = await startDueWork({ sources: [jobs.imports, encryptions].map(rarely), databases, pubsub, log: listsLog });
  // Not among the other sources: live work must not wait for past events.
  const replaysLog = log.child({ part: "replays" });
  const ofReplays = { databases, pubsub, keyring, log: replaysLog };
  const replays = await startDueWork({
    sources: [dueReplays(ofReplays), dueTriggerReplays(ofReplays)].map(rarely),
    except: findTenantsWithAdvances,
    databases,
    pubsub,
    log: replaysLog,
  });
  // Not among the other sources: an advance takes long turns, and other tenants must not wait for them.
  const clockLog = log.child({ part: "clocks" });
  const clocks = advancingClocks({ services: { config, databases, pubsub, log: clockLog }, sources, consumers });
  const advances = await startDueWork({ sources: [clocks], databases, pubsub, log: clockLog });
  const verifications = await startVerificationRunner({ databases, pubsub, signer, log: log.child({ part: "verifications" }) });
  const runsLog = log.child({ part: "runs" });
  const programs = await openProgramSandbox({ config, log: runsLog });
  const counters = services.counters ?? (await createCounters({ config, log: runsLog }));
  const runs = await startRunWorker({
    config,
    counters,
    databases,
    pubsub,
    keyring,
    secrets,
    programs,
    log: runsLog,
    hosted,
    ...(metrics && { onStep: metrics.step }),
  });
  const calls = await startCallSender({ config, databases, pubsub, keyring, secrets, log: log.child({ part: "calls" }), ...onAttempt });
  const polls = await startPoller({ config, databases, pubsub, keyring, secrets, log: log.child({ part: "polls" }), ...onAttempt });
  const transport = await mailTransportOf({ config, log });
  const mailsLog = log.child({ part: "mails" });
  const returnPathOf = (mail: RowRef) => bounceAddress(config.mail, keys.refresh, mail);
  const mails = transport && (await startMailSender({ databases, pubsub, keyring, transport, log: mailsLog, returnPathOf }));
  const webhooks = await startWebhookSender({
    databases,
    pubsub,
    keyring,
    secrets,
    client: outboundClient(config.outbound),
    log: log.child({ part: "webhooks" }),
    ...onAttempt,
  });
  const payloads = await startPayloadRequests({ databases, pubsub, log: log.child({ part: "webhookPayloads" }) });
  const messagesLog = log.child({ part: "messages" });
  const messages = transport && (await startMessageSender({ config, databases, pubsub, keys, transport, log: messagesLog, ...onAttempt }));
  const destinationsLog = log.child({ part: "destinations" });
  const ofDestinations = { config, databases, pubsub, keys, keyring, secrets, ...onAttempt };
  const destinations = await startDestinationSender({ ...ofDestinations, log: destinationsLog });
  const texts = await startTextSender({ ...ofDestinations, keptTexts: keptTextsOf({ config, log }), log: log.child({ part: "texts" }) });
  let waitingFor: string | null = null;
  /** What `idle` waits for, in this order: each can give work to those after it. */
  const parts: Readonly<Record<string, Pick<Worker, "idle" | "stop"> | null | undefined | false>> = {
    advances,
    dueWork,
    files,
    previews,
    domains,
    editors,
    exports,
    imports,
    bulk,
    // What polls find, and what triggers do with past events, are events.
    polls,
    replays,
    relay,
    payloads,
    webhooks,
    // Webhooks that were disabled are events, too.
    relayAfterWebhooks: relay,
    sealer,
    verifications,
    // Events that were consumed last can have queued notifications.
    dueWorkAfterEvents: dueWork,
    messages,
    destinations,
    texts,
    runs,
    calls,
    mails,
  };
  return {
    ...(mailListener && { inboundMailPort: mailListener.port }),
    signal: () => relay.signal(),
    idle: async () => {
      for (const [name, part] of Object.entries(parts)) {
        waitingFor = name;
        if (part) await part.idle();
      }
      waitingFor = null;
    },
    get waitingFor() {
      return waitingFor;
    },
    stop: async () => {
      maker.close();
      const all = new Set([...Object.values(parts), cleaner, purger, sessionEnds, mailListener]);
      await Promise.all([...all].flatMap((part) => (part ? [part.stop()] : [])));
      if (!services.counters) counters.close();
      storage.close();
    },
  };
}
