import type { DueRun, StepResult } from "@weft/engine";

/** Results that are recorded, and new runs that begin, in one transaction. */
export const MAX_BATCH = 64;

/** What one transaction does in a tenant. */
export interface Recording {
  readonly results: readonly StepResult[];
  /** Runs that have started and can begin. */
  readonly started: readonly DueRun[];
}

export interface RecorderOptions {
  /** Records results of a tenant, and lets runs begin, in one transaction. Returns the errors of results that could not be recorded. */
  readonly record: (tenantId: string, recording: Recording) => Promise<ReadonlyMap<StepResult, unknown>>;
}

export interface ResultRecorder {
  /** Resolves when the result is recorded. */
  record(tenantId: string, result: StepResult): Promise<void>;
  /** Resolves when the run has begun, or was found not to be due. */
  begin(tenantId: string, run: DueRun): Promise<void>;
}

type Work = { readonly result: StepResult } | { readonly run: DueRun };
type Waiting = { readonly work: Work; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/**
 * Records results of steps, and lets runs begin. Those of a tenant that come while others are being recorded share the next transaction, and those of one
 * turn of the event loop the first one, so that a busy tenant pays for few commits and a lone step waits for nobody.
 */
export function resultRecorder({ record }: RecorderOptions): ResultRecorder {
  const queues = new Map<string, Waiting[]>();

  async function drain(tenantId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH);
      try {
        const failed = await record(tenantId, {
          results: batch.flatMap(({ work }) => ("result" in work ? [work.result] : [])),
          started: batch.flatMap(({ work }) => ("run" in work ? [work.run] : [])),
        });
        for (const { work, resolve, reject } of batch) {
          if ("result" in work && failed.has(work.result)) reject(failed.get(work.result));
          else resolve();
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(tenantId);
  }

  const add = (tenantId: string, work: Work): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiting = { work, resolve, reject };
      const queue = queues.get(tenantId);
      if (queue) return void queue.push(waiting);
      const begun = [waiting];
      queues.set(tenantId, begun);
      setImmediate(() => void drain(tenantId, begun));
    });

  return { record: (tenantId, result) => add(tenantId, { result }), begin: (tenantId, run) => add(tenantId, { run }) };
}
