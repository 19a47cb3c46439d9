/** Queues of steps: how many of their steps can begin in this transaction. */
import type { Tx } from "@weft/platform/db";
import type { Step } from "../../core/model/automation.js";
import type { StepSnapshot } from "../../core/model/run.js";
import type { LoadedRun } from "./loaded-run.js";
import { lockQueues } from "./runs.store.js";

export type QueueRoom = {
  /** Whether the step can begin now. The queues that it can be in are locked by the first question. */
  has(loaded: LoadedRun, step: StepSnapshot): Promise<boolean>;
  /** Counts a step that has begun. */
  take(loaded: LoadedRun, step: StepSnapshot): void;
};

/** Returns the queue of a step. */
export const queueOf = ({ stateRun }: LoadedRun, { id, item }: StepSnapshot): Step["queue"] =>
  stateRun.graph.steps.get(item?.of ?? id)?.queue ?? null;

/** The queues of all runs are locked at once, in the order of their names and after the runs, so that two transactions never wait for each other. */
export function queueRoom(tx: Tx, runs: readonly LoadedRun[]): QueueRoom {
  const names = new Set(runs.flatMap(({ stateRun }) => [...stateRun.graph.steps.values()].flatMap(({ queue }) => queue?.name ?? [])));
  let busy: Map<string, number> | undefined;
  return {
    has: async (loaded, step) => {
      const queue = queueOf(loaded, step);
      if (queue === null) return true;
      busy ??= await lockQueues(tx, [...names]);
      return (busy.get(queue.name) ?? 0) < queue.limit;
    },
    take: (loaded, step) => {
      const queue = queueOf(loaded, step);
      if (queue && busy) busy.set(queue.name, (busy.get(queue.name) ?? 0) + 1);
    },
  };
}
