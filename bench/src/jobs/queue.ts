import type { postgres } from "@weft/pg-driver";
import { spentSeconds } from "../harness/processor-time.js";
import type { Contestant } from "../harness/rounds.js";

/** Number of jobs that are written in one transaction, with one business row. */
export const JOBS_PER_TRANSACTION = 10;
/** Number of transactions at the same time, and of connections. */
export const WRITERS = 10;

/** A way to do work in the background: jobs are written in the transaction of a business row, and handled after its commit. */
export interface Queue {
  /** Writes a business row and these jobs in one transaction. */
  write(jobIds: readonly string[]): Promise<void>;
  /**
   * Handles the waiting jobs, and calls the function with the ID of each. Returns a function that resolves when the jobs that were handled are recorded
   * as done, and ends the workers.
   */
  start(handled: (jobId: string) => void): Promise<() => Promise<void>>;
  /** Number of jobs that are not done. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export interface QueueRound {
  readonly owner: postgres.Sql;
  readonly jobs: number;
  /** Creates the same conditions for each round. */
  readonly settle: () => Promise<void>;
}

/** Writes jobs, then handles them. Throws unless each was handled exactly once. Costs are those of this process and the database. */
export const contestantOf = (name: string, queue: Queue, { owner, jobs, settle }: QueueRound): Contestant => ({
  name,
  run: async () => {
    await settle();
    const jobIds = Array.from({ length: jobs }, () => crypto.randomUUID());
    const beforeWriting = await spentSeconds(owner);
    await writeAll(queue, jobIds);
    const beforeHandling = await spentSeconds(owner);
    const written = beforeHandling - beforeWriting;
    const left = new Set<string>(jobIds);
    const twice: string[] = [];
    const began = performance.now();
    let seconds = 0;
    const all = Promise.withResolvers<void>();
    const finish = await queue.start((jobId) => {
      if (!left.delete(jobId)) twice.push(jobId);
      if (left.size > 0) return;
      seconds = (performance.now() - began) / 1_000;
      all.resolve();
    });
    await all.promise;
    await finish();
    const handled = (await spentSeconds(owner)) - beforeHandling;
    const waiting = await queue.waiting();
    if (twice.length > 0 || waiting > 0) throw new Error(`${name}: ${twice.length} jobs were handled twice, and ${waiting} are not done.`);
    return {
      "handled/s": jobs / seconds,
      "written per processor second": jobs / written,
      "handled per processor second": jobs / handled,
      "both per processor second": jobs / (written + handled),
    };
  },
});

async function writeAll(queue: Queue, jobIds: readonly string[]): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < jobIds.length) {
      const slice = jobIds.slice(next, next + JOBS_PER_TRANSACTION);
      next += JOBS_PER_TRANSACTION;
      await queue.write(slice);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}
