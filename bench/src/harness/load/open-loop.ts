import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** An operation that users send, with its share of all operations. */
export interface Operation {
  readonly name: string;
  readonly body: string;
  readonly weight: number;
}

/** A user with a login, and the operations that this user sends. */
export interface Sender {
  readonly token: string;
  readonly operations: readonly Operation[];
}

export interface OpenLoopOptions {
  readonly url: string;
  readonly senders: readonly Sender[];
  /** Requests are sent at this rate, whether or not earlier ones have been answered. */
  readonly perSecond: number;
  readonly forMs: number;
  /** Text that every answer must contain, and text that none may contain. */
  readonly expected?: string;
  readonly foreign?: string;
}

export interface OpenLoopResult {
  readonly sent: number;
  /** Answers per second, until the last one arrived. */
  readonly perSecond: number;
  /** Response times from the moment at which a request was due. If the sender is late, the delay counts. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** p99 of each operation, by name. */
  readonly p99MsOf: Readonly<Record<string, number>>;
  /** Number of answers with an error, by code, and of requests that were not sent because too many were in flight. */
  readonly errors: Readonly<Record<string, number>>;
  /** Number of answers without an error, by operation. */
  readonly answered: Readonly<Record<string, number>>;
  /** Number of answers that contain foreign text, or lack the expected one. */
  readonly wrong: number;
}

/**
 * Sends requests at fixed times from a separate thread, so that other work in this process does not delay them. The users take turns, and each sends
 * the operations in proportion to their weights.
 */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const worker = new Worker(new URL("./open-loop-thread.js", import.meta.url), { workerData: options });
  const [result] = (await once(worker, "message")) as [OpenLoopResult];
  return result;
}
