/** What leaves Weft: emails, text messages, messages to destinations, calls of other systems, webhooks, and the steps of runs. */
import {
  startCallSender,
  startDestinationSender,
  startMessageSender,
  startPayloadRequests,
  startPoller,
  startTextSender,
  startWebhookSender,
} from "@weft/audit";
import { bounceAddress, type Counters, outboundClient, type RowRef, type Services, startMailSender } from "@weft/shared";
import { type HostSteps, openProgramSandbox, startRunWorker } from "@weft/workflows";
import { keptTextsOf } from "./mail/kept-texts.js";
import { mailTransportOf } from "./mail/mail-transport.js";
import type { WorkerMetrics } from "./metrics.js";

/** Something that sends, or null if the installation cannot send it. */
type Sending = { idle(): Promise<void>; stop(): Promise<void> } | null;

/** The senders, by what they send. */
type Senders = Readonly<
  Record<"runs" | "calls" | "polls" | "mails" | "webhooks" | "payloads" | "messages" | "destinations" | "texts", Sending>
>;

interface Parts {
  readonly counters: Counters;
  readonly metrics: Pick<WorkerMetrics, "attempt" | "step"> | undefined;
  readonly hosted: HostSteps;
}

/** Starts the senders. */
export async function startSenders(services: Services, { counters, metrics, hosted }: Parts): Promise<Senders> {
  const { config, databases, pubsub, keys, keyring, secrets, log } = services;
  const servicesFor = (part: string) => ({ config, databases, pubsub, keyring, secrets, log: log.child({ part }) });
  const attempts = metrics && { onAttempt: metrics.attempt };
  // Steps of host applications get these services, too, so they have no keys.
  const ofRuns = servicesFor("runs");
  const programs = await openProgramSandbox(ofRuns);
  const runs = await startRunWorker({ ...ofRuns, counters, programs, hosted, ...(metrics && { onStep: metrics.step }) });
  const calls = await startCallSender({ ...servicesFor("calls"), ...attempts });
  const polls = await startPoller({ ...servicesFor("polls"), ...attempts });
  const transport = await mailTransportOf({ config, log });
  const returnPathOf = (mail: RowRef) => bounceAddress(config.mail, keys.refresh, mail);
  const mails = transport && (await startMailSender({ ...servicesFor("mails"), transport, returnPathOf }));
  const webhooks = await startWebhookSender({ ...servicesFor("webhooks"), client: outboundClient(config.outbound), ...attempts });
  const payloads = await startPayloadRequests(servicesFor("webhookPayloads"));
  const messages = transport && (await startMessageSender({ ...servicesFor("messages"), keys, transport, ...attempts }));
  const destinations = await startDestinationSender({ ...servicesFor("destinations"), keys, ...attempts });
  const texts = await startTextSender({ ...servicesFor("texts"), keys, keptTexts: keptTextsOf({ config, log }), ...attempts });
  return { runs, calls, polls, mails, webhooks, payloads, messages, destinations, texts };
}
