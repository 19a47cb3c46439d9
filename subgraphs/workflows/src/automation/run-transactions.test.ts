import type { DueRun } from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";
import { expect, test } from "vitest";
import { emitAllowances } from "./emit-allowances.js";
import { runTransactions } from "./run-transactions.js";

const due = (): DueRun => ({ runId: newId(), instanceId: newId(), step: null });

/** Works on two runs, while each transaction ends with the error. Returns the number of transactions. */
async function transactionsWith(error: Error): Promise<number> {
  let count = 0;
  const transact = (): Promise<never> => {
    count++;
    return Promise.reject(error);
  };
  const log = { error: () => undefined, warn: () => undefined, debug: () => undefined };
  const services = { databases: { app: { transact } }, log, keyring: {} } as unknown as Pick<Services, "databases" | "log" | "keyring">;
  const counter = { consume: () => Promise.reject(new Error("Nothing was emitted.")) };
  const counters = { counter: () => counter, close: () => undefined };
  const emits = emitAllowances({ counters, limits: { publishedEventsPerMinute: 1 } });
  const secrets = tenantSecrets(oneMasterKey(new Uint8Array(32).fill(9)));
  const transactions = runTransactions({ ...services, secrets, leaseSeconds: 30, emits });
  const worked = await transactions.work(newId(), { results: [], due: [due(), due()], room: 1 });
  expect(worked).toEqual({ taken: [], recorded: [], failed: new Map(), done: 0, isMore: false });
  return count;
}

test("an outage of the database is no failure of the runs: none is postponed, and the others are not tried", async () => {
  expect(await transactionsWith(new ServiceUnavailable("database"))).toBe(2);
});

test("runs that cannot be worked on for a reason of their own, or that take too long, are postponed", async () => {
  // Together, and then each run is tried and postponed.
  expect(await transactionsWith(new Error("bug"))).toBe(5);
  const timeout = Object.assign(new Error("canceling statement due to statement timeout"), { code: "57014" });
  expect(await transactionsWith(new ServiceUnavailable("database", timeout))).toBe(5);
});
