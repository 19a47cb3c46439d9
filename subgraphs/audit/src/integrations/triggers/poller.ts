import { ConnectorError, type ConnectorTrigger, findConnector, MAX_POLL_ITEMS, type PollCursor, type PolledItem } from "@weft/connectors";
import { ServiceUnavailable } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { chaos } from "@weft/platform/chaos";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeRelay } from "@weft/platform/events";
import type { QueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { publisherOf, typeOfEvents, undeclaredType } from "../../events/mapping/mapped-event.js";
import type { ObserveAttempt } from "../../queues/attempt.js";
import { recordUse } from "../calls/call.store.js";
import { messageOf } from "../connecting.js";
import { type Sending, startInFlightSender } from "../in-flight-sender.js";
import { credentialsField } from "../integration.service.js";
import { publishItems, type PublishedItems } from "./items.js";
import { type ClaimedPoll, claimPoll, endPoll, failPoll, findTenantsWithPolls, lockPoll, releasePoll } from "./poll.store.js";
import { cursorField, errorField } from "./trigger-parts.js";
import type { TriggerRow } from "./trigger.store.js";

/** Total time of a poll. */
const TIMEOUT_MS = 15_000;
/** Time for polls in progress when the poller stops. One that is interrupted is repeated. */
const GRACE_MS = 2_000;
/** Longer than a poll, so that a poll is only taken over from a process that has ended. */
const LEASE_SECONDS = 60;
const MAX_IN_FLIGHT = 32;
const MAX_OF_TENANT = 4;
const MAX_ERROR_CHARS = 2_000;
const UNREADABLE =
  "The credentials or the cursor cannot be decrypted. Pass the credentials again with updateIntegration, and let the trigger start again.";
/** The most bytes of a cursor. */
const MAX_CURSOR_BYTES = 64 * 1024;

export interface PollerOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "secrets" | "log"> {
  readonly onAttempt?: ObserveAttempt;
}

/** What a poll came to. */
type Polled =
  | { readonly kind: "polled"; readonly items: readonly PolledItem[]; readonly cursor: PollCursor; readonly hasMore: boolean }
  | { readonly kind: "failed"; readonly error: ConnectorError };

/**
 * Asks the systems of integrations what is new, and publishes it as custom events. The events of a poll and the cursor after them are written in one
 * transaction, which the claim of the poll fences: wherever a process dies, each item becomes at most one event, and none is lost. Any number of pollers
 * can run.
 */
export function startPoller(options: PollerOptions): Promise<QueueWorker> {
  return startInFlightSender({
    services: options,
    name: "integrationPolls",
    channel: channels.integrationPolls,
    findTenants: findTenantsWithPolls,
    max: MAX_IN_FLIGHT,
    maxOfTenant: MAX_OF_TENANT,
    graceMs: GRACE_MS,
    claim: (tenantId) => claim(options, tenantId),
    send: (sending, claimed) => run(options, sending, claimed),
    onFailure: (error, tenantId, { poll }) =>
      options.log.error({ err: error, tenantId, triggerId: poll.id }, "a poll of an integration could not be recorded"),
  });
}

interface Claimed {
  readonly poll: ClaimedPoll;
  readonly cursor: PollCursor;
  readonly credentials: unknown;
}

/** Claims a poll, and decrypts its cursor and the credentials. */
const claim = ({ databases, secrets, log }: PollerOptions, tenantId: string): Promise<Claimed | null> =>
  asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const poll = await claimPoll(tx, { leaseSeconds: LEASE_SECONDS });
    if (poll === null) return null;
    const [credentials, cursor = "null"] = await secrets.openReadable(tx, tenantId, [
      { field: credentialsField(poll.integrationId), value: poll.credentials },
      ...(poll.cursor === null ? [] : [{ field: cursorField(poll.id), value: poll.cursor }]),
    ]);
    if (typeof credentials !== "string" || cursor === null) {
      // The polls of the tenant's other triggers must not wait for this one.
      const [error = ""] = await secrets.seal(tx, tenantId, [{ field: errorField(poll.id), value: UNREADABLE }]);
      await failPoll(tx, poll, { error, retryAfterSeconds: 0 });
      log.error({ tenantId, triggerId: poll.id }, "the credentials of an integration or the cursor of its trigger cannot be decrypted");
      return null;
    }
    return { poll, cursor: JSON.parse(cursor) as PollCursor, credentials: JSON.parse(credentials) as unknown };
  });

async function run(options: PollerOptions, { tenantId, outbound, signal }: Sending, { poll, cursor, credentials }: Claimed): Promise<void> {
  const { databases, config, pubsub, log } = options;
  chaos("polls.claimed");
  const startedAt = performance.now();
  const polled = await polledFrom(poll, cursor, {
    configuration: poll.integrationConfiguration,
    credentials,
    outbound,
    policy: config.outbound,
    // Not that of the trigger: a system that recognizes repetitions would always give the first answer.
    callId: poll.claimToken,
    timeoutMs: TIMEOUT_MS,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  // The end of this process is no failure of the system.
  if (polled.kind === "failed" && signal.aborted) return asTenant(databases.app, { tenantId }, "write", (tx) => releasePoll(tx, poll));
  const publisher = await publisherOf(databases, { tenantId, id: poll.id, userId: poll.userId }, "trigger");
  chaos("polls.polled");
  const recordIn = (outcome: Polled) =>
    asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const trigger = await lockPoll(tx, poll);
      if (trigger === null) return null;
      return record(tx, options, { trigger, poll, polled: outcome, publisher });
    });
  const result = await recordIn(polled).catch((error: unknown) => {
    if (error instanceof ServiceUnavailable) throw error;
    if (!(error instanceof ConnectorError))
      log.error({ err: error, tenantId, triggerId: poll.id }, "a poll of an integration could not be recorded");
    const shown =
      error instanceof ConnectorError ? error : new ConnectorError("PERMANENT", "The result of the poll could not be recorded.");
    return recordIn({ kind: "failed", error: shown });
  });
  chaos("polls.recorded");
  if (result === null) return;
  options.onAttempt?.({ channel: "POLL", result: result.kind === "ended" ? "succeeded" : "retried", seconds });
  if (result.kind === "ended" && result.published > 0) wakeRelay(pubsub, log);
}

async function polledFrom(poll: ClaimedPoll, cursor: PollCursor, context: Parameters<ConnectorTrigger["poll"]>[0]): Promise<Polled> {
  const trigger = findConnector(poll.connector)
    ?.triggersOf()
    .find(({ key }) => key === poll.trigger);
  const problems = trigger?.problemsOf(poll.configuration) ?? [
    { path: "trigger", message: `The connector has no trigger ${JSON.stringify(poll.trigger)}.` },
  ];
  if (trigger === undefined || problems.length > 0)
    return { kind: "failed", error: new ConnectorError("PERMANENT", problems.map(({ path, message }) => `${path}: ${message}`).join(" ")) };
  try {
    const result =
      poll.isStarted || poll.isFromBeginning
        ? await trigger.poll(context, poll.configuration, cursor)
        : { items: [], cursor: await trigger.start(context, poll.configuration), hasMore: false };
    if (result.items.length > MAX_POLL_ITEMS)
      return { kind: "failed", error: new ConnectorError("PERMANENT", `The system returned more than ${MAX_POLL_ITEMS} items.`) };
    if (Buffer.byteLength(JSON.stringify(result.cursor)) > MAX_CURSOR_BYTES)
      return {
        kind: "failed",
        error: new ConnectorError("PERMANENT", "The cursor has more than 64 KiB. Choose a column with shorter values."),
      };
    return { kind: "polled", ...result };
  } catch (error) {
    if (error instanceof ConnectorError) return { kind: "failed", error };
    // A bug, or an answer that nobody expected.
    const message = `The poll failed: ${error instanceof Error ? messageOf(error) : "unknown"}.`;
    return { kind: "failed", error: new ConnectorError("RETRYABLE", message, { cause: error }) };
  }
}

interface Recording {
  readonly trigger: TriggerRow;
  readonly poll: ClaimedPoll;
  readonly polled: Polled;
  /** Text: why nothing can be published. */
  readonly publisher: Awaited<ReturnType<typeof publisherOf>>;
}

type Recorded = ({ readonly kind: "ended" } & PublishedItems) | { readonly kind: "failed" };

/** Records a poll: publishes its items, moves the cursor, and records what the poll says about the integration. */
async function record(tx: Tx, options: PollerOptions, { trigger, poll, polled, publisher }: Recording): Promise<Recorded> {
  const { secrets, keyring } = options;
  const { tenantId, id } = trigger;
  const failed = async (error: string, retryAfterSeconds = 0): Promise<Recorded> => {
    const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: errorField(id), value: error }]);
    await failPoll(tx, poll, { error: sealed, retryAfterSeconds });
    return { kind: "failed" };
  };
  if (polled.kind === "failed") {
    const { error } = polled;
    const message = messageOf(error);
    const system = error.kind === "PERMANENT" ? "answered" : error.kind === "FORBIDDEN_DESTINATION" ? "forbidden" : "failed";
    await recordUse(tx, poll.integrationId, { system, ended: null, error: message });
    return failed(message, error.retryAfter);
  }
  await recordUse(tx, poll.integrationId, { system: "answered", ended: null, error: null });
  // Nothing is lost: the items are published once events can be.
  if (typeof publisher === "string") return failed(publisher);
  const type = await typeOfEvents(tx, trigger);
  if (type === null) return failed(undeclaredType(trigger.eventType));
  const items = await publishItems(tx, { trigger, type, publisher, items: polled.items, keyring });
  const [cursor = "", error = null] = await secrets.seal(tx, tenantId, [
    { field: cursorField(id), value: JSON.stringify(polled.cursor) },
    ...(items.error === null ? [] : [{ field: errorField(id), value: items.error.slice(0, MAX_ERROR_CHARS) }]),
  ]);
  await endPoll(tx, poll, { ...items, cursor, error, hasMore: polled.hasMore });
  return { kind: "ended", ...items };
}
