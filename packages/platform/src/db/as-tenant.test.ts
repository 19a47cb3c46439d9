import { identity } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { survivors } from "@weft/testkit/cost/survivors";
import { eq, sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BadUserInput, ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { asTenant } from "./as-tenant.js";
import { beganAt } from "./began-at.js";
import type { Databases, Tx } from "./database.js";
import { mapDatabaseError } from "./errors.js";
import { executeLast } from "./last-statement.js";
import { among, named } from "./named.js";
import { openDatabases } from "./open.js";

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  databases = await openDatabases({ ...database, pools: { app: 3 }, waitTimeoutMs: 400 });
});

afterEach(() => {
  databases.app.onStatement = undefined;
});

afterAll(async () => {
  await databases.close();
  await owner.end();
  await database.drop();
});

/** Creates a tenant with one user of that name. */
async function aTenant(name: string): Promise<{ tenantId: string; userId: string }> {
  const who = { tenantId: newId(), userId: newId() };
  await asTenant(databases.app, who, "write", async (tx) => {
    await tx.insert(identity.tenants).values({ tenantId: who.tenantId, slug: `t-${who.tenantId}`, name });
    await tx.insert(identity.users).values({ tenantId: who.tenantId, id: who.userId, email: `${name}@x.example`, username: name, name });
  });
  return who;
}

const names = (tx: Tx) => tx.select({ name: identity.users.name }).from(identity.users);

describe("a transaction as a tenant", () => {
  test("is freed by the next minor garbage collection, with everything its named queries referenced", { tags: "slow" }, async () => {
    const ada = await aTenant("ada");
    const read = (held: ArrayBuffer) =>
      asTenant(databases.app, ada, "read", async (tx) => {
        await named("findNames", Object.assign(names(tx), { held }));
      });
    expect(await survivors(read)).toBeLessThan(4);
  });

  test("sees the tenant's rows, and a transaction without a tenant sees none", async () => {
    const [ada] = [await aTenant("ada"), await aTenant("bob")];
    expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "ada" }]);
    expect(await databases.app.begin(names)).toEqual([]);
  });

  test.each(["read", "write"] as const)("to %s does nothing and shows nothing if its context cannot be set", async (mode) => {
    const ada = await aTenant("ada");
    const place = sql`select app.tenant() as tenant, count(*)::int as users from identity.users where tenant_id = ${ada.tenantId} group by 1`;
    const rename = (tx: Tx) => tx.update(identity.users).set({ name: "x" }).where(eq(identity.users.tenantId, ada.tenantId)).returning();
    for (const broken of ["set local no_such_setting = '1'", "begin isolation level serializable; commit"]) {
      const setUp = [`set local app.tenant_id = '${ada.tenantId}'`, broken];
      for (const fn of [names, rename, (tx: Tx) => tx.execute(place)]) {
        const seen: unknown[] = [];
        const failing = databases.app.transact({ mode, tenantId: ada.tenantId, setUp }, async (tx) => {
          seen.push(await (fn as (tx: Tx) => Promise<unknown>)(tx).catch(() => "refused"));
        });
        await expect(failing).rejects.toThrow();
        expect(seen).toEqual(["refused"]);
        // All three connections, because any of them may have been the one.
        await Promise.all([1, 2, 3].map(async () => expect(await databases.app.begin((tx) => tx.execute(place))).toEqual([])));
      }
    }
    expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "ada" }]);
  });

  test("leaves no state on its connection, whatever uses the connection next", async () => {
    const ada = await aTenant("ada");
    for (let n = 0; n < 6; n++) {
      await asTenant(databases.app, { ...ada, vendorId: newId() }, "read", names);
      const [row] = await databases.app.begin((tx) =>
        tx.execute(sql`select app.tenant() as tenant, app.user_id() as "user", app.vendor() as vendor`),
      );
      expect(row).toEqual({ tenant: null, user: null, vendor: null });
    }
  });

  test.each(["", "1", "x'; set role postgres; --", "01890000-0000-7000-8000-00000000000g"])(
    "refuses %j as an ID before it reaches SQL",
    async (bad) => {
      const statements: string[] = [];
      databases.app.onStatement = (text) => statements.push(text);
      for (const who of [{ tenantId: bad }, { tenantId: newId(), userId: bad }, { tenantId: newId(), vendorId: bad }]) {
        await expect(asTenant(databases.app, who, "read", names)).rejects.toThrow("must be a UUID");
      }
      expect(statements).toEqual([]);
    },
  );

  test("reads one snapshot and cannot write", async () => {
    const ada = await aTenant("ada");
    const seen = await asTenant(databases.app, ada, "read", async (tx) => {
      const before = await names(tx);
      await asTenant(databases.app, ada, "write", (other) => other.update(identity.users).set({ name: "eve" }));
      return [before, await names(tx)];
    });
    expect(seen).toEqual([[{ name: "ada" }], [{ name: "ada" }]]);
    const write = asTenant(databases.app, ada, "read", (tx) => tx.update(identity.users).set({ name: "x" }));
    await expect(write).rejects.toMatchObject({ cause: { code: "25006" } });
  });

  test("is rolled back if its function throws, also inside a savepoint", async () => {
    const ada = await aTenant("ada");
    const boom = asTenant(databases.app, ada, "write", async (tx) => {
      await tx.update(identity.users).set({ name: "x" });
      throw new Error("boom");
    });
    await expect(boom).rejects.toThrow("boom");
    await asTenant(databases.app, ada, "write", async (tx) => {
      const inner = tx.transaction(async (nested) => {
        await nested.update(identity.users).set({ name: "y" }).where(eq(identity.users.id, ada.userId));
        throw new Error("inner");
      });
      await expect(inner).rejects.toThrow("inner");
    });
    expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "ada" }]);
  });

  describe("with a last statement", () => {
    /** Fails without a tenant, as last statements must. */
    const rename = (to: string) =>
      sql`update identity.users set name = ${to}, version = version / (case when app.tenant() is null then 0 else 1 end) where tenant_id = app.tenant()`;

    test("commits it with what came before, whether or not the connection has prepared it", async () => {
      const ada = await aTenant("ada");
      for (let n = 0; n < 6; n++) {
        await asTenant(databases.app, ada, "write", async (tx) => {
          await tx.update(identity.users).set({ email: `${n}@x.example` });
          await executeLast(tx, rename(`ada ${n}`));
        });
        const rows = await asTenant(databases.app, ada, "read", (tx) =>
          tx.select({ name: identity.users.name, email: identity.users.email }).from(identity.users),
        );
        expect(rows).toEqual([{ name: `ada ${n}`, email: `${n}@x.example` }]);
      }
    });

    test("can consist of nothing else", async () => {
      const ada = await aTenant("ada");
      await asTenant(databases.app, ada, "write", (tx) => executeLast(tx, rename("eve")));
      expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "eve" }]);
    });

    test("is rolled back as a whole if it fails, throws its error, and its connection can be used", async () => {
      const ada = await aTenant("ada");
      for (let n = 0; n < 6; n++) {
        const failing = asTenant(databases.app, ada, "write", async (tx) => {
          await tx.update(identity.users).set({ name: "eve" });
          await executeLast(tx, sql`select 1 / ${n - n}::int where app.tenant() is not null`);
        });
        await expect(failing).rejects.toMatchObject({ code: "22012" });
      }
      expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "ada" }]);
    });

    test("is run again with all of its transaction after a serialization failure", async () => {
      const ada = await aTenant("ada");
      let runs = 0;
      const fail = sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`;
      await asTenant(databases.app, ada, "write", (tx) => executeLast(tx, runs++ === 0 ? fail : rename("eve")));
      expect(runs).toBe(2);
      expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "eve" }]);
    });

    test("refuses every statement that would follow it, and executes it at once in a savepoint", async () => {
      const ada = await aTenant("ada");
      const following = asTenant(databases.app, ada, "write", async (tx) => {
        await executeLast(tx, rename("eve"));
        await names(tx);
      });
      await expect(following).rejects.toMatchObject({ cause: { message: expect.stringContaining("follows the last one") as string } });
      const seen = await asTenant(databases.app, ada, "write", async (tx) => {
        await tx.transaction((inner) => executeLast(inner, rename("bob")));
        return names(tx);
      });
      expect(seen).toEqual([{ name: "bob" }]);
    });
  });

  test("returns times as ISO 8601 with microseconds, both for columns and in raw SQL", async () => {
    const ada = await aTenant("ada");
    const [built, raw] = await asTenant(databases.app, ada, "read", async (tx) => [
      (await tx.select({ at: identity.users.createdAt }).from(identity.users))[0]?.at,
      (await tx.execute<{ at: string }>(sql`select created_at as at from identity.users`))[0]?.at,
    ]);
    expect(built).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$/);
    expect(raw).toBe(built);
  });
});

describe("statements", () => {
  test("carry the name of their store function, and share one prepared statement for any number of IDs", async () => {
    const ada = await aTenant("ada");
    const texts = new Set<string>();
    databases.app.onStatement = (text) => texts.add(text);
    const prepared = await asTenant(databases.app, ada, "write", async (tx) => {
      for (const ids of [[ada.userId], [ada.userId, newId()], []]) {
        await named("findUsers", tx.select({ id: identity.users.id }).from(identity.users).where(among(identity.users.id, ids)));
      }
      await named(
        "renameUsers",
        tx
          .update(identity.users)
          .set({ name: "ada" })
          .where(among(identity.users.id, [ada.userId])),
      );
      return tx.execute(named("listPrepared", sql`select statement from pg_prepared_statements where statement like ${"/* findUsers%"}`));
    });
    expect(prepared).toHaveLength(1);
    expect([...texts].map((text) => text.slice(0, text.indexOf("*/") + 2))).toEqual([
      "/* findUsers */",
      "/* renameUsers */",
      "/* listPrepared */",
    ]);
  });

  test("are mapped to errors by the constraint that they violate", async () => {
    const ada = await aTenant("ada");
    const taken = () => new BadUserInput([{ path: "input.email", message: "is taken" }]);
    const twice = asTenant(databases.app, ada, "write", async (tx) => {
      await tx
        .insert(identity.users)
        .values({ tenantId: ada.tenantId, id: newId(), email: "ADA@X.example", username: "other", name: "n" })
        .catch((error: unknown) => {
          throw mapDatabaseError(error, { users_email_key: taken });
        });
    });
    await expect(twice).rejects.toBeInstanceOf(BadUserInput);
  });
});

describe("trouble", () => {
  test("a deadlock reruns one of the two transactions from the start, and both commit", { tags: "slow" }, async () => {
    const [ada, bob] = [await aTenant("ada"), await aTenant("bob")];
    const counter = (who: typeof ada, name: string) =>
      asTenant(databases.app, who, "write", (tx) => tx.execute(sql`insert into app.counters values (${who.tenantId}, ${name}, 0, 1)`));
    await counter(ada, "a");
    await counter(ada, "b");
    expect(bob.tenantId).not.toBe(ada.tenantId);
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let runs = 0;
    const bump = (first: string, second: string, mine: 0 | 1) =>
      asTenant(databases.app, ada, "write", async (tx) => {
        runs++;
        await tx.execute(sql`update app.counters set value = value + 1 where name = ${first}`);
        gates[mine].resolve();
        await gates[1 - mine]?.promise;
        await tx.execute(sql`update app.counters set value = value + 1 where name = ${second}`);
      });
    await Promise.all([bump("a", "b", 0), bump("b", "a", 1)]);
    // On a busy machine both can be ended.
    expect(runs).toBeGreaterThanOrEqual(3);
    const rows = await owner`select value::int from app.counters where tenant_id = ${ada.tenantId}`;
    expect([...rows]).toEqual([{ value: 2 }, { value: 2 }]);
  });

  test("a serialization failure is tried four times in total, a read and any other error once", async () => {
    const ada = await aTenant("ada");
    const counted = async (mode: "read" | "write", state: string) => {
      let runs = 0;
      const failing = asTenant(databases.app, ada, mode, async (tx) => {
        runs++;
        await tx.execute(sql.raw(`do $$ begin raise exception 'no' using errcode = '${state}'; end $$`));
      });
      await expect(failing).rejects.toThrow();
      return runs;
    };
    expect(await counted("write", "40001")).toBe(4);
    expect(await counted("read", "40001")).toBe(1);
    expect(await counted("write", "23505")).toBe(1);
  });

  test("a connection lost inside a transaction fails that transaction with SERVICE_UNAVAILABLE, and later transactions work", async () => {
    const ada = await aTenant("ada");
    const lost = asTenant(databases.app, ada, "write", async (tx) => {
      const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await owner`select pg_terminate_backend(${row?.pid ?? 0}, 5000)`;
      await tx.update(identity.users).set({ name: "late" });
    });
    await expect(lost).rejects.toBeInstanceOf(ServiceUnavailable);
    for (let n = 0; n < 6; n++) expect(await asTenant(databases.app, ada, "read", names)).toEqual([{ name: "ada" }]);
  });

  test("the next user of a connection does not notice that idle connections died", async () => {
    const ada = await aTenant("ada");
    await Promise.all([1, 2, 3].map(() => asTenant(databases.app, ada, "read", names)));
    await owner`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'weft app' and datname = current_database()`;
    const answers = await Promise.all([1, 2, 3].map(() => asTenant(databases.app, ada, "read", names)));
    expect(answers).toEqual([[{ name: "ada" }], [{ name: "ada" }], [{ name: "ada" }]]);
  });

  test("a caller that finds no free connection is refused in time, or served if one is freed in time", async () => {
    const ada = await aTenant("ada");
    const gate = Promise.withResolvers<void>();
    const holders = [1, 2, 3].map(() => asTenant(databases.app, ada, "read", () => gate.promise));
    await expect(asTenant(databases.app, ada, "read", names)).rejects.toBeInstanceOf(ServiceUnavailable);
    expect(databases.app.load()).toEqual({ inUse: 3, waiting: 0, size: 3 });
    const waiting = asTenant(databases.app, ada, "read", names);
    expect(await databases.health.begin((tx) => tx.execute(sql`select 1 as one`))).toEqual([{ one: 1 }]);
    gate.resolve();
    expect(await waiting).toEqual([{ name: "ada" }]);
    await Promise.all(holders);
    expect(databases.app.load()).toEqual({ inUse: 0, waiting: 0, size: 3 });
  });
});

describe("a statement outside a transaction", () => {
  const read = (tenantId: string, text: string, params: readonly unknown[] = []) =>
    databases.app.statement(text, params, { mode: "read", tenantId });
  const place = 'select app.tenant() as tenant, app.user_id() as "user", app.vendor() as vendor';

  test("sees only the tenant that it sets, and leaves no trace of it on its connection", async () => {
    const ada = await aTenant("ada");
    for (let n = 0; n < 6; n++) {
      expect(await read(ada.tenantId, "select engine.set_tenant($1::uuid), app.tenant() as tenant", [ada.tenantId])).toMatchObject([
        { tenant: ada.tenantId },
      ]);
      expect(await read(ada.tenantId, place)).toEqual([{ tenant: null, user: null, vendor: null }]);
      expect(await databases.app.begin((tx) => tx.execute(sql.raw(place)))).toEqual([{ tenant: null, user: null, vendor: null }]);
    }
  });

  test("reports the constraint that it violates, waits for its turn, and is counted", async () => {
    const ada = await aTenant("ada");
    const seen: string[] = [];
    databases.app.onStatement = (text) => seen.push(text);
    await expect(read(ada.tenantId, "/* divide */ select 1 / 0")).rejects.toMatchObject({ code: "22012" });
    expect(seen).toEqual(["/* divide */ select 1 / 0"]);
    const gate = Promise.withResolvers<void>();
    const holders = [1, 2, 3].map(() => asTenant(databases.app, ada, "read", () => gate.promise));
    await expect(read(ada.tenantId, "select 1")).rejects.toBeInstanceOf(ServiceUnavailable);
    gate.resolve();
    await Promise.all(holders);
    expect(databases.app.load()).toEqual({ inUse: 0, waiting: 0, size: 3 });
  });

  test("is retried if it reads and its connection is lost; the outcome of a write is unknown", async () => {
    const ada = await aTenant("ada");
    await Promise.all([1, 2, 3].map(() => asTenant(databases.app, ada, "read", names)));
    await owner`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'weft app' and datname = current_database()`;
    expect(await Promise.all([1, 2, 3].map(() => read(ada.tenantId, "select 1 as one")))).toEqual([
      [{ one: 1 }],
      [{ one: 1 }],
      [{ one: 1 }],
    ]);
    const ending = databases.app.statement("select pg_terminate_backend(pg_backend_pid())", [], { mode: "write", tenantId: ada.tenantId });
    await expect(ending).rejects.toBeInstanceOf(ServiceUnavailable);
    expect(await read(ada.tenantId, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

test("a savepoint, and one in it, began with their transaction", async () => {
  const ada = await aTenant("ada");
  const before = performance.now();
  const [outer, inner, innermost] = await asTenant(databases.app, ada, "write", async (tx) => {
    const within = await tx.transaction(async (savepoint) => [
      beganAt(savepoint),
      await savepoint.transaction(async (last) => beganAt(last)),
    ]);
    return [beganAt(tx), ...within];
  });
  expect(outer).toBeGreaterThanOrEqual(before);
  expect([inner, innermost]).toEqual([outer, outer]);
});
