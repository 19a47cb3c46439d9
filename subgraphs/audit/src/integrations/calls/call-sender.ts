import { type ConnectorAction, type ConnectorContext, ConnectorError, findConnector } from "@weft/connectors";
import { channels } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { chaos } from "@weft/platform/chaos";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { appendEvents, metaOfWork, wakeRelay } from "@weft/platform/events";
import type { QueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import type { DeliveryAttempt, ObserveAttempt } from "../../queues/attempt.js";
import { messageOf } from "../connecting.js";
import { type Sending, startInFlightSender } from "../in-flight-sender.js";
import { credentialsField } from "../integration.service.js";
import { endedEvent, inputField, resultField } from "./call-parts.js";
import { claimCall, type CallEnd, type ClaimedCall, endCall, findTenantsWithCalls, postponeCall, recordUse } from "./call.store.js";

/** Total time of an attempt. */
const TIMEOUT_MS = 15_000;
/** Time for calls in progress when the sender stops. */
const GRACE_MS = TIMEOUT_MS;
/** Longer than an attempt, so that a call is only taken over from a process that has ended. */
const LEASE_SECONDS = 60;
/** Delays after the first, second, … failed attempt. After the last attempt the call is dead. About eleven hours. */
const RETRY_SECONDS = [10, 60, 300, 1800, 3600, 3 * 3600, 6 * 3600] as const;
/** Calls that one process sends at the same time, in all and per tenant: tenants whose systems hang leave room for others. */
const MAX_IN_FLIGHT = 64;
const MAX_OF_TENANT = 8;
/** The most bytes of a result that are kept. */
const MAX_RESULT_BYTES = 512 * 1024;

export interface CallSenderOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "secrets" | "log"> {
  readonly retrySeconds?: readonly number[];
  readonly leaseSeconds?: number;
  readonly onAttempt?: ObserveAttempt;
}

/** What an attempt at a call came to. */
type Attempt =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: ConnectorError }
  /** It was not sent, because an earlier attempt may have been carried out. */
  | { readonly kind: "unknown" }
  /** It was not sent, because it waited for too long. */
  | { readonly kind: "expired" };

/**
 * Sends the calls that committed transactions stored. An attempt is claimed before it is sent and recorded afterwards, in transactions of their own. If
 * its process dies in between, its outcome is unknown: the call is repeated only if its action is idempotent. Any number of senders can run.
 */
export function startCallSender(options: CallSenderOptions): Promise<QueueWorker> {
  return startInFlightSender({
    services: options,
    name: "integrationCalls",
    channel: channels.integrationCalls,
    findTenants: findTenantsWithCalls,
    max: MAX_IN_FLIGHT,
    maxOfTenant: MAX_OF_TENANT,
    // Calls in progress end by themselves: whether one that is interrupted was carried out is unknown.
    graceMs: GRACE_MS,
    claim: (tenantId) => claim(options, tenantId),
    send: (sending, claimed) => send(options, sending, claimed),
    onFailure: (error, tenantId, { call }) =>
      options.log.error({ err: error, tenantId, callId: call.id }, "a call of an integration could not be recorded"),
  });
}

interface Claimed {
  readonly call: ClaimedCall;
  readonly input: unknown;
  readonly credentials: unknown;
}

/** Claims a call, and decrypts its input and the credentials. */
async function claim(options: CallSenderOptions, tenantId: string): Promise<Claimed | null> {
  const { databases, secrets, leaseSeconds = LEASE_SECONDS } = options;
  const { integrations } = await effectiveConfigOf(options, tenantId);
  const limits = { perIntegration: integrations.callsPerIntegrationAndHour, perTenant: integrations.callsPerHour };
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const call = await claimCall(tx, { leaseSeconds, limits });
    if (call === null) return null;
    const [input = "", credentials = ""] = await secrets.open(tx, tenantId, [
      { field: inputField(call.id), value: call.input },
      { field: credentialsField(call.integrationId), value: call.credentials },
    ]);
    return { call, input: JSON.parse(input) as unknown, credentials: JSON.parse(credentials) as unknown };
  });
}

async function send(
  options: CallSenderOptions,
  { tenantId, outbound, signal }: Sending,
  { call, input, credentials }: Claimed,
): Promise<void> {
  chaos("calls.claimed");
  const startedAt = performance.now();
  const attempt = await attemptAt(call, input, {
    configuration: call.configuration,
    credentials,
    outbound,
    policy: options.config.outbound,
    callId: encodeId("integrationCall", call.id),
    timeoutMs: TIMEOUT_MS,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  chaos("calls.sent");
  await asTenant(options.databases.app, { tenantId }, "write", (tx) => record(tx, options, { tenantId, call, attempt }));
  chaos("calls.recorded");
  options.onAttempt?.({ channel: "CALL", result: resultOf(attempt, secondsUntilRetry(options, call, attempt)), seconds });
  if (call.instanceId !== null) wakeRelay(options.pubsub, options.log);
}

async function attemptAt(call: ClaimedCall, input: unknown, context: ConnectorContext): Promise<Attempt> {
  const action = actionOf(call);
  const problems = action?.problemsOf(input) ?? [
    { path: "action", message: `The integration has no action ${JSON.stringify(call.action)}.` },
  ];
  if (action === undefined || problems.length > 0)
    return { kind: "failed", error: new ConnectorError("PERMANENT", problems.map(({ path, message }) => `${path}: ${message}`).join(" ")) };
  if (call.wasInterrupted && !action.isIdempotent(context, input)) return { kind: "unknown" };
  if (call.isExpired) return { kind: "expired" };
  try {
    return { kind: "done", result: await action.run(context, input) };
  } catch (error) {
    if (error instanceof ConnectorError) return { kind: "failed", error };
    // A bug, or an answer that nobody expected: it may have been carried out.
    const kind = action.isIdempotent(context, input) ? "RETRYABLE" : "UNKNOWN_OUTCOME";
    return {
      kind: "failed",
      error: new ConnectorError(kind, `The call failed: ${error instanceof Error ? messageOf(error) : "unknown"}.`, { cause: error }),
    };
  }
}

const actionOf = ({ connector, configuration, action }: ClaimedCall): ConnectorAction | undefined =>
  findConnector(connector)
    ?.actionsOf(configuration)
    .find(({ key }) => key === action);

interface Recording {
  readonly tenantId: string;
  readonly call: ClaimedCall;
  readonly attempt: Attempt;
}

/** Records an attempt: what becomes of the call, and what it says about the integration. */
async function record(tx: Tx, options: CallSenderOptions, { tenantId, call, attempt }: Recording): Promise<void> {
  if (attempt.kind === "done") {
    const [result = null] = await options.secrets.seal(tx, tenantId, [{ field: resultField(call.id), value: boundedText(attempt.result) }]);
    if (!(await end(tx, options, { tenantId, call, end: { status: "DONE", result, error: null } }))) return;
    return recordUse(tx, call.integrationId, { system: "answered", ended: "done", error: null });
  }
  if (attempt.kind === "unknown") {
    const error = "The process that sent the call ended before the answer. The call is not repeated, because its action is not idempotent.";
    await end(tx, options, { tenantId, call, end: { status: "UNKNOWN", result: null, error } });
    return;
  }
  if (attempt.kind === "expired") {
    const error =
      "The call could not be sent for more than a day, so it is not sent any more. If the database was restored from a backup, the call may have been sent before.";
    await end(tx, options, { tenantId, call, end: { status: "EXPIRED", result: null, error } });
    return;
  }
  const { error } = attempt;
  const message = messageOf(error);
  const seconds = secondsUntilRetry(options, call, attempt);
  const isPostponed = seconds !== undefined;
  const status = error.kind === "RETRYABLE" ? "DEAD" : error.kind === "UNKNOWN_OUTCOME" ? "UNKNOWN" : "FAILED";
  const isCurrent = isPostponed
    ? await postponeCall(tx, call, { seconds: Math.max(seconds, error.retryAfter ?? 0), error: message })
    : await end(tx, options, { tenantId, call, end: { status, result: null, error: message } });
  if (!isCurrent) return;
  const system = error.kind === "PERMANENT" ? "answered" : error.kind === "FORBIDDEN_DESTINATION" ? "forbidden" : "failed";
  await recordUse(tx, call.integrationId, { system, ended: isPostponed ? null : "failed", error: message });
}

/** Returns the delay until the next attempt. Undefined if there is none. */
function secondsUntilRetry(
  { retrySeconds = RETRY_SECONDS }: CallSenderOptions,
  { attempts }: ClaimedCall,
  attempt: Attempt,
): number | undefined {
  return attempt.kind === "failed" && attempt.error.kind === "RETRYABLE" ? retrySeconds[attempts - 1] : undefined;
}

function resultOf(attempt: Attempt, secondsToWait: number | undefined): DeliveryAttempt["result"] {
  if (attempt.kind === "done") return "succeeded";
  if (attempt.kind === "unknown") return "unknown";
  if (attempt.kind === "expired") return "failed";
  if (attempt.error.kind === "UNKNOWN_OUTCOME") return "unknown";
  return secondsToWait === undefined ? "failed" : "retried";
}

/** Ends a call. That of a workflow is announced by an event, whose consumer does what the definition says. */
async function end(
  tx: Tx,
  { keyring }: CallSenderOptions,
  { tenantId, call, end: ended }: { readonly tenantId: string; readonly call: ClaimedCall; readonly end: CallEnd },
): Promise<boolean> {
  const version = await endCall(tx, call, ended);
  if (version === null) return false;
  const { id, instanceId } = call;
  if (instanceId !== null)
    await appendEvents(tx, metaOfWork("integrationCalls", tenantId, keyring), [
      endedEvent({ id, version, instanceId, status: ended.status }),
    ]);
  return true;
}

/** Returns a result as JSON. One that is too large, or nested too deeply to be written, is not kept: the call has been carried out all the same. */
function boundedText(result: unknown): string {
  let text: string;
  try {
    text = (JSON.stringify(result) ?? "null").toWellFormed();
  } catch (error) {
    if (error instanceof RangeError) return JSON.stringify({ isOmitted: true, bytes: null });
    throw error;
  }
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_RESULT_BYTES ? JSON.stringify({ isOmitted: true, bytes }) : text;
}
