import { Computing } from "@weft/platform/computing";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { publishDefinition } from "@weft/testkit/tenants/publish-definition";
import { afterAll, beforeAll, expect, test } from "vitest";
import { machinesOf } from "./machines.js";

let database: TestDatabase;
let databases: Databases;
beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 6 } });
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});

test("compiling a published text counts toward the operation's budget and runs in the operation's turns", async () => {
  const { tenantId, owner } = await anEngineTenant(databases.app);
  const states = Array.from(
    { length: 300 },
    (_, at) => `  s${at}: { transitions: { go: { to: ${at === 299 ? "done" : `s${at + 1}`} } } }\n`,
  );
  const source = `weft: 1\nkey: large\nname: Large\ninitial: s0\nstates:\n${states.join("")}  done: { final: completed }\n`;
  const id = await owner.write((tx) => publishDefinition(tx, owner.viewer, { document: { key: "large" }, source, format: "YAML" }));
  const read = (computing: Computing) => owner.write((tx) => machinesOf(tx, tenantId, [id], computing));
  const call = (operationId: string) => ({ viewer: { tenantId }, operationId });
  // A budget that the first turn uses up.
  await expect(read(new Computing(call("small"), 1))).rejects.toMatchObject({ extensions: { limit: "computingMs" } });
  const enough = new Computing(call("large"), 5_000);
  expect((await read(enough)).get(id)?.states.size).toBe(301);
  expect(enough.spentMs).toBeGreaterThan(1);
});
