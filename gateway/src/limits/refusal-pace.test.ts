import { cloneDatabase } from "@weft/testkit/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";
import { RefusalPace } from "./refusal-pace.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { settings: { LIMIT_REFUSALS_PER_SECOND: 10 } });
});
afterAll(() => weft.stop());

test("a flood of refused operations is answered at a bounded rate, and what is not refused meanwhile at once", async () => {
  const { token } = await weft.person();
  const started = performance.now();
  let refused = 0;
  const flood = Promise.all(Array.from({ length: 25 }, () => weft.run("{ me { name } }").finally(() => refused++)));
  for (let n = 0; n < 5; n++) {
    expect(await weft.run("{ greeting }")).toEqual({ data: { greeting: "hello world" } });
    expect(await weft.run("{ me { name } }", { token })).toEqual({ data: { me: { name: "Ada" } } });
  }
  expect(refused).toBeLessThan(25);
  for (const { errors } of await flood) expect(errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  // Ten at once, and fifteen more at ten in a second.
  expect(performance.now() - started).toBeGreaterThan(1_400);
});

test("introspection that is refused without a login is a refusal like others", async () => {
  const pace = new RefusalPace(10);
  const forbidden = { body: { errors: [{ message: "", extensions: { code: "FORBIDDEN" } }] } };
  const started = performance.now();
  await Promise.all(Array.from({ length: 15 }, () => pace.hold("192.0.2.1", forbidden, true)));
  expect(performance.now() - started).toBeGreaterThan(450);
});

test.each(["BAD_USER_INPUT", "NOT_FOUND", "FORBIDDEN", "CONFLICT"])(
  "answers with %s come from the data and are not held back",
  async (code) => {
    const pace = new RefusalPace(1);
    const started = performance.now();
    for (let n = 0; n < 50; n++) await pace.hold("192.0.2.1", { body: { errors: [{ message: "", extensions: { code } }] } });
    expect(performance.now() - started).toBeLessThan(900);
  },
);
