import { cloneDatabase } from "@weft/testkit/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway } from "./testing/start-gateway.js";
import type { TestGateway } from "./testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

test("one query is answered by two subgraphs", async () => {
  const { token } = await weft.person();
  const answer = await weft.run("{ me { name } requests(first: 5) { totalCount edges { node { id owner { name } } } } }", { token });
  expect(answer).toMatchObject({
    data: { me: { name: "Ada" }, requests: { totalCount: 1, edges: [{ node: { owner: { name: "Ada" } } }] } },
  });
  expect(answer.errors).toBeUndefined();
});
