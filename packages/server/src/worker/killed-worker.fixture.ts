/** A process that does the steps of a test, until the test kills it. */
import { setTimeout as delay } from "node:timers/promises";
import { createWeftClient } from "@weft/client";
import { createWorker } from "../index.js";

/** What the process tells the test about a step that it does. */
export interface Sign {
  readonly pid: number;
  readonly at: "begun" | "effect" | "done";
  readonly instanceId: string;
  readonly step: string;
  readonly attempt: number;
}

const { WEFT_URL: url = "", WEFT_API_KEY: apiKey = "", TEST_URL: testUrl = "", LEASE_SECONDS: leaseSeconds } = process.env;

createWorker(
  createWeftClient({ url, apiKey }),
  {
    work: async ({ input, instanceId, step, attempt, idempotencyKey, signal }) => {
      const tell = async (at: Sign["at"]): Promise<unknown> => {
        const body: Sign = { pid: process.pid, at, instanceId, step, attempt };
        const headers = { "content-type": "application/json", "idempotency-key": idempotencyKey };
        return (await fetch(testUrl, { method: "POST", headers, body: JSON.stringify(body), signal })).json();
      };
      await tell("begun");
      await delay(Number(input["ms"]), undefined, { signal });
      const effect = await tell("effect");
      await tell("done");
      return { effect };
    },
  },
  { concurrency: 5, leaseSeconds: Number(leaseSeconds), waitSeconds: 5 },
);
// Without the test, nobody kills it.
process.stdin.resume().once("end", () => process.exit());
