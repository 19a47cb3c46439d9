/** Sends the deliveries of webhooks. */
import { ServiceUnavailable } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { chaos } from "@weft/platform/chaos";
import { asTenant, type Databases } from "@weft/platform/db";
import { Alarm, pause } from "@weft/platform/leadership";
import type { Logger } from "@weft/platform/logging";
import type { OutboundClient } from "@weft/platform/outbound";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { PubSub } from "@weft/platform/pubsub";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { ObserveAttempt } from "../../../queues/attempt.js";
import { claimShare, type ClaimedShare, nothingClaimed } from "./claim-share.js";
import { type DueWebhook, findDueWebhooks, LEASE_SECONDS, renewClaims } from "./claim.store.js";
import { disableWebhook, hasFailedForDays } from "./disable.js";
import { finishAttempt, releaseClaim, SLOW_MS } from "./finish.store.js";
import { startRounds } from "./rounds.js";
import { type OutgoingDelivery, sendDelivery } from "./send.js";
import { sharesOf, type Share } from "./slots.js";

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
  const sender = new Sender(options);
  const unsubscribe = await options.pubsub.subscribe(channels.webhooks, () => sender.signal());
  sender.start();
  return {
    idle: () => sender.idle(),
    stop: async () => {
      await sender.stop();
      await options.client.close();
      await unsubscribe();
    },
  };
}

class Sender {
  readonly #options: WebhookSenderOptions;
  readonly #alarm = new Alarm();
  readonly #rounds = startRounds();
  /** Aborted when nothing more is claimed. */
  readonly #stopping = new AbortController();
  /** Aborted when requests in progress are cut off. */
  readonly #interrupt = new AbortController();
  /** By claim token. */
  readonly #inFlight = new Map<string, InFlight>();
  readonly #sending = new Set<Promise<void>>();
  #searching: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;
  #isSearching = false;
  /** Until then, webhooks with a rate limit can have a delivery due without a signal. */
  #limitedUntil = 0;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#searching = this.#search();
    this.#renewing = this.#renew();
  }

  /** A delivery can have become due, or a slot free. */
  signal(): void {
    this.#rounds.restart();
    this.#alarm.ring();
  }

  async idle(): Promise<void> {
    const forever = new AbortController().signal;
    const isIdle = async (): Promise<boolean> => {
      if (this.#isSearching || this.#inFlight.size > 0) return false;
      const due = await this.#findDue();
      return due.every(({ webhookId, isCertain }) => !isCertain && this.#rounds.isOver(webhookId)) && this.#inFlight.size === 0;
    };
    this.#rounds.restart();
    while (!(await isIdle())) {
      this.#alarm.ring();
      await pause(10, forever);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#searching;
    const ended = new AbortController();
    await Promise.race([Promise.all(this.#sending).finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
    this.#interrupt.abort();
    await Promise.all([...this.#sending, this.#renewing]);
  }

  #findDue(): Promise<DueWebhook[]> {
    return this.#options.databases.worker.begin((tx) => findDueWebhooks(tx, MAX_FOUND), "read");
  }

  /** Claims until the sender stops. */
  async #search(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let [waitMs, pauseMs] = [POLL_MS, SEARCH_MS];
      this.#isSearching = true;
      const startedAt = performance.now();
      try {
        const { hasClaimed, hasMoreSubjects } = await this.#claimDue();
        if (!hasClaimed) pauseMs = Math.min(POLL_MS, Math.max(SEARCH_MS, PAUSES_PER_SEARCH * (performance.now() - startedAt)));
        // What was just claimed can have left further deliveries due.
        if (hasClaimed || hasMoreSubjects) waitMs = SEARCH_MS;
        else if (performance.now() < this.#limitedUntil) waitMs = RATE_POLL_MS;
      } catch (error) {
        this.#report(error, "the sender of webhooks failed and will retry");
        await pause(POLL_MS, signal);
      } finally {
        this.#isSearching = false;
      }
      await pause(pauseMs, signal);
      await this.#alarm.wait(waitMs, signal);
    }
  }

  /** Claims deliveries for the free slots, and starts sending them. `hasMoreSubjects`: there are subjects that were not looked at. */
  async #claimDue(): Promise<{ readonly hasClaimed: boolean; readonly hasMoreSubjects: boolean }> {
    const due = await this.#findDue();
    const hasMoreSubjects = this.#rounds.advance(due);
    const shares = sharesOf(due, this.#requests());
    const troubled = new Set(due.filter(({ isTroubled }) => isTroubled).map(({ webhookId }) => webhookId));
    let hasClaimed = false;
    const rest = shares.values();
    const claimInTurn = async (): Promise<void> => {
      for (const share of rest) {
        if (this.#stopping.signal.aborted) return;
        const { deliveries, unsent } = await this.#claim(share);
        hasClaimed ||= deliveries.length + unsent > 0;
        for (const delivery of deliveries) this.#begin(share.tenantId, delivery, troubled.has(delivery.webhookId));
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_CLAIMS, shares.length) }, claimInTurn));
    return { hasClaimed, hasMoreSubjects };
  }

  /** One tenant's fault, such as a key that cannot be decrypted, must not stop the others. */
  async #claim(share: Share): Promise<ClaimedShare> {
    try {
      const claimed = await claimShare(this.#options, share);
      if (claimed.isLimited) this.#limitedUntil = performance.now() + RATE_POLLS_FOR_MS;
      return claimed;
    } catch (error) {
      this.#options.log.error({ err: error, tenantId: share.tenantId }, "deliveries of webhooks could not be claimed");
      return nothingClaimed;
    }
  }

  /** The requests in progress. After a while, they count as those of slow endpoints, and so leave their slots to others. */
  #requests(): InFlight[] {
    const slowBefore = performance.now() - SLOW_MS;
    return [...this.#inFlight.values()].map((one) => (one.startedAt <= slowBefore ? { ...one, isTroubled: true } : one));
  }

  #begin(tenantId: string, delivery: OutgoingDelivery, isTroubled: boolean): void {
    const { claimToken, webhookId } = delivery;
    this.#inFlight.set(claimToken, { tenantId, webhookId, isTroubled, startedAt: performance.now() });
    const done = this.#send(tenantId, delivery)
      .catch((error: unknown) => this.#report(error, "the result of a webhook's delivery could not be recorded; it will be sent again"))
      .finally(() => {
        this.#inFlight.delete(claimToken);
        this.#sending.delete(done);
        this.signal();
      });
    this.#sending.add(done);
  }

  async #send(tenantId: string, delivery: OutgoingDelivery): Promise<void> {
    const { databases, client, keyring, retrySeconds, onAttempt } = this.#options;
    chaos("webhooks.claimed");
    const sent = await sendDelivery(client, delivery, { signal: this.#interrupt.signal, retrySeconds });
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
  async #renew(): Promise<void> {
    const { signal } = this.#interrupt;
    while (!signal.aborted) {
      await pause(RENEW_MS, signal);
      const slow = [...this.#inFlight].filter(([, { startedAt }]) => performance.now() - startedAt >= RENEW_MS);
      for (const [tenantId, claims] of Map.groupBy(slow, ([, { tenantId: of }]) => of)) {
        const tokens = claims.map(([token]) => token);
        await asTenant(this.#options.databases.app, { tenantId }, "write", (tx) => renewClaims(tx, tokens)).catch((error: unknown) =>
          this.#report(error, "claims of webhook deliveries could not be renewed"),
        );
      }
    }
  }

  #report(error: unknown, message: string): void {
    // If the database is unavailable, other components report it.
    if (!(error instanceof ServiceUnavailable)) this.#options.log.error({ err: error }, message);
  }
}
