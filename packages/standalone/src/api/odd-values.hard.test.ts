import { startTestWeft, type TestWeft, until } from "@weft/testkit";
import { composedApi, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeWorld, type World } from "@weft/testkit/isolation/world";
import { faultsWithOddValues } from "@weft/testkit/odd-values";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

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

// Some odd values are valid: the bulk operations that they began would use up what the next field's case needs.
const noneRuns = async (): Promise<boolean> =>
  (await owner`select from workflows.bulk_operations where status = 'RUNNING' limit 1`).length === 0;
beforeEach(() => until(noneRuns, { what: "no bulk operation of the field before runs", deadlineMs: 30_000 }), 40_000);

/** Failed logins count against this address: they come last. */
const fields = rootFieldsOf(composedApi())
  .filter(({ kind, field }) => kind !== "subscription" && field.args.length > 0)
  .toSorted((a, b) => Number(a.name === "login") - Number(b.name === "login"));

test.each(fields.map((root) => [root.name, root] as const))(
  "%s takes every odd value at every place for what it is, and never for a fault of ours",
  async (_name, root) => {
    expect(await faultsWithOddValues(world, root, Infinity)).toEqual([]);
  },
  120_000,
);
