import { type ApiError, openLive, startTestWeft, type TestWeft } from "@weft/testkit";
import { composedApi, operationFor, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeWorld, type World } from "@weft/testkit/isolation/world";
import { faultsWithOddValues, oddVariables } from "@weft/testkit/odd-values";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let world: World;
beforeAll(async () => {
  weft = await startTestWeft();
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  world = await makeWorld(await weft.tenant(), owner);
  await owner.end();
});
afterAll(() => weft.stop());

/** Failed logins count against this address: they come last. */
const fields = rootFieldsOf(composedApi())
  .filter(({ kind, field }) => kind !== "subscription" && field.args.length > 0)
  .toSorted((a, b) => Number(a.name === "login") - Number(b.name === "login"));

test.each(fields.map((root) => [root.name, root] as const))(
  "%s takes odd values for what they are, and never for a fault of ours",
  async (_name, root) => {
    expect(await faultsWithOddValues(world, root, 1)).toEqual([]);
  },
);

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
