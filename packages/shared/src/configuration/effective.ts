import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { Services } from "../context/services.js";
import type { Database } from "../db/database.js";
import { channels } from "../events/envelope.js";
import type { EventEnvelope } from "../events/envelope.js";
import { findLayers, findPlanLayers } from "./effective.store.js";
import type { ConfigurationSubject } from "./effective.store.js";
import { toEffectiveConfig } from "./resolve.js";
import type { EffectiveConfig } from "./resolve.js";

/** What it needs of a process. */
type Needed = Pick<Services, "pubsub" | "log"> & { readonly databases: Pick<Services["databases"], "auth"> };

/** A cached configuration may be this old; messages only make it fresher. */
const freshForMs = 500;
const largestBatch = 500;
const hint = z.object({ tenantId: z.uuid().nullable() });

interface Entry {
  readonly askedAt: number;
  readonly config: Promise<EffectiveConfig>;
}

/** Of the whole process, by its pool: everything that runs in it asks the same cache. */
const caches = new WeakMap<Database, ConfigurationCache>();

/**
 * What counts in a tenant, or in a team of it, at this moment: at most half a second old, in every process. Tenants asked for in the same turn of the
 * event loop are loaded by one statement. It reads as weft_auth on connections of its own, so it may be asked inside a transaction.
 * @throws ServiceUnavailable when the database is away
 */
export function effectiveConfigOf(services: Needed, tenantId: string, teamId: string | null = null): Promise<EffectiveConfig> {
  return cacheOf(services).get({ tenantId, teamId });
}

/** What a tenant of the plan would start with. */
export async function planConfigOf({ databases }: Needed, plan: string): Promise<EffectiveConfig> {
  return toEffectiveConfig(await databases.auth.begin((tx) => findPlanLayers(tx, plan), "read"));
}

/** Forgets by the event log itself, in its order: whoever sees the event and asks again is answered from behind it. */
export function forgetConfigurationBy(services: Needed): (event: EventEnvelope) => void {
  return ({ type, tenantId }) => {
    if (type === "configuration.changed") cacheOf(services).forget(tenantId);
  };
}

/** Tells all processes, after the commit, that a tenant's configuration (null: everybody's) has changed. Only hastens what comes anyway. */
export async function announceConfiguration({ pubsub, log }: Pick<Needed, "pubsub" | "log">, tenantId: string | null): Promise<void> {
  await pubsub
    .publish(channels.configuration, JSON.stringify({ tenantId }))
    .catch((error: unknown) =>
      log.warn({ err: error }, "A change of configuration could not be announced; it is read anew within half a second."),
    );
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
    // The subscription ends with the carrier: the cache lives as long as the process.
    pubsub
      .subscribe(channels.configuration, (message) => this.#onHint(message))
      .catch((error: unknown) =>
        log.warn({ err: error }, "Changes of configuration are not announced here; they are read within half a second."),
      );
    pubsub.onReconnect(() => this.#entries.clear());
  }

  get(subject: ConfigurationSubject): Promise<EffectiveConfig> {
    const key = `${subject.tenantId} ${subject.teamId ?? ""}`;
    const known = this.#entries.get(key);
    if (known && performance.now() - known.askedAt < freshForMs) return known.config;
    const entry: Entry = { askedAt: performance.now(), config: this.#load(subject) };
    this.#entries.set(key, entry);
    // A failure is not kept: the next one asks again.
    entry.config.catch(() => {
      if (this.#entries.peek(key) === entry) this.#entries.delete(key);
    });
    return entry.config;
  }

  /** Loads under way included: whoever asks from now on is answered from the database. */
  forget(tenantId: string | null): void {
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
      this.#auth
        .begin((tx) => findLayers(tx, subjects), "read")
        .then(
          (found) => batch.forEach(({ resolve }, place) => resolve(toEffectiveConfig(found[place] ?? []))),
          (error: unknown) => batch.forEach(({ reject }) => reject(error)),
        );
    }
  }
}

/** What cannot be read drops everything. */
function safeJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}
