import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * Response times of a server as seen by other users, during another activity. Except for one, they are times on the servers' own clock: the processor
 * time that passed between question and answer. Other work on the machine does not count.
 */
export interface Watched {
  readonly healthP99Ms: number;
  readonly neighborMedianMs: number;
  readonly neighborP99Ms: number;
  /** By the clock on the wall. */
  readonly neighborP99WallMs: number;
  /** Number of the neighbor's queries that were not answered correctly. */
  readonly neighborFailures: number;
  readonly neighborQueries: number;
}

export interface WatchOptions {
  readonly url: string;
  readonly token: string;
  readonly forMs: number;
  /** The processes that a question passes through. They were started with `reportsSpentTime`. */
  readonly pids: readonly number[];
}

/** Option of Node.js with which a program reports the time of its answers. */
export const reportsSpentTime = `--import=${new URL("../../processes/report-spent-time.js", import.meta.url).href}`;

/** Watches from a separate thread, so that the attackers' work in this process does not count as slowness of the server. */
export async function watch(options: WatchOptions): Promise<Watched> {
  const worker = new Worker(new URL("./watcher.js", import.meta.url), { workerData: options });
  const [watched] = (await once(worker, "message")) as [Watched];
  return watched;
}
