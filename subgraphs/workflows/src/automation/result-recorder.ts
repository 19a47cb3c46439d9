import type { StepResult } from "@weft/engine";

/** Results that are recorded in one transaction. */
const MAX_BATCH = 64;

export interface RecorderOptions {
  /** Records results of a tenant in one transaction. Returns the errors of those that could not be recorded. */
  readonly record: (tenantId: string, results: readonly StepResult[]) => Promise<ReadonlyMap<StepResult, unknown>>;
}

export interface ResultRecorder {
  /** Resolves when the result is recorded. */
  record(tenantId: string, result: StepResult): Promise<void>;
}

type Waiting = { readonly result: StepResult; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/**
 * Records results of steps. Those of a tenant that come while others are being recorded share the next transaction, and those of one turn of the event
 * loop the first one, so that a busy tenant pays for few commits and a lone step waits for nobody.
 */
export function resultRecorder({ record }: RecorderOptions): ResultRecorder {
  const queues = new Map<string, Waiting[]>();

  async function drain(tenantId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH);
      try {
        const failed = await record(
          tenantId,
          batch.map(({ result }) => result),
        );
        for (const { result, resolve, reject } of batch) {
          if (failed.has(result)) reject(failed.get(result));
          else resolve();
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(tenantId);
  }

  return {
    record: (tenantId, result) =>
      new Promise((resolve, reject) => {
        const waiting = { result, resolve, reject };
        const queue = queues.get(tenantId);
        if (queue) return void queue.push(waiting);
        const begun = [waiting];
        queues.set(tenantId, begun);
        setImmediate(() => void drain(tenantId, begun));
      }),
  };
}
