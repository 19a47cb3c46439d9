import { expect, test } from "vitest";
import { withEnding } from "./ending.js";
import { SingleResult } from "./single-result.js";

/** Takes until the signal aborts. */
const endless = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("returns the result of the operation, and then ends", async () => {
  const results: unknown[] = [];
  for await (const result of new SingleResult(() => Promise.resolve({ data: { a: 1 } }), expect.unreachable)) results.push(result);
  expect(results).toEqual([{ data: { a: 1 } }]);
});

test("ending it aborts the running operation, and returns nothing", async () => {
  const errors: unknown[] = [];
  const result = new SingleResult(
    (onEnded) =>
      withEnding({ timeoutMs: 60_000, onClosed: onEnded }, ({ signal }) => endless(signal)).catch((error: unknown) => {
        errors.push(error);
        return { data: null };
      }),
    expect.unreachable,
  );
  const next = result.next();
  await result.return();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(errors).toMatchObject([{ code: "SERVICE_UNAVAILABLE", logLevel: "debug" }]);
});

test("an operation that ends before it starts never starts", async () => {
  let unused = 0;
  const result = new SingleResult(
    () => expect.unreachable(),
    () => unused++,
  );
  await result.return();
  expect(await result.next()).toEqual({ done: true, value: undefined });
  expect(unused).toBe(1);
});
