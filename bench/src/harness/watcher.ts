import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Pool } from "undici";
import { percentile } from "./statistics.js";
import type { Watched, WatchOptions } from "./watch.js";

const everyMs = 20;
const query = JSON.stringify({ query: "query Neighbour { me { id name } workflowInstances(first: 5) { edges { node { id state } } } }" });

/**
 * Asks for `/health/live` and for a small query of another tenant, each fifty times a second at fixed times: a server that does not answer meanwhile makes
 * the later ones wait too, as it would with users.
 */
async function watch({ url, token, forMs }: WatchOptions): Promise<Watched> {
  const http = new Pool(url, { connections: 50, pipelining: 1 });
  const health: number[] = [];
  const neighbour: number[] = [];
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
      timed(neighbour, async () => {
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
    neighbourMedianMs: percentile(neighbour, 0.5),
    neighbourP99Ms: percentile(neighbour, 0.99),
    neighbourFailures: failures,
    neighbourQueries: neighbour.length,
  };
}

parentPort?.postMessage(await watch(workerData as WatchOptions));
