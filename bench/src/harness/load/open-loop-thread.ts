import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Pool } from "undici";
import { percentile } from "../statistics.js";
import { codeOf } from "./answer-code.js";
import type { OpenLoopOptions, OpenLoopResult, Operation, Sender } from "./open-loop.js";

/** Requests in flight, over as many connections. A sender who finds all of them in use gives up. */
const maxInFlight = 2_000;
const notSent = `not sent, because ${maxInFlight} were in flight`;

async function send({ url, senders, perSecond, forMs, expected, foreign }: OpenLoopOptions): Promise<OpenLoopResult> {
  const http = new Pool(url, { connections: maxInFlight, pipelining: 1, headersTimeout: 120_000 });
  const times = new Map<string, number[]>();
  const answered: Record<string, number> = {};
  const errors: Record<string, number> = {};
  let wrong = 0;
  let inFlight = 0;
  const ask = async ({ token }: Sender, { name, body }: Operation, dueAt: number): Promise<void> => {
    if (inFlight >= maxInFlight) {
      errors[notSent] = (errors[notSent] ?? 0) + 1;
      return;
    }
    inFlight++;
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    let code: string;
    try {
      const answer = await http.request({ path: "/graphql", method: "POST", headers, body });
      const text = await answer.body.text();
      code = codeOf(text);
      const isRight = (expected === undefined || text.includes(expected)) && (foreign === undefined || !text.includes(foreign));
      if (code === "OK" && !isRight) wrong++;
    } catch {
      code = "connection lost";
    }
    inFlight--;
    const ofOperation = times.get(name);
    const ms = performance.now() - dueAt;
    if (ofOperation) ofOperation.push(ms);
    else times.set(name, [ms]);
    const counts = code === "OK" ? answered : errors;
    const key = code === "OK" ? name : code;
    counts[key] = (counts[key] ?? 0) + 1;
  };
  const started = performance.now();
  const count = Math.round((perSecond * forMs) / 1000);
  const asked: Promise<void>[] = [];
  for (let n = 0; n < count; n++) {
    const dueAt = started + (n * 1000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 1) await delay(early);
    const sender = senders[n % senders.length];
    const operation = sender && operationOf(sender.operations, n, senders.length);
    if (sender && operation) asked.push(ask(sender, operation, dueAt));
  }
  await Promise.all(asked);
  const seconds = (performance.now() - started) / 1000;
  await http.close();
  const all = [...times.values()].flat();
  return {
    sent: count,
    perSecond: all.length / seconds,
    p50Ms: percentile(all, 0.5),
    p95Ms: percentile(all, 0.95),
    p99Ms: percentile(all, 0.99),
    p99MsOf: Object.fromEntries([...times].map(([name, ms]) => [name, percentile(ms, 0.99)])),
    errors,
    answered,
    wrong,
  };
}

/** Spreads the operations by their weights over the turns of all users, the same in every run. */
function operationOf(operations: readonly Operation[], n: number, senders: number): Operation | undefined {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  // Multiples of the golden ratio are spread evenly over the unit interval; the second term shifts each round of the users.
  let at = ((n * 0.618_033_988_749_895 + Math.floor(n / senders) * 0.414_213_562_373_095) % 1) * total;
  return operations.find(({ weight }) => (at -= weight) < 0) ?? operations[0];
}

parentPort?.postMessage(await send(workerData as OpenLoopOptions));
