import { channels } from "@weft/shared/event-catalog";
import { type SecretChanges, secretProblems } from "@weft/platform/config";
import type { Database } from "@weft/platform/db";
import type { FileStorage, MalwareScanner } from "@weft/platform/files";
import type { Flags } from "@weft/platform/flags";
import { contained } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { sql } from "drizzle-orm";
import type { SubgraphClient } from "./subgraphs/client.js";

export interface PartHealth {
  readonly isHealthy: boolean;
  /** The reason, as a sentence for operators. Empty if healthy. */
  readonly reason: string;
}

/** Checks one part. It must return within a second or two on its own. */
export type HealthCheck = () => Promise<PartHealth>;

export interface Health {
  /** unhealthy: no request can succeed. degraded: some requests fail, or live events are delayed. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly parts: Readonly<Record<string, PartHealth>>;
}

const healthy: PartHealth = { isHealthy: true, reason: "" };
const broken = (reason: string): PartHealth => ({ isHealthy: false, reason });

/** Nothing works without the database. All other parts affect only some requests. */
const vital = new Set(["database"]);

export async function checkHealth(checks: Readonly<Record<string, HealthCheck>>): Promise<Health> {
  const parts: Record<string, PartHealth> = {};
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      parts[name] = await within(2_000, check()).catch(() => broken("No response."));
    }),
  );
  const bad = Object.entries(parts).filter(([, { isHealthy }]) => !isHealthy);
  const status = bad.length === 0 ? "healthy" : bad.some(([name]) => vital.has(name)) ? "unhealthy" : "degraded";
  return { status, parts: Object.fromEntries(Object.entries(parts).toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

export const databaseCheck =
  (database: Database): HealthCheck =>
  async () => {
    await database.begin((tx) => tx.execute(sql`select 1`), "read");
    return healthy;
  };

export const subgraphCheck =
  (client: SubgraphClient): HealthCheck =>
  async () =>
    (await client.isAvailable()) ? healthy : broken(`The subgraph ${client.name} does not respond. Its fields are null.`);

export const pubsubCheck =
  (pubsub: PubSub): HealthCheck =>
  async () => {
    try {
      await pubsub.publish("health", "");
      return healthy;
    } catch {
      return broken("Publishing a message failed. Live events are delivered by polling, and revocations within half a second.");
    }
  };

/**
 * The relay publishes the tenants' latest positions every second, or an empty list if nothing changed. Silence means that live events and
 * notifications are not delivered.
 */
export async function relayCheck(pubsub: PubSub, silenceMs = 5_000): Promise<HealthCheck> {
  let heardAt = performance.now();
  const heard = (): void => void (heardAt = performance.now());
  await pubsub.subscribe(channels.heads, heard);
  await pubsub.subscribe(channels.events, heard);
  return async () =>
    performance.now() - heardAt < silenceMs ? healthy : broken("The event relay has been silent. Check that a worker is running.");
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    contained("the time limit of a health check", () => reject(new Error("late"))),
    timeoutMs,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export const storageCheck =
  (storage: Pick<FileStorage, "check">): HealthCheck =>
  async () => {
    try {
      await storage.check();
      return healthy;
    } catch {
      return broken("The storage of files does not respond. Uploads and downloads fail.");
    }
  };

/** Nothing fails while the last values are valid, but operators must know in time. */
export const secretsCheck =
  (changes: SecretChanges): HealthCheck =>
  async () => {
    const problems = secretProblems(changes);
    return problems.length === 0 ? healthy : broken(problems.join(" "));
  };

/** Nothing fails: the last flags remain in use. */
export const flagsCheck =
  (flags: Pick<Flags, "problems">): HealthCheck =>
  async () => {
    const problems = flags.problems();
    return problems.length === 0 ? healthy : broken(`${problems.join(" ")}. The last flags remain in use.`);
  };

export const scannerCheck =
  (scanner: Pick<MalwareScanner, "check">): HealthCheck =>
  async () => {
    try {
      await scanner.check();
      return healthy;
    } catch {
      return broken("The malware scanner does not respond. Received files keep the status SCANNING until it does.");
    }
  };
