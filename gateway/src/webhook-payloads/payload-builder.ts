import type { Databases, EventEnvelope, Logger, PayloadClaim, PubSub, TenantSecrets } from "@weft/shared";
import {
  asTenant,
  channels,
  claimPayloads,
  dropPayload,
  eventsById,
  failPayload,
  isUuid,
  postponePayload,
  ServiceUnavailable,
  storePayload,
  viewerOfUser,
  webhookBodyField,
} from "@weft/shared";
import type { Executor } from "../executor.js";
import type { Limits } from "../limits/limits.js";
import { buildPayload } from "./build-payload.js";

/** Tenants whose payloads are built at the same time, and payloads of each. */
const CONCURRENT_TENANTS = 4;
const PER_TENANT = 2;
/** Shorter than the lease of a claim. */
const MAX_TIMEOUT_MS = 30_000;
/** After that, a payload that could not be built has failed. */
const GIVE_UP_AFTER_SECONDS = 24 * 3_600;
const MAX_DELAY_SECONDS = 300;

export interface PayloadBuilderOptions {
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly secrets: TenantSecrets;
  readonly executor: Pick<Executor, "execute" | "schema">;
  readonly limits: Limits;
  readonly requestTimeoutMs: number;
  readonly log: Pick<Logger, "error" | "debug">;
}

export interface PayloadBuilder {
  /** Stops after the payloads in progress. */
  stop(): Promise<void>;
}

/**
 * Builds the payloads of webhooks that the worker asks for, because only the gateway can run operations. A message names a tenant; the work is rows in
 * the database. So a lost message, a gateway that dies and several gateways do no harm: the worker asks again, and a claim is valid for a minute.
 */
export async function startPayloadBuilder(options: PayloadBuilderOptions): Promise<PayloadBuilder> {
  const { databases, pubsub, log } = options;
  /** In the order of their turns. */
  const waiting = new Set<string>();
  const building = new Map<string, Promise<void>>();
  let isStopping = false;
  const unsubscribe = await pubsub.subscribe(channels.webhookPayloads, (tenantId) => {
    if (!isUuid(tenantId)) return;
    waiting.add(tenantId);
    startWaiting();
  });

  function startWaiting(): void {
    for (const tenantId of waiting) {
      if (isStopping || building.size >= CONCURRENT_TENANTS) return;
      if (building.has(tenantId)) continue;
      waiting.delete(tenantId);
      building.set(tenantId, buildSome(tenantId));
    }
  }

  async function buildSome(tenantId: string): Promise<void> {
    try {
      const { claims, events } = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
        const claimed = await claimPayloads(tx, PER_TENANT);
        const found = claimed.length === 0 ? [] : await eventsById(tx, [...new Set(claimed.map(({ eventId }) => eventId))]);
        return { claims: claimed, events: new Map(found.map((event) => [event.id, event])) };
      });
      await Promise.all(claims.map((claim) => build(options, tenantId, claim, events.get(claim.eventId))));
      // There can be more. The other tenants come first.
      if (claims.length === PER_TENANT) waiting.add(tenantId);
      if (claims.length > 0) await pubsub.publish(channels.webhooks, "");
    } catch (error) {
      // The worker asks again.
      if (!(error instanceof ServiceUnavailable)) log.error({ err: error, tenantId }, "payloads of webhooks could not be built");
    } finally {
      building.delete(tenantId);
      startWaiting();
    }
  }

  return {
    stop: async () => {
      isStopping = true;
      await unsubscribe();
      await Promise.all(building.values());
    },
  };
}

async function build(
  { databases, secrets, executor, limits, requestTimeoutMs }: PayloadBuilderOptions,
  tenantId: string,
  claim: PayloadClaim,
  event: EventEnvelope | undefined,
): Promise<void> {
  const { query, userId, webhookId, eventId } = claim;
  const inTenant = (work: Parameters<typeof asTenant<void>>[3]): Promise<void> => asTenant(databases.app, { tenantId }, "write", work);
  const fail = (error: string): Promise<void> => inTenant((tx) => failPayload(tx, claim, { error }));
  if (event === undefined) return fail("The event is no longer stored.");
  if (query === null || userId === null) return inTenant((tx) => dropPayload(tx, claim));
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: webhookId });
  if (viewer === null)
    return fail("The user who chose the payload is no longer active. Choose the payload again with updateWebhook, and deliver again.");
  const timeoutMs = Math.min(requestTimeoutMs, MAX_TIMEOUT_MS);
  const built = await buildPayload(executor, { query, event, viewer, timeoutMs, limits });
  if (built.kind === "failed") return fail(built.error);
  if (built.kind === "unavailable") {
    if (claim.ageSeconds >= GIVE_UP_AFTER_SECONDS) return fail(`The query could not be run for a day. The last error: ${built.error}`);
    return inTenant((tx) => postponePayload(tx, claim, { seconds: Math.min(MAX_DELAY_SECONDS, 2 ** Math.min(claim.attempt, 10)) }));
  }
  return inTenant(async (tx) => {
    const [body = ""] = await secrets.seal(tx, tenantId, [{ field: webhookBodyField(webhookId, eventId), value: built.body }]);
    await storePayload(tx, claim, { body, userId, error: built.error });
  });
}
