/** Lets a process that starts runs and has a worker take their first steps with the start. */
import type { Database } from "@weft/platform/db";
import type { TakenStep, Taking } from "./take-step.js";

/** Places of a worker that are occupied for the first steps of new runs. `begin` must follow. */
export type ReservedPlaces = {
  /** Their number, from 1. */
  readonly room: number;
  /** Frees places that no step needs. */
  readonly release: (count: number) => void;
  /** Does the steps, whose take is committed, and frees the other places. */
  readonly begin: (taken: readonly TakenStep[]) => void;
};

/** The worker of this process. */
export type FirstStepWorker = Taking & {
  /** Occupies up to `wanted` places. Null: there are none for the tenant, or others of its steps wait for them. */
  readonly reserve: (tenantId: string, wanted: number) => ReservedPlaces | null;
};

const workers = new WeakMap<Database, FirstStepWorker>();

/** Lets the runs that are started through this pool begin in the transaction of their start, while the worker has room. Returns how to end that. */
export function offerFirstSteps(db: Database, worker: FirstStepWorker): () => void {
  workers.set(db, worker);
  return () => {
    if (workers.get(db) === worker) workers.delete(db);
  };
}

/** Returns the worker of the process that uses the pool, if it has one. */
export const firstStepWorkerOf = (db: Database): FirstStepWorker | undefined => workers.get(db);
