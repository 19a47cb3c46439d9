/** Sends the deliveries of webhooks. */
import {
  Alarm,
  asTenant,
  channels,
  chaos,
  type Databases,
  type Logger,
  type OutboundClient,
  pause,
  type PersonKeyring,
  type PubSub,
  ServiceUnavailable,
  type TenantSecrets,
  type Tx,
  webhookBody,
} from "@weft/shared";
import type { ObserveAttempt } from "../../../queues/attempt.js";
import { type OpenedWebhook, openWebhooks } from "../../webhook.secrets.js";
import { clearUnreadable } from "../../webhook.store.js";
import { openBodies } from "../stored-bodies.js";
import {
  claimDeliveries,
  type ClaimedRow,
  type DueWebhook,
  findDueWebhooks,
  LEASE_SECONDS,
  lockForClaim,
  renewClaims,
} from "./claim.store.js";
import { disableWebhook, hasFailedForDays } from "./disable.js";
import { finishAttempt, releaseClaim, SLOW_MS } from "./finish.store.js";
import { startRounds } from "./rounds.js";
import { type OutgoingDelivery, sendDelivery } from "./send.js";
import { sharesOf, type Share } from "./slots.js";
import { blockUnreadable, rebuildUnreadableBodies } from "./unreadable.store.js";

/** Signals make the sender fast; polling makes it reliable. */
const POLL_MS = 1_000;
/** Shortest time between two searches, so that each finished request does not cause one. */
const SEARCH_MS = 25;
/** A search that claims nothing is followed by a pause of this many times its duration. Many blocked subjects then cost a bounded share of the database. */
const PAUSES_PER_SEARCH = 2;
/** Poll interval after a webhook with a rate limit has sent, and how long it applies. */
const RATE_POLL_MS = 50;
const RATE_POLLS_FOR_MS = 2_000;
const RENEW_MS = (LEASE_SECONDS * 1_000) / 3;
/** Webhooks that one search returns. */
const MAX_FOUND = 256;
/** Tenants from which is claimed at the same time. Each uses a connection of the app pool. */
const CONCURRENT_CLAIMS = 3;
/** Time for requests in progress when the sender stops. */
const GRACE_MS = 2_000;

export interface WebhookSender {
  /** Resolves when no delivery is due. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the requests in progress, or interrupts them. Interrupted deliveries are sent again by another sender. */
  stop(): Promise<void>;
}

export interface WebhookSenderOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly pubsub: PubSub;
  readonly keyring: PersonKeyring;
  readonly secrets: TenantSecrets;
  readonly client: OutboundClient;
  readonly log: Pick<Logger, "error">;
  /** Delays after failed attempts. */
  readonly retrySeconds?: readonly number[];
  readonly onAttempt?: ObserveAttempt;
}

interface InFlight {
  readonly tenantId: string;
  readonly webhookId: string;
  readonly isTroubled: boolean;
  readonly startedAt: number;
}

/**
 * Sends due deliveries whenever slots are free, so that a slow endpoint delays only itself. Any number of senders can run: a claim is valid for a few
 * seconds and is renewed, and the deliveries of a sender that died are taken over. Delivery is at least once.
 */
export async function startWebhookSender(options: WebhookSenderOptions): Promise<WebhookSender> {
  const { databases, pubsub, secrets, keyring, client, log, retrySeconds, onAttempt } = options;
  const alarm = new Alarm();
  const stopping = new AbortController();
  const interrupt = new AbortController();
  const rounds = startRounds();
  const signal = (): void => {
    rounds.restart();
    alarm.ring();
  };
  const unsubscribe = await pubsub.subscribe(channels.webhooks, signal);
  /** By claim token. */
  const inFlight = new Map<string, InFlight>();
  const sending = new Set<Promise<void>>();
  let isSearching = false;
  let limitedUntil = 0;
  const findDue = (): Promise<DueWebhook[]> => databases.worker.begin((tx) => findDueWebhooks(tx, MAX_FOUND), "read");

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let [waitMs, pauseMs] = [POLL_MS, SEARCH_MS];
      isSearching = true;
      const startedAt = performance.now();
      try {
        const { hasClaimed, hasMoreSubjects } = await search();
        if (!hasClaimed) pauseMs = Math.min(POLL_MS, Math.max(SEARCH_MS, PAUSES_PER_SEARCH * (performance.now() - startedAt)));
        // What was just claimed can have left further deliveries due.
        if (hasClaimed || hasMoreSubjects) waitMs = SEARCH_MS;
        else if (performance.now() < limitedUntil) waitMs = RATE_POLL_MS;
      } catch (error) {
        report(error, "the sender of webhooks failed and will retry");
        await pause(POLL_MS, stopping.signal);
      } finally {
        isSearching = false;
      }
      await pause(pauseMs, stopping.signal);
      await alarm.wait(waitMs, stopping.signal);
    }
  }

  /** Claims deliveries for the free slots, and starts sending them. `hasMoreSubjects`: there are subjects that were not looked at. */
  async function search(): Promise<{ readonly hasClaimed: boolean; readonly hasMoreSubjects: boolean }> {
    const due = await findDue();
    const hasMoreSubjects = rounds.advance(due);
    const shares = sharesOf(due, requests());
    const troubled = new Set(due.filter(({ isTroubled }) => isTroubled).map(({ webhookId }) => webhookId));
    let hasClaimed = false;
    const rest = shares.values();
    const claimInTurn = async (): Promise<void> => {
      for (const share of rest) {
        if (stopping.signal.aborted) return;
        // One tenant's fault, such as a key that cannot be decrypted, must not stop the others.
        const { deliveries, unsent } = await claim(share).catch((error: unknown) => {
          log.error({ err: error, tenantId: share.tenantId }, "deliveries of webhooks could not be claimed");
          return { deliveries: [], unsent: 0 };
        });
        hasClaimed ||= deliveries.length + unsent > 0;
        for (const delivery of deliveries) start(share.tenantId, delivery, troubled.has(delivery.webhookId));
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_CLAIMS, shares.length) }, claimInTurn));
    return { hasClaimed, hasMoreSubjects };
  }

  /** The requests in progress. After a while, they count as those of slow endpoints, and so leave their slots to others. */
  function requests(): InFlight[] {
    const slowBefore = performance.now() - SLOW_MS;
    return [...inFlight.values()].map((one) => (one.startedAt <= slowBefore ? { ...one, isTroubled: true } : one));
  }

  function claim({ tenantId, webhookIds, limit }: Share): Promise<{ readonly deliveries: OutgoingDelivery[]; readonly unsent: number }> {
    return asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const locked = await lockForClaim(tx, webhookIds);
      if (locked.length === 0) return { deliveries: [], unsent: 0 };
      const found = await claimDeliveries(tx, locked, limit);
      const rows = found.filter(isClaimed);
      if (rows.some((row) => row.is_limited)) limitedUntil = performance.now() + RATE_POLLS_FOR_MS;
      const webhooks = new Map(rows.map((row) => [row.webhook_id, toSealed(row)]));
      const opened = await openWebhooks(tx, secrets, tenantId, [...webhooks.values()]);
      const stored = rows.map((row) => ({ id: row.id, webhookId: row.webhook_id, eventId: row.event_id, body: row.body }));
      const bodies = await openBodies(tx, secrets, tenantId, stored);
      const isUnreadable = ({ id, body }: Claimed): boolean => body !== null && !bodies.has(id);
      const deliveries = rows.flatMap((row) => {
        const webhook = opened.get(row.webhook_id);
        return webhook === undefined || isUnreadable(row) ? [] : [toOutgoing(row, { ...webhook, body: bodies.get(row.id) ?? null })];
      });
      await giveBack(tx, tenantId, {
        ofUnreadable: rows.filter((row) => !opened.has(row.webhook_id)),
        unreadable: rows.filter((row) => opened.has(row.webhook_id) && isUnreadable(row)),
      });
      const recovered = new Set(rows.filter((row) => row.was_unreadable && opened.has(row.webhook_id)).map((row) => row.webhook_id));
      for (const webhookId of recovered) await clearUnreadable(tx, webhookId);
      return { deliveries, unsent: found.length - deliveries.length };
    });
  }

  /** Gives deliveries back that cannot be sent, because the secret of their webhook or their own body cannot be decrypted. */
  async function giveBack(
    tx: Tx,
    tenantId: string,
    { ofUnreadable, unreadable }: { readonly ofUnreadable: readonly Claimed[]; readonly unreadable: readonly Claimed[] },
  ): Promise<void> {
    const webhookIds = [...new Set(ofUnreadable.map((row) => row.webhook_id))];
    await blockUnreadable(tx, { deliveryIds: ofUnreadable.map(({ id }) => id), webhookIds });
    await rebuildUnreadableBodies(
      tx,
      unreadable.map(({ id }) => id),
    );
    for (const webhookId of webhookIds)
      log.error({ tenantId, webhookId }, "the secret or the headers of a webhook cannot be decrypted; its deliveries wait");
    for (const { id: deliveryId } of unreadable)
      log.error({ tenantId, deliveryId }, "the stored body of a webhook's delivery cannot be decrypted; it is built again");
  }

  function start(tenantId: string, delivery: OutgoingDelivery, isTroubled: boolean): void {
    const { claimToken, webhookId } = delivery;
    inFlight.set(claimToken, { tenantId, webhookId, isTroubled, startedAt: performance.now() });
    const done = send(tenantId, delivery)
      .catch((error: unknown) => report(error, "the result of a webhook's delivery could not be recorded; it will be sent again"))
      .finally(() => {
        inFlight.delete(claimToken);
        sending.delete(done);
        signal();
      });
    sending.add(done);
  }

  async function send(tenantId: string, delivery: OutgoingDelivery): Promise<void> {
    chaos("webhooks.claimed");
    const sent = await sendDelivery(client, delivery, { signal: interrupt.signal, retrySeconds });
    chaos("webhooks.sent");
    const { id: deliveryId, webhookId, claimToken } = delivery;
    if (sent === "aborted") {
      await asTenant(databases.app, { tenantId }, "write", (tx) => releaseClaim(tx, { deliveryId, claimToken }));
      return;
    }
    const { result, isGone } = sent;
    await asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const failing = await finishAttempt(tx, result);
      const reason = isGone ? "GONE" : failing !== null && hasFailedForDays(failing) ? "FAILING" : null;
      if (reason !== null) await disableWebhook(tx, { tenantId, webhookId, reason, keyring });
    });
    chaos("webhooks.recorded");
    onAttempt?.({
      channel: "WEBHOOK",
      result: result.error === null ? "succeeded" : result.retryInSeconds === null ? "failed" : "retried",
      seconds: result.latencyMs / 1_000,
    });
  }

  /** Renews the claims of requests that take longer than usual. */
  async function renew(): Promise<void> {
    while (!interrupt.signal.aborted) {
      await pause(RENEW_MS, interrupt.signal);
      const slow = [...inFlight].filter(([, { startedAt }]) => performance.now() - startedAt >= RENEW_MS);
      for (const [tenantId, claims] of Map.groupBy(slow, ([, { tenantId: of }]) => of)) {
        const tokens = claims.map(([token]) => token);
        await asTenant(databases.app, { tenantId }, "write", (tx) => renewClaims(tx, tokens)).catch((error: unknown) =>
          report(error, "claims of webhook deliveries could not be renewed"),
        );
      }
    }
  }

  function report(error: unknown, message: string): void {
    // If the database is unavailable, other components report it.
    if (!(error instanceof ServiceUnavailable)) log.error({ err: error }, message);
  }

  const running = run();
  const renewing = renew();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      const isIdle = async (): Promise<boolean> => {
        if (isSearching || inFlight.size > 0) return false;
        const due = await findDue();
        return due.every(({ webhookId, isCertain }) => !isCertain && rounds.isOver(webhookId)) && inFlight.size === 0;
      };
      rounds.restart();
      while (!(await isIdle())) {
        alarm.ring();
        await pause(10, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
      const ended = new AbortController();
      await Promise.race([Promise.all(sending).finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
      interrupt.abort();
      await Promise.all([...sending, renewing]);
      await client.close();
      await unsubscribe();
    },
  };
}

type Claimed = ClaimedRow & { readonly claim_token: string };

const isClaimed = (row: ClaimedRow): row is Claimed => row.claim_token !== null;

const toSealed = ({ webhook_id: id, secret, previous_secret: previousSecret, headers }: ClaimedRow) => ({
  id,
  secret,
  previousSecret,
  headers,
});

function toOutgoing(row: Claimed, { secrets, headers, body }: OpenedWebhook & { readonly body: string | null }): OutgoingDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    claimToken: row.claim_token,
    messageId: row.message_id,
    attempts: row.attempts,
    url: row.url,
    headers,
    secrets,
    body: body ?? eventBody(row),
    payloadUserId: row.payload_user_id,
  };
}

function eventBody(row: ClaimedRow): string | null {
  if (row.type === null || row.event_id === null) return null;
  return webhookBody({
    id: row.event_id,
    type: row.type,
    typeVersion: row.type_version,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    subjectVersion: row.subject_version,
    related: row.related,
    payload: row.payload,
    actorId: row.actor_id,
    onBehalfOf: row.on_behalf_of,
    causeId: row.cause_id,
    occurredAt: row.occurred_at,
  });
}
