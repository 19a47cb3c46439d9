/** Results of steps on their way to Weft. */
import { setImmediate } from "node:timers/promises";
import { BadUserInputError, NetworkError, WeftError, type WeftClient } from "@weft/client";
import { completeSteps, type CompletedSteps, type LeasedStep } from "./operations.js";

const MAX_REPORTS = 100;

interface Report {
  readonly lease: string;
  readonly outputs: object;
}

interface Waiting extends Report {
  readonly resolve: (status: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Whether the outputs of a step were refused, for example because they are too large: the same again would be refused, too. */
export const areOutputsRefused = (error: unknown): error is BadUserInputError =>
  error instanceof BadUserInputError && error.problems.some(({ path }) => /^input\.steps\[\d+\]\.outputs/.test(path));

/** Whether the same call again would be refused. */
const isRefusal = (error: unknown): boolean => error instanceof WeftError && !(error instanceof NetworkError) && !error.isRetryable;

/** What follows from results. */
export interface Following {
  /** Which steps that follow are taken, as many as have ended. Null: none. */
  next(): { readonly tasks: readonly string[]; readonly leaseSeconds: number } | null;
  begin(steps: readonly LeasedStep[]): Promise<void>;
}

/**
 * Returns a function that reports what a step has given, and returns what Weft has recorded. Steps that end while others are being reported share the
 * next call, and those of one turn of the event loop the first one. The answer brings steps that follow, in the places of those that have ended.
 */
export function reporter(client: Pick<WeftClient, "mutate">, following: Following): (lease: string, outputs: object) => Promise<string> {
  const waiting: Waiting[] = [];
  let isSending = false;

  const send = async (steps: readonly Report[]): Promise<readonly string[]> => {
    // A lease has one result, whatever is sent how often.
    const next = following.next();
    const input = { steps, ...(next && { next: { ...next, max: steps.length } }) };
    const { completeSteps: done } = await client.mutate<CompletedSteps>(completeSteps, { input }, { isIdempotent: true });
    await following.begin(done.steps);
    return done.reports.map(({ status }) => status);
  };
  const sendAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const statuses = await send(batch.map(({ lease, outputs }) => ({ lease, outputs })));
      for (const [index, { resolve }] of batch.entries()) resolve(statuses[index] ?? "STALE");
    } catch (error) {
      // One result can be refused, for example because it is too large. The others are reported without it. An error that passes is that of all.
      if (batch.length > 1 && isRefusal(error)) for (const one of batch) await sendAll([one]);
      else for (const { reject } of batch) reject(error);
    }
  };
  const drain = async (): Promise<void> => {
    isSending = true;
    await setImmediate();
    while (waiting.length > 0) await sendAll(waiting.splice(0, MAX_REPORTS));
    isSending = false;
  };
  return (lease, outputs) =>
    new Promise((resolve, reject) => {
      waiting.push({ lease, outputs, resolve, reject });
      if (!isSending) void drain();
    });
}
