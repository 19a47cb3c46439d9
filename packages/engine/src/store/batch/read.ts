/** Reads what the decisions of a batch are based on: instances with their open tasks, definitions to start from, and the time, in one statement. */
import type { Database } from "@weft/shared";
import type { EnvironmentName } from "../definition/published.js";
import type { InstanceRead, OpenTask } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { QueuedCall } from "./queued-call.js";
import type { Startable } from "../model/begun.js";

export type BatchRead = {
  readonly instances: ReadonlyMap<string, InstanceRead>;
  /** By environment and key. */
  readonly definitions: ReadonlyMap<string, Startable>;
};

export const placeOf = (environment: EnvironmentName = "PROD", key = ""): string => `${environment} ${key}`;

/**
 * Maximum number of characters of an instance's data, or of what comes with a call. A larger one runs unbatched, so that it does not delay the whole
 * batch.
 */
export const MAX_CHARS = 32_768;

type Found = {
  readonly instances: readonly (InstanceHead & { readonly now: string; readonly openTasks: readonly OpenTask[] | null })[];
  readonly definitions: readonly (Startable & { readonly environment: EnvironmentName })[];
};

const text = "/* readBatch */ select engine.read_batch($1::uuid, $2::uuid[], $3::text[], $4::text[], $5::integer) as found";

/** Instances that do not exist, and those with a lot of data, are missing. */
export async function readBatch(db: Database, tenantId: string, calls: readonly QueuedCall[]): Promise<BatchRead> {
  const ids = new Set<string>();
  const starts = new Map<string, { readonly key: string; readonly environment: EnvironmentName }>();
  for (const one of calls) {
    if ("firing" in one) ids.add(one.firing.id);
    else {
      const { definitionKey: key, environment = "PROD" } = one.starting;
      if (key !== undefined) starts.set(placeOf(environment, key), { key, environment });
    }
  }
  const places = [...starts.values()];
  const params = [tenantId, [...ids], places.map(({ key }) => key), places.map(({ environment }) => environment), MAX_CHARS];
  const [row] = await db.statement<{ found: Found }>(text, params, { mode: "read", tenantId });
  if (!row) throw new Error("engine.read_batch returned no row");
  return {
    instances: new Map(row.found.instances.map((one) => [one.id, readOf(one)])),
    definitions: new Map(row.found.definitions.map((one) => [placeOf(one.environment, one.key), { ...one, now: inUtc(one.now) }])),
  };
}

/** Times as the driver returns them: JSON writes UTC as an offset. */
function readOf({ now, openTasks, ...head }: Found["instances"][number]): InstanceRead {
  head.createdAt = inUtc(head.createdAt);
  head.updatedAt = inUtc(head.updatedAt);
  head.finishedAt = head.finishedAt && inUtc(head.finishedAt);
  return { head, now: inUtc(now), openTasks: openTasks ?? [] };
}

const inUtc = (time: string): string => (time.endsWith("+00:00") ? `${time.slice(0, -6)}Z` : time);
