import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Response times of a server as seen by other users, during another activity. */
export interface Watched {
  readonly healthP99Ms: number;
  readonly neighborMedianMs: number;
  readonly neighborP99Ms: number;
  /** Number of the neighbor's queries that were not answered correctly. */
  readonly neighborFailures: number;
  readonly neighborQueries: number;
}

export interface WatchOptions {
  readonly url: string;
  readonly token: string;
  readonly forMs: number;
}

/** Watches from a separate thread, so that the attackers' work in this process does not count as slowness of the server. */
export async function watch(options: WatchOptions): Promise<Watched> {
  const worker = new Worker(new URL("./watcher.js", import.meta.url), { workerData: options });
  const [watched] = (await once(worker, "message")) as [Watched];
  return watched;
}
