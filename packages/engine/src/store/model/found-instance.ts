import { inUtc } from "./in-utc.js";
import type { InstanceHead } from "./instance-head.js";
import type { InstanceRead, OpenTask } from "./snapshot.js";

/** An instance as `engine.read_batch` returns it. */
export type FoundInstance = InstanceHead & { readonly now: string; readonly openTasks: readonly OpenTask[] | null };

/** Returns the instance as `findInstances` does. */
export function instanceReadOf({ now, openTasks, ...head }: FoundInstance): InstanceRead {
  head.createdAt = inUtc(head.createdAt);
  head.updatedAt = inUtc(head.updatedAt);
  head.finishedAt = head.finishedAt && inUtc(head.finishedAt);
  head.closedAt = head.closedAt && inUtc(head.closedAt);
  return { head, now: inUtc(now), openTasks: openTasks ?? [] };
}
