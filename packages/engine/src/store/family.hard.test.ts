import { workflows } from "@weft/drizzle";
import { newId, openDatabases } from "@weft/shared";
import { cloneDatabase } from "@weft/testkit/database";
import { anEngineTenant } from "@weft/testkit/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { startInstance } from "../index.js";

const spawn = {
  weft: 1,
  key: "spawn",
  name: "Spawn",
  initial: "a",
  data: { properties: { list: { type: "array" } } },
  states: {
    a: {
      children: { b: { definition: "spawn", for: "data.list", data: { list: "data.list" } } },
      join: JSON.parse('{"then":"on"}') as object,
      transitions: { on: { to: "z" } },
    },
    z: { final: "completed" },
  },
};

test("a family that spawns itself does not grow beyond a thousand, and stops with incidents", { timeout: 60_000 }, async () => {
  const database = await cloneDatabase();
  const databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 2 } });
  try {
    const { tenantId, owner, operations } = await anEngineTenant(databases.app);
    await owner.write(async (tx) => {
      await tx.insert(workflows.definitions).values({
        tenantId,
        id: newId(),
        key: "spawn",
        number: 1,
        name: "Spawn",
        status: "PUBLISHED",
        environments: ["DEV", "STAGING", "PROD"],
        source: JSON.stringify(spawn),
        format: "JSON",
        document: spawn,
        createdBy: owner.viewer.userId,
      });
      await tx.execute(sql`select app.recount_usage()`);
    });
    for (const fanOut of [10, 100]) {
      const data = { list: Array.from({ length: fanOut }, (_, index) => index) };
      const { id } = await owner.write((tx) =>
        startInstance(tx, owner.meta, { definitionKey: "spawn", data, ownerId: owner.viewer.userId, actor: owner.actor }),
      );
      const [row] = await operations.write((tx) =>
        tx.execute<{ count: number; stopped: number }>(
          sql`select count(*)::int as count, count(*) filter (where status = 'FAILED')::int as stopped from workflows.instances where ancestors[1] = ${id}`,
        ),
      );
      expect(row?.count).toBeGreaterThan(900);
      expect(row?.count).toBeLessThanOrEqual(1000);
      expect(row?.stopped).toBeGreaterThan(0);
    }
    expect(await brokenInvariants(database)).toEqual([]);
  } finally {
    await databases.close();
    await database.drop();
  }
});
