import { postgres } from "@weft/pg-driver";
import { encodeId, newId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Counts, and writes nothing before it stops. */
let kit: TestWeft;
let acme: TestTenant;
let rita: TestUser;
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_AUDIT_SECONDS: 3600 } });
  acme = await kit.tenant();
  rita = await acme.user("requester");
});
afterAll(() => kit.stop());

const refused = 'mutation { createBuilding(input: { code: "X", name: "X" }) { building { id } } }';
const submit = "mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }";

/** Returns the codes of the answer. */
const send = async (user: TestUser, query: string, variables: Record<string, unknown> = {}): Promise<unknown[]> =>
  (await user.send(query, variables)).errors?.map(({ extensions }) => extensions?.["code"]) ?? [];

describe("for the audit trail, no statement is added to", () => {
  test("a refusal by a rule, which runs none at all", async () => {
    expect(await send(rita, refused)).toEqual(["FORBIDDEN"]);
    expect(await kit.fewestStatements(() => send(rita, refused))).toEqual([]);
  });

  test.each([
    ["an unknown ID", () => send(rita, submit, { id: encodeId("request", newId()) })],
    ["a sensitive read", () => send(acme.admin, "{ secrets { id } apiKeys { totalCount } }")],
    ["an ordinary read", () => send(acme.admin, "{ me { id } buildings { totalCount } }")],
  ])("%s", async (_what, run) => {
    const statements = await kit.fewestStatements(run);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((text) => /audit\./.test(text))).toEqual([]);
  });
});

test("a document whose fragments double is refused in time, and its refusal is counted", async () => {
  const doubling = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(" ");
  const started = performance.now();
  expect(await send(rita, `{ ...F0 } ${doubling} fragment F40 on Query { me { id } }`)).toEqual(["QUERY_LIMIT_EXCEEDED"]);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a server that stops writes what it has counted", async () => {
  const owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const counted = () => owner<{ class: string; operation: string }[]>`
      select distinct class, operation from audit.occurrences where tenant_id = ${acme.id} order by class, operation`;
    expect(await counted()).toEqual([]);
    await kit.weft.gateway.drain();
    expect([...(await counted())]).toEqual([
      { class: "FORBIDDEN", operation: "Mutation.createBuilding" },
      { class: "LIMIT", operation: "Query.me" },
      { class: "NOT_FOUND", operation: "Mutation.submitRequest" },
      { class: "SENSITIVE_READ", operation: "Query.apiKeys" },
      { class: "SENSITIVE_READ", operation: "Query.secrets" },
    ]);
  } finally {
    await owner.end();
  }
});
