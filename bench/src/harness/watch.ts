import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What somebody else sees of a server while something goes on there. */
export interface Watched {
  readonly healthP99Ms: number;
  readonly neighbourMedianMs: number;
  readonly neighbourP99Ms: number;
  /** Of the neighbour's queries, how many did not get their answer. */
  readonly neighbourFailures: number;
  readonly neighbourQueries: number;
}

export interface WatchOptions {
  readonly url: string;
  readonly token: string;
  readonly forMs: number;
}

/** Watches from a thread of its own: what the attackers of this process do must not count as the server's slowness. */
export async function watch(options: WatchOptions): Promise<Watched> {
  const worker = new Worker(new URL("./watcher.js", import.meta.url), { workerData: options });
  const [watched] = (await once(worker, "message")) as [Watched];
  return watched;
}
