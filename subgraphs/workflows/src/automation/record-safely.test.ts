import type { WorkerReport } from "@weft/engine";
import { ServiceUnavailable } from "@weft/shared/errors";
import { expect, test } from "vitest";
import { recordSafely } from "./record-safely.js";

const report: WorkerReport = { kind: "succeeded", outputs: { a: 1 } };
const { signal } = new AbortController();

/** Records after the errors. Returns what it was asked to record. */
async function recorded(errors: readonly Error[]): Promise<WorkerReport[]> {
  const asked: WorkerReport[] = [];
  const left = [...errors];
  const record = (one: WorkerReport): Promise<void> => {
    asked.push(one);
    const error = left.shift();
    return error ? Promise.reject(error) : Promise.resolve();
  };
  await recordSafely({ record, report, signal, onFailure: () => undefined, pausesMs: [1, 1, 1] });
  return asked;
}

test("a result is recorded when the database is available again", async () => {
  const lost = Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED" });
  expect(await recorded([lost, new ServiceUnavailable("The database")])).toEqual([report, report, report]);
});

test("a result that can never be recorded becomes a failure of the step, so that its work is not done again", async () => {
  const bad = (): Error => Object.assign(new Error("bad"), { code: "22P05" });
  const asked = await recorded([bad(), bad()]);
  expect(asked).toMatchObject([report, report, { kind: "failed", error: { code: "INTERNAL", isFinal: true } }]);
});

test("a result that the database never takes is an error in the end", async () => {
  const lost = (): Error => Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED" });
  await expect(recorded([lost(), lost(), lost(), lost()])).rejects.toThrow("lost");
});
