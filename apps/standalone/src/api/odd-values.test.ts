import { type ApiError, openLive, startTestWeft, type TestWeft } from "@weft/testkit";
import { composedApi, operationFor, type RootField, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeFixture, type Fixture } from "@weft/testkit/isolation/fixture";
import { allValues, oddVariables } from "@weft/testkit/odd-values";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// The hard tests send every odd value at every position of queries and mutations.

let weft: TestWeft;
let fixture: Fixture;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It uses the platform." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  fixture = await makeFixture(await weft.tenant(), owner);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test.each(
  rootFieldsOf(composedApi())
    .filter(({ kind }) => kind === "subscription")
    .map((root) => [root.name, root] as const),
)("%s handles unusual arguments over the socket without an internal error", async (_name, root) => {
  // Many odd values are valid in a filter, and a subscription says nothing when it begins. The hard tests send them to the query of the same name.
  const attempts = oddVariables(root, allValues).filter(({ attempt }) => !attempt.path.startsWith("filter"));
  // A socket takes 200 messages at once.
  for (let from = 0; from < attempts.length; from += 100) await assertRefused(root, attempts.slice(from, from + 100));
});

async function assertRefused(root: RootField, attempts: ReturnType<typeof oddVariables>): Promise<void> {
  const client = await openLive(weft.url, { token: fixture.admin.token });
  for (const [index, { variables }] of attempts.entries()) {
    client.send({ type: "subscribe", id: `s${index}`, payload: { query: operationFor(root, 0), variables } });
  }
  for (const [index, { attempt }] of attempts.entries()) {
    // Keys of definitions can be any text: a subscription with an unknown key is accepted, and receives nothing.
    if (attempt.path === "definitionKey") continue;
    const { type, payload } = await client.message(({ id }) => id === `s${index}`);
    const code = (payload as ApiError[])[0]?.extensions?.code ?? "";
    const refused: unknown[] = ["error", expect.stringMatching(/^(BAD_USER_INPUT|NOT_FOUND)$/)];
    expect([attempt.path, attempt.value, type, code]).toEqual([attempt.path, attempt.value, ...refused]);
  }
  expect(client.messages.filter(({ payload }) => JSON.stringify(payload ?? "").includes("INTERNAL"))).toEqual([]);
  client.close();
}
