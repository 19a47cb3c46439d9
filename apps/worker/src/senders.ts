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
export type Senders = Readonly<
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
  const of = (part: string) => ({
    config,
    databases,
    pubsub,
    keys,
    keyring,
    secrets,
    log: log.child({ part }),
    ...(metrics && { onAttempt: metrics.attempt }),
  });
  const ofRuns = of("runs");
  const programs = await openProgramSandbox(ofRuns);
  const runs = await startRunWorker({ ...ofRuns, counters, programs, hosted, ...(metrics && { onStep: metrics.step }) });
  const calls = await startCallSender(of("calls"));
  const polls = await startPoller(of("polls"));
  const transport = await mailTransportOf({ config, log });
  const returnPathOf = (mail: RowRef) => bounceAddress(config.mail, keys.refresh, mail);
  const mails = transport && (await startMailSender({ ...of("mails"), transport, returnPathOf }));
  const webhooks = await startWebhookSender({ ...of("webhooks"), client: outboundClient(config.outbound) });
  const payloads = await startPayloadRequests(of("webhookPayloads"));
  const messages = transport && (await startMessageSender({ ...of("messages"), transport }));
  const destinations = await startDestinationSender(of("destinations"));
  const texts = await startTextSender({ ...of("texts"), keptTexts: keptTextsOf({ config, log }) });
  return { runs, calls, polls, mails, webhooks, payloads, messages, destinations, texts };
}
