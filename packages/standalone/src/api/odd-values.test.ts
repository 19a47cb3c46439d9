import { type ApiError, openLive, startTestWeft, type TestWeft } from "@weft/testkit";
import { composedApi, operationFor, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeWorld, type World } from "@weft/testkit/isolation/world";
import { oddVariables } from "@weft/testkit/odd-values";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

// Queries and mutations are asked with every odd value at every place among the hard tests.

let weft: TestWeft;
let world: World;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  world = await makeWorld(await weft.tenant(), owner);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test.each(
  rootFieldsOf(composedApi())
    .filter(({ kind }) => kind === "subscription")
    .map((root) => [root.name, root] as const),
)("%s takes odd arguments over the socket for what they are", async (_name, root) => {
  const client = await openLive(weft.url, { token: world.admin.token });
  const attempts = oddVariables(root, Infinity);
  for (const [index, { variables }] of attempts.entries()) {
    client.send({ type: "subscribe", id: `s${index}`, payload: { query: operationFor(root, 0), variables } });
  }
  for (const [index, { attempt }] of attempts.entries()) {
    // Keys of definitions are any text: one that none has is waited for in vain.
    if (attempt.path === "definitionKey") continue;
    const { type, payload } = await client.message(({ id }) => id === `s${index}`);
    const code = (payload as ApiError[])[0]?.extensions?.code ?? "";
    const refused: unknown[] = ["error", expect.stringMatching(/^(BAD_USER_INPUT|NOT_FOUND)$/)];
    expect([attempt.path, attempt.value, type, code]).toEqual([attempt.path, attempt.value, ...refused]);
  }
  expect(client.messages.filter(({ payload }) => JSON.stringify(payload ?? "").includes("INTERNAL"))).toEqual([]);
  client.close();
});
