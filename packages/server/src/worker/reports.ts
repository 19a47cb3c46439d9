/** Results of steps on their way to Weft. */
import { setImmediate } from "node:timers/promises";
import { NetworkError, WeftError, type WeftClient } from "@weft/client";
import { completeSteps } from "./operations.js";

const MAX_REPORTS = 100;

interface Report {
  readonly lease: string;
  readonly outputs: object;
}

interface Waiting extends Report {
  readonly resolve: (status: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Whether Weft has refused what was sent: the same again would be refused, too. */
export const isRefusal = (error: unknown): error is WeftError =>
  error instanceof WeftError && !(error instanceof NetworkError) && !error.isRetryable;

/**
 * Returns a function that reports what a step has given, and returns what Weft has recorded. Steps that end while others are being reported share the
 * next call, and those of one turn of the event loop the first one.
 */
export function reporter(client: Pick<WeftClient, "mutate">): (lease: string, outputs: object) => Promise<string> {
  const waiting: Waiting[] = [];
  let isSending = false;

  const send = async (steps: readonly Report[]): Promise<readonly string[]> => {
    // A lease has one result, whatever is sent how often.
    const { completeSteps: done } = await client.mutate<{ completeSteps: { reports: { status: string }[] } }>(
      completeSteps,
      { input: { steps } },
      { isIdempotent: true },
    );
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
