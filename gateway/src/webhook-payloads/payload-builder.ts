import { ServiceUnavailable } from "@weft/shared/errors";
import { channels, type EventEnvelope } from "@weft/shared/event-catalog";
import { asTenant, type Databases, type Tx } from "@weft/platform/db";
import { eventsById } from "@weft/platform/events";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { viewerOfUser } from "@weft/platform/rights";
import type { TenantSecrets } from "@weft/platform/secrets";
import {
  claimPayloads,
  dropPayload,
  failPayload,
  type PayloadClaim,
  postponePayload,
  storePayload,
  webhookBodyField,
} from "@weft/platform/webhooks";
import type { Executor } from "../executor.js";
import type { Limits } from "../limits/limits.js";
import { startTenantTurns, type TenantTurns } from "../tenant-turns.js";
import { buildPayload } from "./build-payload.js";
import type { PayloadConcurrency, PayloadRate } from "./payload-limits.js";

/** Shorter than the lease of a claim. */
const MAX_TIMEOUT_MS = 30_000;
/** After that, a payload that could not be built has failed. */
const GIVE_UP_AFTER_SECONDS = 24 * 3_600;
const MAX_DELAY_SECONDS = 300;
/** Claims in a row whose gateway ended without a result. After that, the query is assumed to be the reason, and does not run again. */
const MAX_LAPSES = 5;

export interface PayloadBuilderOptions {
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly secrets: TenantSecrets;
  readonly executor: Pick<Executor, "execute" | "schema">;
  readonly limits: Limits;
  readonly rate: PayloadRate;
  /** Tenants take turns. */
  readonly concurrency: PayloadConcurrency;
  readonly requestTimeoutMs: number;
  readonly log: Pick<Logger, "error" | "debug">;
}

/**
 * Builds the payloads of webhooks that the worker asks for, because only the gateway can run operations. A message names a tenant; the work is rows in
 * the database. So a lost message, a gateway that dies and several gateways do no harm: the worker asks again, and a claim is valid for a minute.
 */
export async function startPayloadBuilder(options: PayloadBuilderOptions): Promise<TenantTurns> {
  const { databases, pubsub, log, rate, concurrency } = options;
  async function buildSome(tenantId: string): Promise<boolean> {
    // Nothing is claimed until the minute ends. The worker asks again.
    if ((await rate.take(tenantId, 0)) > 0) return false;
    const { claims, events } = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const claimed = await claimPayloads(tx, concurrency.perTenant);
      const found = claimed.length === 0 ? [] : await eventsById(tx, [...new Set(claimed.map(({ eventId }) => eventId))]);
      return { claims: claimed, events: new Map(found.map((event) => [event.id, event])) };
    });
    const built = await Promise.allSettled(claims.map((claim) => buildOrPostpone(options, tenantId, claim, events.get(claim.eventId))));
    for (const result of built) if (result.status === "rejected") report(result.reason, tenantId);
    if (claims.length > 0) await pubsub.publish(channels.webhooks, "");
    return claims.length === concurrency.perTenant;
  }

  function report(error: unknown, tenantId: string): void {
    // If the database is unavailable, other components report it.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error, tenantId }, "a payload of a webhook could not be built");
  }

  return startTenantTurns({ pubsub, channel: channels.webhookPayloads, max: concurrency.tenants, turn: buildSome, onError: report });
}

/** Builds a payload. After an unexpected error it is built again later, for up to a day. @throws that error */
async function buildOrPostpone(
  options: PayloadBuilderOptions,
  tenantId: string,
  claim: PayloadClaim,
  event: EventEnvelope | undefined,
): Promise<void> {
  try {
    await build(options, tenantId, claim, event);
  } catch (error) {
    await asTenant(options.databases.app, { tenantId }, "write", (tx) => retryLater(tx, claim, "Weft had an internal error."));
    throw error;
  }
}

/** Builds the payload again later, unless it could not be built for a day. */
const retryLater = (tx: Tx, claim: PayloadClaim, error: string): Promise<void> =>
  claim.failingSeconds >= GIVE_UP_AFTER_SECONDS
    ? failPayload(tx, claim, { error: `The query could not be run for a day. The last error: ${error}` })
    : postponePayload(tx, claim, { seconds: Math.min(MAX_DELAY_SECONDS, 2 ** Math.min(claim.claims, 10)), isFailing: true });

async function build(
  { databases, secrets, executor, limits, rate, requestTimeoutMs }: PayloadBuilderOptions,
  tenantId: string,
  claim: PayloadClaim,
  event: EventEnvelope | undefined,
): Promise<void> {
  const { query, userId, webhookId, eventId, generation } = claim;
  const inTenant = (work: Parameters<typeof asTenant<void>>[3]): Promise<void> => asTenant(databases.app, { tenantId }, "write", work);
  const fail = (error: string): Promise<void> => inTenant((tx) => failPayload(tx, claim, { error }));
  if (event === undefined) return fail("The event is no longer stored.");
  if (query === null || userId === null) return inTenant((tx) => dropPayload(tx, claim));
  if (claim.lapses >= MAX_LAPSES)
    return fail(`The query ended without a result ${claim.lapses} times. Change it with updateWebhook, and deliver again.`);
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: webhookId });
  if (viewer === null)
    return fail("The user who chose the payload is no longer active. Choose the payload again with updateWebhook, and deliver again.");
  const waitSeconds = await rate.take(tenantId, 1);
  if (waitSeconds > 0) return inTenant((tx) => postponePayload(tx, claim, { seconds: waitSeconds }));
  const timeoutMs = Math.min(requestTimeoutMs, MAX_TIMEOUT_MS);
  const built = await buildPayload(executor, { query, event, viewer, timeoutMs, limits });
  if (built.kind === "failed") return fail(built.error);
  if (built.kind === "unavailable") return inTenant((tx) => retryLater(tx, claim, built.error));
  return inTenant(async (tx) => {
    const [body = ""] = await secrets.seal(tx, tenantId, [{ field: webhookBodyField(webhookId, eventId), value: built.body }]);
    await storePayload(tx, claim, { body, userId, generation, error: built.error });
  });
}
