import { connect as connectSocket, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startOwnPostgres, type OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { survivors } from "@weft/testkit/cost/survivors";
import { postgres, type Sql } from "./index.js";

/**
 * What the published driver does: code of a transaction that has lost its connection continues in the next transaction on it, and everything that a query
 * or transaction referenced stays in memory until the next full collection. Queries also take turns on all connections, so each backend has to prepare
 * every statement.
 */

let server: OwnPostgres;

beforeAll(async () => {
  server = await startOwnPostgres();
});

afterAll(() => server.remove());

interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** Makes `begin` send its statement together with the first query, as the pools do. */
function opening(connect: typeof postgres): typeof postgres {
  return ((...args: Parameters<typeof postgres>) => {
    const sql = connect(...args);
    const begin: Sql["begin"] = sql.begin.bind(sql);
    return Object.assign(sql, { begin: (fn: never) => begin({ lead: ["begin"], resend: () => false }, fn) });
  }) as typeof postgres;
}

describe.each([
  ["waits for the answer to its begin", postgres],
  ["sends its begin with the first query", opening(postgres)],
])("a transaction that %s", (_name, connect) => {
  /** One connection, so that the next transaction is certain to get the lost transaction's connection. */
  async function withOneConnection(run: (sql: Sql, kill: (pid: number) => Promise<void>) => Promise<void>): Promise<void> {
    const sql = connect(server.url, { max: 1, backoff: () => 0.05, onnotice: () => {} });
    const admin = postgres(server.url, { max: 1, onnotice: () => {} });
    try {
      await run(sql, async (pid) => {
        await admin`select pg_terminate_backend(${pid}, 5000)`;
      });
    } finally {
      await Promise.all([sql.end({ timeout: 1 }), admin.end({ timeout: 1 })]);
    }
  }

  test("the code of a lost transaction does not continue in another tenant's transaction", async () => {
    await withOneConnection(async (sql, kill) => {
      const lost = gate();
      const next = gate();
      const done = gate();
      let pid = 0;
      const afterwards: unknown[] = [];
      const reached = gate();
      const first = sql.begin(async (tx) => {
        await tx`select set_config('app.tenant', 'A', true)`;
        [{ pid }] = (await tx`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
        reached.open();
        await next.passed;
        for (let attempt = 0; attempt < 2; attempt++) {
          afterwards.push(
            await tx`select current_setting('app.tenant', true) as tenant`.then(
              (rows) => rows[0]?.["tenant"] as unknown,
              (error: unknown) => error,
            ),
          );
        }
        lost.open();
      });
      const refused = expect(first).rejects.toThrow(/CONNECTION_CLOSED|terminating connection/);
      await reached.passed;
      await kill(pid);
      await refused;
      const second = sql.begin(async (tx) => {
        await tx`select set_config('app.tenant', 'B', true)`;
        next.open();
        await lost.passed;
        const rows = await tx`select current_setting('app.tenant', true) as tenant`;
        done.open();
        return rows[0]?.["tenant"] as unknown;
      });
      await done.passed;
      expect(await second).toBe("B");
      expect(afterwards).toMatchObject([{ code: "CONNECTION_CLOSED" }, { code: "CONNECTION_CLOSED" }]);
    });
  });

  test("the rollback of a lost transaction does not end the next transaction", async () => {
    await withOneConnection(async (sql, kill) => {
      await sql`create table if not exists written (who text)`;
      await sql`truncate written`;
      const [reached, goOn, ended] = [gate(), gate(), gate()];
      let pid = 0;
      const first = sql.begin(async (tx) => {
        [{ pid }] = (await tx`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
        reached.open();
        await goOn.passed;
        // Makes begin's own code send its rollback after the loss. It is sent one turn of the event loop later.
        setImmediate(() => ended.open());
        throw new Error("given up");
      });
      const refused = expect(first).rejects.toThrow();
      await reached.passed;
      await kill(pid);
      await refused;
      await sql.begin(async (tx) => {
        await tx`insert into written values ('B')`;
        goOn.open();
        await ended.passed;
        await tx`insert into written values ('B again')`;
      });
      expect((await sql`select who from written`).length).toBe(2);
    });
  });

  test("refuses statements that were queued in a lost transaction instead of dropping them silently", async () => {
    await withOneConnection(async (sql, kill) => {
      const results: PromiseSettledResult<unknown>[] = [];
      const [reached, settled] = [gate(), gate()];
      let pid = 0;
      const first = sql.begin(async (tx) => {
        [{ pid }] = (await tx`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
        const waiting = [tx`select pg_sleep(${60})`, tx`select ${1}::int as one`, tx`select ${2}::int as two`];
        const all = Promise.allSettled(waiting);
        reached.open();
        results.push(...(await all));
        settled.open();
      });
      const refused = expect(first).rejects.toThrow();
      await reached.passed;
      await kill(pid);
      await refused;
      await settled.passed;
      expect(results.map((result) => result.status)).toEqual(["rejected", "rejected", "rejected"]);
    });
  });

  test("refuses a handle that is used after its transaction has ended", async () => {
    await withOneConnection(async (sql) => {
      const kept = await sql.begin(async (tx) => {
        await tx`select 1`;
        return { tx };
      });
      await expect(kept.tx`select 1`).rejects.toThrow(/TRANSACTION_ENDED/);
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });
  });

  test("a connection that was ended while busy answers its next query with that query's result", async () => {
    await withOneConnection(async (sql, kill) => {
      for (const working of [() => sql`select pg_sleep(${60})`, () => sql.begin((tx) => tx`select pg_sleep(${60})`)]) {
        const [{ pid }] = (await sql`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
        const refused = expect(working()).rejects.toThrow();
        await kill(pid);
        await refused;
        expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
        expect(await sql.begin((tx) => tx`select 2 as two`)).toEqual([{ two: 2 }]);
      }
    });
  });

  test("queries sent between a socket's error and its close are rejected, and block nothing", async () => {
    const sockets: Socket[] = [];
    // The driver supports the option, but its types do not.
    const options = { socket: () => sockets[sockets.push(connectSocket(server.port, "127.0.0.1")) - 1] };
    const sql = connect(server.url, { ...options, max: 1, backoff: () => 0.05, onnotice: () => {} });
    try {
      const [lost, ended, reset] = [gate(), gate(), new Error("reset")];
      const settled: string[] = [];
      const first = sql.begin(async (tx) => {
        await tx`select 1`;
        // Not prepared, so the connection accepts more statements behind it.
        const sleeping = tx.unsafe("select pg_sleep(60)").execute();
        lost.open();
        await sleeping.catch(() => undefined);
        const late = await Promise.allSettled([tx`select 1`, tx`select 2`]);
        settled.push(...late.map((result) => result.status));
        ended.open();
      });
      const refused = expect(first).rejects.toThrow();
      await lost.passed;
      sockets.at(-1)?.destroy(reset);
      await refused;
      await ended.passed;
      expect(settled).toEqual(["rejected", "rejected"]);
      expect(await sql.begin((tx) => tx`select 1 as one`)).toEqual([{ one: 1 }]);
      expect(await sql`select 2 as two`).toEqual([{ two: 2 }]);
      expect(sockets.length).toBe(2);
    } finally {
      await sql.end({ timeout: 1 });
    }
  });

  test("a connection lost while it fetches the array types does not crash the process", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      await withOneConnection(async (sql) => {
        const admin = postgres(server.url, { max: 1 });
        // Each connection queries the array types first. An exclusive lock makes that query wait, and then its backend is terminated.
        await admin.begin(async (tx) => {
          await tx`lock table pg_catalog.pg_type in access exclusive mode`;
          const waiting = sql`select 1 as one`.then((rows) => rows[0]?.["one"] as unknown);
          const blocked = async (): Promise<number> =>
            (await tx`select pid from pg_locks where not granted and relation = 'pg_catalog.pg_type'::regclass`).length;
          await expect.poll(blocked, { timeout: 20_000 }).toBeGreaterThan(0);
          await tx`select pg_terminate_backend(pid) from pg_locks where not granted and relation = 'pg_catalog.pg_type'::regclass`;
          await waiting.catch((error: unknown) => error);
        });
        await admin.end();
        expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
      });
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  test("queries one after the other use one connection of many, and queries at the same time all of them", async () => {
    const sql = connect(server.url, { max: 4, onnotice: () => {} });
    try {
      const backend = (): Promise<number> =>
        sql.begin(async (tx) => Number((await tx`select pg_backend_pid() as pid, pg_sleep(0.05)`)[0]?.["pid"]));
      const together = async (): Promise<number> => new Set(await Promise.all(Array.from({ length: 4 }, backend))).size;
      expect(await together()).toBe(4);
      const oneByOne = new Set<number>();
      for (let n = 0; n < 8; n++) oneByOne.add(await backend());
      expect(oneByOne.size).toBe(1);
      expect(await together()).toBe(4);
    } finally {
      await sql.end({ timeout: 1 });
    }
  });

  test("the next minor garbage collection frees everything that a query referenced", { tags: "slow" }, async () => {
    await withOneConnection(async (sql) => {
      const query = (held: ArrayBuffer) => Object.assign(sql`select ${1}::int as one`, { held });
      expect(await survivors(query)).toBeLessThan(4);
    });
  });

  test("the next minor garbage collection frees everything that a transaction referenced", { tags: "slow" }, async () => {
    const types = { own: { to: 25, from: [], serialize: String, parse: String } };
    const sql = connect(server.url, { max: 1, types, onnotice: () => {} });
    const transaction = (held: ArrayBuffer) =>
      sql.begin(async (tx) => {
        await tx`select ${held.byteLength}::int as bytes`;
      });
    try {
      expect(await survivors(transaction)).toBeLessThan(4);
    } finally {
      await sql.end();
    }
  });
});
