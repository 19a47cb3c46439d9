import { startTestWeft, type TestWeft } from "@weft/testkit";
import { composedApi, rootFieldsOf } from "@weft/testkit/isolation/api-schema";
import { makeWorld, type World } from "@weft/testkit/isolation/world";
import { faultsWithOddValues } from "@weft/testkit/odd-values";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

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
