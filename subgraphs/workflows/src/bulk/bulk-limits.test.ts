import { decodeId } from "@weft/shared";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft()));
afterAll(() => weft.stop());

test("of many operations that are begun at once no more than ten go on", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(
    "weft: 1\nkey: job\nname: Job\ninitial: a\nstates: { a: { transitions: { go: { to: a }, end: { to: b } } }, b: { final: completed } }\n",
  );
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "job" }) { instance { id } } }`,
  );
  const { id } = startWorkflow.instance;
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  try {
    await owner.begin(async (sql) => {
      // Whoever moves the instance waits: none of the operations comes to its end meanwhile.
      await sql`select from workflows.instances where tenant_id = ${tenant.id} and id = ${decodeId("instance", id)} for no key update`;
      const begin = `mutation ($id: ID!) { bulkFireTransition(input: { transition: "go", instanceIds: [$id] }) { operation { id } } }`;
      const answers = await Promise.all(Array.from({ length: 24 }, () => tenant.admin.send(begin, { id })));
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.["code"] ?? "begun");
      expect(Map.groupBy(codes, (code) => code).get("begun")).toHaveLength(10);
      expect(new Set(codes)).toEqual(new Set(["begun", "LIMIT_EXCEEDED"]));
    });
  } finally {
    await owner.end();
  }
});
