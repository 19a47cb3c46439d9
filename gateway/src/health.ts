import { channels } from "@weft/shared";
import type { Database, PubSub } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { SubgraphClient } from "./subgraphs/client.js";

export interface PartHealth {
  readonly isHealthy: boolean;
  /** Why not, in a sentence for operators; empty when healthy. */
  readonly reason: string;
}

/** Asks one part; must answer by itself within a second or two. */
export type HealthCheck = () => Promise<PartHealth>;

export interface Health {
  /** unhealthy: no request can succeed. degraded: some cannot, or live lags. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly parts: Readonly<Record<string, PartHealth>>;
}

const healthy: PartHealth = { isHealthy: true, reason: "" };
const broken = (reason: string): PartHealth => ({ isHealthy: false, reason });

/** Without the database there is nothing; everything else is missed by some. */
const vital = new Set(["database"]);

export async function checkHealth(checks: Readonly<Record<string, HealthCheck>>): Promise<Health> {
  const parts: Record<string, PartHealth> = {};
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      parts[name] = await within(2_000, check()).catch(() => broken("It did not answer."));
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
    (await client.isAvailable()) ? healthy : broken(`The subgraph ${client.name} does not answer: its fields are null.`);

export const pubsubCheck =
  (pubsub: PubSub): HealthCheck =>
  async () => {
    try {
      await pubsub.publish("health", "");
      return healthy;
    } catch {
      return broken("Messages are not carried: live events arrive by polling, revocations within half a second.");
    }
  };

/** The relay announces heads of tenants every second, in quiet times an empty list; silence means that live and notifications stand still. */
export async function relayCheck(pubsub: PubSub, silenceMs = 5_000): Promise<HealthCheck> {
  let heardAt = performance.now();
  const heard = (): void => void (heardAt = performance.now());
  await pubsub.subscribe(channels.heads, heard);
  await pubsub.subscribe(channels.events, heard);
  return async () =>
    performance.now() - heardAt < silenceMs ? healthy : broken("The relay of events has been silent: is a worker running?");
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("late")), timeoutMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
