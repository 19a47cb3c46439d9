import { workflows } from "@weft/drizzle";
import { Conflict, TransitionRejected } from "@weft/shared/errors";
import { type Database, openDatabases } from "@weft/platform/db";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { randomSource, type RandomSource } from "@weft/testkit/random-source";
import { isNull, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  cancelInstance,
  fireInstance,
  resumeInstance,
  rollbackInstance,
  startInstance,
  suspendInstance,
  type InstanceHead,
} from "../../index.js";

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

test("a hierarchy that spawns itself stops at a thousand instances with incidents", { timeout: 120_000 }, async () => {
  const database = await cloneDatabase();
  const databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 2 } });
  try {
    const tenant = await anEngineTenant(databases.app);
    const { owner, operations } = tenant;
    await tenant.publish(spawn);
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

const joined = (more: object): object => JSON.parse(JSON.stringify({ ...more, fires: "on" }).replace('"fires"', '"then"')) as object;
const leaf = {
  weft: 1,
  key: "leaf",
  name: "Leaf",
  initial: "open",
  states: {
    open: {
      task: { title: "Do it", candidates: { owner: true } },
      transitions: { finish: { to: "done" }, fail: { to: "failed" }, stay: { to: "open" } },
    },
    done: { final: "completed" },
    failed: { final: "rejected" },
  },
};
const branch = (key: string, definition: string, need: number | string) => ({
  weft: 1,
  key,
  name: key,
  initial: "together",
  data: { properties: { list: { type: "array" }, results: { type: "array" } } },
  states: {
    together: {
      children: {
        child: {
          definition,
          for: "data.list",
          data: definition === "leaf" ? {} : { list: "data.list" },
          result: { n: "data.n" },
          collect: "data.results",
        },
      },
      join: joined({ need, otherwise: "off" }),
      transitions: { on: { to: "after" }, off: { to: "failed" }, anew: { to: "together" }, leave: { to: "after" } },
    },
    after: { transitions: { back: { to: "together" }, finish: { to: "done" } } },
    done: { final: "completed" },
    failed: { final: "rejected" },
  },
});

/** A random walk of one user over whatever runs. Every rejection is one that users can get. */
async function walk({ owner, operations }: EngineTenant, random: RandomSource, steps: number): Promise<number> {
  const { write, meta, actor } = operations;
  let fired = 0;
  for (let step = 0; step < steps; step++) {
    const running = await write((tx) =>
      tx.select().from(workflows.instances).where(isNull(workflows.instances.finishedAt)).orderBy(workflows.instances.id),
    );
    if (running.length < 20) {
      const data = { list: [{ n: 1 }, { n: 2 }, { n: 3 }] };
      await owner.write((tx) =>
        startInstance(tx, owner.meta, { definitionKey: "high", data, ownerId: owner.viewer.userId, actor: owner.actor }),
      );
      continue;
    }
    const { id }: InstanceHead = random.pick(running);
    const fire = (transition: string) => write((tx) => fireInstance(tx, meta, { id, transition, actor }));
    const verbs = [
      ...["finish", "finish", "fail", "stay", "anew", "leave", "back"].map((transition) => () => fire(transition)),
      () => write((tx) => suspendInstance(tx, meta, { id, text: "Wait", actor })),
      () => write((tx) => resumeInstance(tx, meta, { id, text: "Go", actor })),
      () => write((tx) => resumeInstance(tx, meta, { id, text: "Go", actor })),
      () => write((tx) => rollbackInstance(tx, meta, { id, toVersion: 1, data: "CURRENT", reason: "Again", actor })),
      ...(random.chance(0.2) ? [() => write((tx) => cancelInstance(tx, meta, { id, actor }))] : []),
    ];
    try {
      await random.pick(verbs)();
      fired++;
    } catch (error) {
      if (!(error instanceof Conflict || error instanceof TransitionRejected || isBadVersion(error))) throw error;
    }
  }
  return fired;
}

const isBadVersion = (error: unknown): boolean => error instanceof Error && error.message.includes("toVersion");

test(
  "six users fire transitions in three-level hierarchies at once without a deadlock, and every hierarchy stays consistent",
  { timeout: 120_000 },
  async () => {
    const database = await cloneDatabase();
    const databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 8 } });
    try {
      const deadlocks = () => countDeadlocks(databases.app);
      for (const seed of [1, 2, 3]) {
        const tenant = await anEngineTenant(databases.app);
        await tenant.publish(leaf, branch("low", "leaf", "all"), branch("high", "low", 2));
        const fired = await Promise.all([1, 2, 3, 4, 5, 6].map((person) => walk(tenant, randomSource(seed * 10 + person), 60)));
        expect(Math.min(...fired)).toBeGreaterThan(5);
        expect(await brokenInvariants(database)).toEqual([]);
      }
      expect(await deadlocks()).toBe(0);
    } finally {
      await databases.close();
      await database.drop();
    }
  },
);

async function countDeadlocks(db: Database): Promise<number> {
  const [row] = await db.begin((tx) =>
    tx.execute<{ deadlocks: number }>(sql`select deadlocks::int from pg_stat_database where datname = current_database()`),
  );
  return row?.deadlocks ?? 0;
}
