import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { Services } from "../services/services.js";
import { readsRequiredSince } from "../consistency/required-reads.js";
import { alone } from "../db/alone.js";
import type { Database, Tx } from "../db/database.js";
import { channels, type EventEnvelope } from "@weft/shared/event-catalog";
import { findLayers, findPlanLayers } from "./effective.store.js";
import type { ConfigurationSubject } from "./effective.store.js";
import { toEffectiveConfig } from "./resolve.js";
import type { EffectiveConfig } from "./resolve.js";

/** Services that the configuration cache needs. */
type Needed = Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> };

/** Maximum age of a cached configuration. Messages can only make it fresher. */
const freshForMs = 500;
const largestBatch = 500;
const hint = z.object({ tenantId: z.uuid().nullable() });

interface Entry {
  readonly askedAt: number;
  readonly config: Promise<EffectiveConfig>;
}

/** One cache per process, keyed by its pool. All code in the process uses the same cache. */
const caches = new WeakMap<Database, ConfigurationCache>();

/**
 * Returns the effective configuration of a tenant or a team, which is at most half a second old in every process. Tenants requested in the same turn
 * of the event loop are loaded with one statement. Reads as weft_auth on separate connections, so it can be called inside a transaction.
 * @throws ServiceUnavailable if the database is unavailable
 */
export function effectiveConfigOf(services: Needed, tenantId: string, teamId: string | null = null): Promise<EffectiveConfig> {
  return cacheOf(services).get({ tenantId, teamId });
}

/**
 * Returns the effective configuration of a transaction's tenant, as the transaction sees it. For decisions that a concurrent change of the
 * configuration must not undermine: take the lock that the change takes first. Everything else uses `effectiveConfigOf`, which is cached.
 */
export async function effectiveConfigIn(tx: Tx, tenantId: string): Promise<EffectiveConfig> {
  const [layers = []] = await findLayers(tx, [{ tenantId, teamId: null }]);
  return toEffectiveConfig(layers);
}

/** Returns the configuration that a tenant with the plan would start with. */
export async function planConfigOf({ databases }: Needed, plan: string): Promise<EffectiveConfig> {
  return toEffectiveConfig(await databases.auth.begin((tx) => findPlanLayers(tx, plan), "read"));
}

/**
 * Returns a handler that clears cached configurations according to the event log, in its order. Reads after the event therefore return at least its
 * version.
 */
export function forgetConfigurationBy(services: Needed): (event: EventEnvelope) => void {
  return ({ type, tenantId }) => {
    if (type === "configuration.changed") cacheOf(services).forget(tenantId);
  };
}

/**
 * Announces to all processes, after the commit, that the configuration of a tenant (null: of all tenants) has changed. This process reads it at once,
 * so that the caller's next request meets it. For the others, this only speeds up what happens anyway.
 */
export async function announceConfiguration(services: Needed, tenantId: string | null): Promise<void> {
  const { pubsub, log } = services;
  cacheOf(services).forget(tenantId);
  await pubsub
    .publish(channels.configuration, JSON.stringify({ tenantId }))
    .catch((error: unknown) =>
      log.warn({ err: error }, "a configuration change could not be announced; processes read it within half a second"),
    );
}

const listeners = new Set<(tenantId: string | null) => void>();

/** Calls the listener when this process hears that the configuration of a tenant (null: of all tenants) has changed, for caches of what follows from it. */
export function onConfigurationChange(listener: (tenantId: string | null) => void): void {
  listeners.add(listener);
}

function cacheOf(services: Needed): ConfigurationCache {
  const known = caches.get(services.databases.auth);
  if (known) return known;
  const made = new ConfigurationCache(services);
  caches.set(services.databases.auth, made);
  return made;
}

class ConfigurationCache {
  readonly #auth: Database;
  readonly #entries = new LRUCache<string, Entry>({ max: 20_000 });
  #waiting: { subject: ConfigurationSubject; resolve: (config: EffectiveConfig) => void; reject: (error: unknown) => void }[] = [];

  constructor({ databases, pubsub, log }: Needed) {
    this.#auth = databases.auth;
    // The subscription ends only when pub/sub is closed, because the cache lives as long as the process.
    pubsub
      .subscribe(channels.configuration, (message) => this.#onHint(message))
      .catch((error: unknown) =>
        log.warn({ err: error }, "configuration changes are not announced here; they are read within half a second"),
      );
    pubsub.onReconnect(() => this.forget(null));
  }

  get(subject: ConfigurationSubject): Promise<EffectiveConfig> {
    const key = `${subject.tenantId} ${subject.teamId ?? ""}`;
    const known = this.#entries.get(key);
    if (known && performance.now() - known.askedAt < freshForMs && known.askedAt >= readsRequiredSince(subject.tenantId))
      return known.config;
    const entry: Entry = { askedAt: performance.now(), config: this.#load(subject) };
    this.#entries.set(key, entry);
    // Failures are not cached, so the next call loads again.
    entry.config.catch(() => {
      if (this.#entries.peek(key) === entry) this.#entries.delete(key);
    });
    return entry.config;
  }

  /** Also drops loads in progress, so that later calls read from the database. */
  forget(tenantId: string | null): void {
    for (const listener of listeners) listener(tenantId);
    if (tenantId === null) return this.#entries.clear();
    for (const key of this.#entries.keys()) if (key.startsWith(tenantId)) this.#entries.delete(key);
  }

  #onHint(message: string): void {
    const parsed = hint.safeParse(safeJson(message));
    this.forget(parsed.success ? parsed.data.tenantId : null);
  }

  #load(subject: ConfigurationSubject): Promise<EffectiveConfig> {
    const { promise, resolve, reject } = Promise.withResolvers<EffectiveConfig>();
    if (this.#waiting.length === 0) setImmediate(() => this.#loadWaiting());
    this.#waiting.push({ subject, resolve, reject });
    return promise;
  }

  #loadWaiting(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < all.length; start += largestBatch) {
      const batch = all.slice(start, start + largestBatch);
      const subjects = batch.map(({ subject }) => subject);
      findLayers(alone(this.#auth), subjects).then(
        (found) => batch.forEach(({ resolve }, place) => resolve(toEffectiveConfig(found[place] ?? []))),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
  }
}

/** Returns null for an unreadable message, which clears the whole cache. */
function safeJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}
