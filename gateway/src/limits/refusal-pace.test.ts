import { cloneDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";
import { RefusalPace } from "./refusal-pace.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_REFUSALS_PER_SECOND: 10 } });
});
afterAll(() => weft.stop());

/** A pace of ten per second on a clock that stands still, and the waits that it requested, in milliseconds. */
function aPace() {
  const waits: number[] = [];
  const clock = { now: () => 0, wait: (ms: number) => Promise.resolve(waits.push(ms)) };
  return { pace: new RefusalPace(10, clock), waits };
}

const refusal = (code: string) => ({ body: { errors: [{ message: "", extensions: { code } }] } });

test("a flood of refused operations is answered later, while other operations are answered as usual", { tags: "slow" }, async () => {
  const { token } = await weft.person();
  const started = performance.now();
  const flood = Promise.all(Array.from({ length: 25 }, () => weft.run("{ me { name } }")));
  expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
  expect(await weft.run("{ me { name } }", { token })).toEqual({ data: { me: { name: "Ada" } } });
  for (const { errors } of await flood) expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  // Ten at once, and fifteen more at ten per second.
  expect(performance.now() - started).toBeGreaterThan(1_400);
});

test("refusals above the quota of a second are sent one at a time, each at most two seconds late", async () => {
  const { pace, waits } = aPace();
  for (let n = 0; n < 40; n++) await pace.hold("192.0.2.1", refusal("UNAUTHENTICATED"));
  const paced = Array.from({ length: 20 }, (_, n) => (n + 1) * 100);
  expect(waits).toEqual([...paced, ...Array<number>(10).fill(2_000)]);
  await pace.hold("192.0.2.2", refusal("UNAUTHENTICATED"));
  expect(waits).toHaveLength(30);
});

test("introspection that is refused without a login counts as a refusal", async () => {
  const { pace, waits } = aPace();
  for (let n = 0; n < 15; n++) await pace.hold("192.0.2.1", refusal("FORBIDDEN"), true);
  expect(waits).toHaveLength(5);
});

test.each(["BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN", "CONFLICT"])(
  "answers with %s come from the data and are not delayed",
  async (code) => {
    const { pace, waits } = aPace();
    for (let n = 0; n < 50; n++) await pace.hold("192.0.2.1", refusal(code));
    expect(waits).toEqual([]);
  },
);

test("input that is refused before an operation is executed counts as a refusal", async () => {
  const { pace, waits } = aPace();
  for (let n = 0; n < 15; n++) await pace.hold("192.0.2.1", { ...refusal("BAD_USER_INPUT"), isRefused: true });
  expect(waits).toHaveLength(5);
});

test("successful answers are not delayed, however many refusals the address had", async () => {
  const { pace, waits } = aPace();
  for (let n = 0; n < 15; n++) await pace.hold("192.0.2.1", refusal("RATE_LIMITED"));
  await pace.hold("192.0.2.1", { body: { data: {} } });
  expect(waits).toHaveLength(5);
});
