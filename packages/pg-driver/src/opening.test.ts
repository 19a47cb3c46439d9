import { connect as connectSocket, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { startOwnPostgres, type OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { postgres, type Sql, type TransactionSql } from "./index.js";

/** `begin`, the context and the first query of a transaction are sent together. */

let server: OwnPostgres;
let admin: Sql;

beforeAll(async () => {
  server = await startOwnPostgres();
  admin = postgres(server.url, { max: 1, onnotice: () => {} });
  await admin`create table written (who text, meta jsonb)`;
});

beforeEach(() => admin`truncate written`);

afterAll(async () => {
  await admin.end();
  await server.remove();
});

const isLost = (error: unknown): boolean => ["ECONNRESET", "CONNECTION_CLOSED"].includes((error as { code: string }).code);

interface Wire {
  readonly sql: Sql;
  /** Number of writes to sockets. */
  readonly writes: () => number;
  /** The next so many writes are lost, with the connection. */
  loseNext(writes: number): void;
  readonly sockets: readonly Socket[];
}

function wire(max = 1): Wire {
  const sockets: Socket[] = [];
  let [written, toLose] = [0, 0];
  const socket = (): Socket => {
    const made = connectSocket(server.port, "127.0.0.1");
    sockets.push(made);
    const write: (bytes: Buffer) => boolean = made.write.bind(made);
    const counted = (bytes: Buffer): boolean => {
      written++;
      if (toLose === 0) return write(bytes);
      toLose--;
      made.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
      return true;
    };
    return Object.assign(made, { write: counted });
  };
  // The driver supports the option, but its types do not.
  const options = { socket };
  const sql = postgres(server.url, { ...options, max, fetch_types: false, backoff: () => 0.01, onnotice: () => {} });
  onTestFinished(() => sql.end({ timeout: 1 }));
  return { sql, writes: () => written, loseNext: (writes) => (toLose = writes), sockets };
}

function open<T>(
  { sql }: Wire,
  fn: (tx: TransactionSql) => Promise<T>,
  { lead = ["begin", "set local app.tenant = 'ada'"], resends = 0 }: { lead?: string[]; resends?: number } = {},
) {
  let resent = 0;
  return sql.begin({ lead, resend: (error) => isLost(error) && resent++ < resends }, fn);
}

const write = (sql: Pick<Sql, "unsafe">, who = "ada") =>
  sql.unsafe("insert into written values ($1, $2) returning current_setting('app.tenant', true) as tenant", [who, { a: 1 } as never], {
    prepare: true,
  });
const written = async (): Promise<unknown[]> => [...(await admin`select who, meta from written order by who`)];
/** Shows that the only connection is in no transaction, and that nothing is set on it. */
const expectClean = async ({ sql }: Wire): Promise<void> => {
  const state = "coalesce(current_setting('app.tenant', true), '') as tenant, transaction_timestamp() = statement_timestamp() as alone";
  await sql`select 1`;
  expect(await sql.unsafe(`select ${state}`)).toMatchObject([{ tenant: "", alone: true }]);
};

test("a transaction of one query takes two writes, one of two queries at the same time takes three, and one without any none", async () => {
  const line = wire();
  const one = () => open(line, (tx) => write(tx));
  await one();
  const counted = async (run: () => Promise<unknown>): Promise<number> => {
    const before = line.writes();
    await run();
    return line.writes() - before;
  };
  expect(await counted(one)).toBe(2);
  expect(await counted(() => open(line, (tx) => Promise.all([write(tx), write(tx), write(tx)])))).toBe(3);
  expect(await counted(() => open(line, () => Promise.resolve()))).toBe(0);
  expect(await counted(() => expect(open(line, () => Promise.reject(new Error("given up")))).rejects.toThrow("given up"))).toBe(0);
  expect(await open(line, (tx) => write(tx))).toMatchObject([{ tenant: "ada" }]);
  await expectClean(line);
});

test.each([
  ["the begin", ["begin isolation level of my own", "set local app.tenant = 'ada'"], "42601"],
  ["the context", ["begin", "set local no_such_setting = '1'"], "42704"],
  ["the read-only begin", ["begin read only", "set local statement_timeout = 'soon'"], "22023"],
])("if %s fails, the first query has no effect, the transaction fails, and its connection is clean", async (_what, lead, code) => {
  const line = wire();
  const first: Record<string, (tx: TransactionSql) => PromiseLike<unknown>> = {
    prepares: (tx) => write(tx),
    isPrepared: (tx) => write(tx),
    hasNoParameters: (tx) => tx.unsafe("insert into written values ('ada'); insert into written values ('bob')"),
    isNotPrepared: (tx) => tx.unsafe("insert into written values ($1)", ["ada"]),
    savepoint: (tx) => tx.savepoint((inner) => write(inner)),
    several: (tx) => Promise.all([write(tx, "ada"), write(tx, "bob")]),
  };
  for (const run of Object.values(first)) {
    await expect(open(line, async (tx) => run(tx), { lead })).rejects.toMatchObject({ code });
    // Also when the code of the transaction does not notice. After a savepoint, the driver reports that the transaction has failed, not the cause.
    const unnoticed = open(line, async (tx) => Promise.allSettled([run(tx), write(tx)]), { lead });
    await expect(unnoticed).rejects.toMatchObject({ code: expect.stringMatching(`${code}|25P02`) as string });
    await expectClean(line);
  }
  expect(await written()).toEqual([]);
  await open(line, (tx) => write(tx));
  expect(await written()).toEqual([{ who: "ada", meta: { a: 1 } }]);
  expect(line.sockets).toHaveLength(1);
});

test("code that continues after a failed begin does not reach the next transaction on the connection", async () => {
  const line = wire();
  const [failed, next] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late: unknown[] = [];
  const first = open(
    line,
    async (tx) => {
      await write(tx).catch(() => failed.resolve());
      await next.promise;
      late.push(await write(tx, "late").catch((error: unknown) => error));
    },
    { lead: ["begin isolation level of my own"] },
  );
  await failed.promise;
  await open(line, async (tx) => {
    await write(tx, "bob");
    next.resolve();
    await expect(first).rejects.toMatchObject({ code: "42601" });
    await write(tx, "bob");
  });
  expect(late).toMatchObject([{ code: "TRANSACTION_ENDED" }]);
  expect((await written()).length).toBe(2);
});

test("a connection that is lost before it answers is replaced, and everything runs once", async () => {
  const line = wire();
  const runs: Record<string, (tx: TransactionSql) => Promise<unknown>> = {
    prepares: (tx) => write(tx),
    isPrepared: (tx) => write(tx),
    several: (tx) => Promise.all([write(tx), write(tx)]),
    hasNoParameters: async (tx) => tx.unsafe("insert into written values ('ada', '{\"a\":1}'); select 1"),
  };
  for (const run of Object.values(runs)) {
    await line.sql`select 1`;
    line.loseNext(1);
    await open(line, run, { resends: 1 });
    await expectClean(line);
  }
  expect(await written()).toEqual(Array(5).fill({ who: "ada", meta: { a: 1 } }));
});

test("it is replaced by another open connection, too, and its end does not end the transaction", async () => {
  const line = wire(2);
  await Promise.all([open(line, (tx) => write(tx, "a")), open(line, (tx) => write(tx, "b"))]);
  line.loseNext(1);
  await open(
    line,
    async (tx) => {
      await write(tx, "c");
      await new Promise((resolve) => setImmediate(resolve));
      await write(tx, "d");
    },
    { resends: 1 },
  );
  expect((await written()).map((row) => (row as { who: string }).who)).toEqual(["a", "b", "c", "d"]);
  expect(line.sockets).toHaveLength(2);
});

test("a handle that is used after its transaction has ended without a query is refused, too", async () => {
  const line = wire();
  const kept = await open(line, async (tx) => Promise.resolve({ tx }));
  await expect(write(kept.tx)).rejects.toMatchObject({ code: "TRANSACTION_ENDED" });
  expect(await written()).toEqual([]);
});

test("a query that is cancelled while it waits is not sent", async () => {
  const line = wire();
  await admin`create sequence sent`;
  onTestFinished(async () => void (await admin`drop sequence sent`));
  const cancelled = open(line, async (tx) => {
    const [first, second] = [write(tx).execute(), tx.unsafe("select nextval('sent')").execute()];
    second.cancel();
    await Promise.allSettled([first, second]);
  });
  await expect(cancelled).rejects.toMatchObject({ code: "57014" });
  // PostgreSQL does not roll back sequences.
  expect([...(await admin`select is_called from sent`)]).toEqual([{ is_called: false }]);
});

test("a begin that waits for its answer fails once if its connection is lost", async () => {
  const line = wire();
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  await line.sql`select 1`;
  line.loseNext(1);
  await expect(line.sql.begin((tx) => tx`select 1`)).rejects.toSatisfy(isLost);
  await expectClean(line);
  expect(unhandled).toEqual([]);
});

test("a connection that is always lost fails the transaction, and so does one that is lost after the first answer", async () => {
  const line = wire();
  await line.sql`select 1`;
  line.loseNext(3);
  await expect(open(line, (tx) => Promise.all([write(tx), write(tx)]))).rejects.toSatisfy(isLost);
  line.loseNext(0);
  const after = open(
    line,
    async (tx) => {
      await write(tx);
      line.loseNext(1);
      await write(tx);
    },
    { resends: 9 },
  );
  await expect(after).rejects.toSatisfy(isLost);
  expect(await written()).toEqual([]);
  await expectClean(line);
});

test("a first query that is sent again after its plan was lost runs in its transaction", async () => {
  const line = wire();
  const read = (tx: TransactionSql) =>
    tx.unsafe("select w.*, current_setting('app.tenant', true) as tenant from written w where who <> $1", ["bob"], { prepare: true });
  await write(admin);
  await open(line, async (tx) => read(tx));
  // With another type of its result, PostgreSQL refuses the prepared statement, and the driver prepares it again.
  await admin`alter table written add column more int`;
  onTestFinished(async () => void (await admin`alter table written drop column more`));
  const [socket] = line.sockets;
  socket?.prependOnceListener("data", () => line.loseNext(1));
  expect(await open(line, async (tx) => read(tx), { resends: 1 })).toMatchObject([{ tenant: "ada" }]);
  expect(line.sockets).toHaveLength(2);
  await expectClean(line);
});

test("a connection that is lost in the middle of a result begins the next one with its first row", async () => {
  const line = wire();
  await line.sql`select 1`;
  const [socket] = line.sockets;
  const lost = line.sql`select * from generate_series(1, 100000) as n`;
  socket?.once("data", () => socket.destroy());
  await expect(lost).rejects.toSatisfy(isLost);
  expect([...(await line.sql`select 7 as n`)]).toEqual([{ n: 7 }]);
});

test("a query that cannot be sent fails the transaction and the queries that wait for it", async () => {
  const line = wire();
  const results = open(line, (tx) => Promise.allSettled([tx`select ${undefined as never}`, write(tx)]));
  await expect(results).rejects.toMatchObject({ code: "UNDEFINED_VALUE" });
  expect(await written()).toEqual([]);
  await expectClean(line);
});
