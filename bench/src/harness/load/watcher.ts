import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Pool } from "undici";
import { percentile } from "../statistics.js";
import { askedHeader, clocksOf, spentHeader } from "./servers-clock.js";
import type { Watched, WatchOptions } from "./watch.js";

const everyMs = 20;
const query = JSON.stringify({ query: "query Neighbor { me { id name } workflowInstances(first: 5) { edges { node { id state } } } }" });

type Answered = Awaited<ReturnType<Pool["request"]>>;

interface Times {
  readonly spentMs: number[];
  readonly wallMs: number[];
}

/**
 * Requests `/health/live` and runs a small query of another tenant, each fifty times a second at fixed times. If the server does not respond for a
 * while, later requests have to wait too, as those of real users would.
 */
async function watch({ url, token, forMs, pids }: WatchOptions): Promise<Watched> {
  const http = new Pool(url, { connections: 50, pipelining: 1 });
  const health: Times = { spentMs: [], wallMs: [] };
  const neighbor: Times = { spentMs: [], wallMs: [] };
  let failures = 0;
  const asked: Promise<void>[] = [];
  const timed = async (times: Times, ask: (headers: Record<string, string>) => Promise<Answered>, isRight: (body: string) => boolean) => {
    const before = performance.now();
    try {
      const { statusCode, headers, body } = await ask({ [askedHeader]: clocksOf(pids) });
      const text = await body.text();
      const spentMs = Number(headers[spentHeader]);
      if (Number.isFinite(spentMs)) times.spentMs.push(spentMs);
      if (!Number.isFinite(spentMs) || statusCode !== 200 || !isRight(text)) failures++;
    } catch {
      failures++;
    } finally {
      // Also without an answer. Otherwise, failures would improve the percentiles.
      times.wallMs.push(performance.now() - before);
    }
  };
  const started = performance.now();
  for (let turn = 0; turn * everyMs < forMs; turn++) {
    await delay(Math.max(0, started + turn * everyMs - performance.now()));
    asked.push(
      timed(
        health,
        (headers) => http.request({ path: "/health/live", method: "GET", headers }),
        () => true,
      ),
      timed(
        neighbor,
        (headers) =>
          http.request({
            path: "/graphql",
            method: "POST",
            headers: { ...headers, "content-type": "application/json", authorization: `Bearer ${token}` },
            body: query,
          }),
        (body) => {
          const { data, errors } = JSON.parse(body) as { data?: object | null; errors?: readonly object[] };
          return errors === undefined && data !== undefined && data !== null;
        },
      ),
    );
  }
  await Promise.all(asked);
  await http.close();
  return {
    healthP99Ms: percentile(health.spentMs, 0.99),
    neighborMedianMs: percentile(neighbor.spentMs, 0.5),
    neighborP99Ms: percentile(neighbor.spentMs, 0.99),
    neighborP99WallMs: percentile(neighbor.wallMs, 0.99),
    neighborFailures: failures,
    neighborQueries: neighbor.wallMs.length,
  };
}

parentPort?.postMessage(await watch(workerData as WatchOptions));
