import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Pool } from "undici";
import { percentile } from "../statistics.js";
import type { Watched, WatchOptions } from "./watch.js";

const everyMs = 20;
const query = JSON.stringify({ query: "query Neighbor { me { id name } workflowInstances(first: 5) { edges { node { id state } } } }" });

/**
 * Requests `/health/live` and runs a small query of another tenant, each fifty times a second at fixed times. If the server does not respond for a
 * while, later requests have to wait too, as those of real users would.
 */
async function watch({ url, token, forMs }: WatchOptions): Promise<Watched> {
  const http = new Pool(url, { connections: 50, pipelining: 1 });
  const health: number[] = [];
  const neighbor: number[] = [];
  let failures = 0;
  const asked: Promise<void>[] = [];
  const timed = async (times: number[], ask: () => Promise<boolean>): Promise<void> => {
    const before = performance.now();
    const isAnswered = await ask().catch(() => false);
    times.push(performance.now() - before);
    if (!isAnswered) failures++;
  };
  const started = performance.now();
  for (let turn = 0; turn * everyMs < forMs; turn++) {
    await delay(Math.max(0, started + turn * everyMs - performance.now()));
    asked.push(
      timed(health, async () => {
        const answer = await http.request({ path: "/health/live", method: "GET" });
        await answer.body.dump();
        return answer.statusCode === 200;
      }),
      timed(neighbor, async () => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
        const answer = await http.request({ path: "/graphql", method: "POST", headers, body: query });
        const { data, errors } = (await answer.body.json()) as { data?: object | null; errors?: readonly object[] };
        return errors === undefined && data !== undefined && data !== null;
      }),
    );
  }
  await Promise.all(asked);
  await http.close();
  return {
    healthP99Ms: percentile(health, 0.99),
    neighborMedianMs: percentile(neighbor, 0.5),
    neighborP99Ms: percentile(neighbor, 0.99),
    neighborFailures: failures,
    neighborQueries: neighbor.length,
  };
}

parentPort?.postMessage(await watch(workerData as WatchOptions));
