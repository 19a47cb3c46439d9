import { openBareDatabase } from "@weft/testkit/postgres/bare-database";
import type { BareDatabase } from "@weft/testkit/postgres/bare-database";
import { randomSource } from "@weft/testkit/random-source";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import { databaseFaultOf } from "../db/errors.js";
import { openDatabases } from "../db/open.js";
import { LimitExceeded } from "@weft/shared/errors";
import type { WriteMeta } from "../events/write-meta.js";
import { meterUsage } from "./meter.js";
import type { Use } from "./meter.js";

let bare: BareDatabase;
/** A pool of this size gives a tenant enough connections for all clients. */
let databases: Databases;
beforeAll(async () => {
  bare = await openBareDatabase();
  databases = await openDatabases({ ...bare.database, pools: { app: 40, worker: 5, auth: 1, health: 1 } });
});
afterAll(async () => {
  await databases.close();
  await bare.close();
});

const forMs = 20_000;
const clients = 20;
const limit = 60;

async function agree({ tenantId, actorId }: WriteMeta, limits: object): Promise<void> {
  await bare.owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    select ${tenantId}, 'CONTRACT', ${tenantId}, count(*) + 1, ${bare.owner.json({ limits } as never)}, ${actorId}, 'm'
      from app.configurations where tenant_id = ${tenantId}`;
}

test(
  "random users who take, release, and roll back never exceed the limit, and the count matches what they hold",
  { timeout: 90_000 },
  async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed ${seed}`);
    const acme = await bare.tenant();
    await agree(acme, { users: limit, definitions: limit });
    const held = { users: 0, definitions: 0 };
    const counts = { taken: 0, givenBack: 0, refused: 0, undone: 0, deadlocks: 0 };
    const until = performance.now() + forMs;
    const undo = new Error("undo");

    async function client(n: number): Promise<void> {
      const random = randomSource(seed + n);
      const mine = { users: 0, definitions: 0 };
      while (performance.now() < until) {
        const uses: Use[] = Array.from({ length: random.below(10) === 0 ? 3 : 1 }, () => {
          const metric = random.below(2) === 0 ? "users" : "definitions";
          return { limit: metric, amount: mine[metric] > 0 && random.below(2) === 0 ? -1 : 1 + random.below(3) };
        });
        const keeps = random.below(5) > 0;
        try {
          await asTenant(databases.app, { tenantId: acme.tenantId }, "write", async (tx) => {
            await meterUsage(tx, acme, uses);
            if (!keeps) throw undo;
          });
          for (const use of uses) {
            mine[use.limit as "users"] += use.amount;
            held[use.limit as "users"] += use.amount;
            counts[use.amount > 0 ? "taken" : "givenBack"]++;
          }
        } catch (error) {
          if (error === undo) counts.undone++;
          else if (error instanceof LimitExceeded) counts.refused++;
          else if (databaseFaultOf(error)?.code === "40P01") counts.deadlocks++;
          else throw error;
        }
      }
    }

    let peak = 0;
    const watching = (async () => {
      while (performance.now() < until) {
        const rows = await bare.owner<
          { used: number; spare: number }[]
        >`select sum(used)::int as used, sum(spare)::int as spare from app.usage
        where tenant_id = ${acme.tenantId} group by metric`;
        for (const { used, spare } of rows) peak = Math.max(peak, used + spare);
      }
    })();
    await Promise.all([watching, ...Array.from({ length: clients }, (_, n) => client(n))]);

    console.log(JSON.stringify({ ...counts, peak }));
    expect(peak).toBe(limit);
    const counted =
      await bare.owner`select metric, sum(used)::int as used from app.usage where tenant_id = ${acme.tenantId} group by 1 order by 1`;
    expect([...counted]).toEqual([
      { metric: "definitions", used: held.definitions },
      { metric: "users", used: held.users },
    ]);
    expect(counts.deadlocks).toBeLessThan((counts.taken + counts.givenBack) / 1_000);
  },
);
