import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { outboundClient } from "@weft/platform/outbound";
import { type OwnPostgres, startOwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { localhostTls } from "@weft/testkit/tls/localhost-tls";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConnectorContext, findConnector } from "../index.js";

const policy = { allowed: ["127.0.0.1", "localhost"] };
const outbound = outboundClient(policy);
const hostile: { server: Server; sockets: Set<Socket> }[] = [];
let folder: string;
let database: OwnPostgres;
let credentials: { user: string; password: string };
let configuration: Record<string, unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-tls-"));
  const [certFile, keyFile] = [join(folder, "server.crt"), join(folder, "server.key")];
  await writeFile(certFile, localhostTls.cert);
  await writeFile(keyFile, localhostTls.key, { mode: 0o600 });
  database = await startOwnPostgres({ ssl: "on", ssl_cert_file: certFile, ssl_key_file: keyFile });
  const url = new URL(database.url);
  credentials = { user: url.username, password: decodeURIComponent(url.password) };
  configuration = { host: "localhost", port: database.port, database: "postgres", ca: localhostTls.cert };
  const sql = postgres(database.url, { max: 1 });
  await sql`create table orders (id int primary key, title text, price numeric, at timestamptz, tags text[])`;
  await sql`insert into orders select n, 'Chair ' || n, n * 1.5, '2026-03-01T09:30:00Z', array['a', 'b'] from generate_series(1, 500) n`;
  await sql`create sequence numbers`;
  await sql.end();
}, 120_000);

afterAll(async () => {
  await outbound.close();
  for (const { server, sockets } of hostile) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  await database.remove();
  await rm(folder, { recursive: true, force: true });
});

const contextOf = (more: Partial<ConnectorContext> = {}): ConnectorContext => ({
  configuration,
  credentials,
  outbound,
  policy,
  callId: "icl_1",
  signal: AbortSignal.timeout(20_000),
  timeoutMs: 20_000,
  ...more,
});

const run = (input: Record<string, unknown>, context = contextOf()) => {
  const action = findConnector("POSTGRESQL")?.actionsOf(null)[0];
  if (!action) throw new Error("There is no action.");
  expect(action.problemsOf(input)).toEqual([]);
  return action.run(context, input);
};

test("returns rows over TLS, with parameters", async () => {
  await findConnector("POSTGRESQL")?.check(contextOf());
  const sql = "select id, title, price, at at time zone 'UTC' as at, tags from orders where id = $1 and title = $2; ";
  expect(await run({ sql, parameters: [7, "Chair 7"] })).toEqual({
    rows: [{ id: 7, title: "Chair 7", price: 10.5, at: "2026-03-01T09:30:00", tags: ["a", "b"] }],
    isTruncated: false,
  });
  const isSecure = "select ssl from pg_stat_ssl where pid = pg_backend_pid() -- a comment";
  expect(await run({ sql: isSecure })).toEqual({ rows: [{ ssl: true }], isTruncated: false });
});

test("limits rows and bytes", async () => {
  expect(await run({ sql: "select id from orders order by id", maxRows: 2 })).toEqual({ rows: [{ id: 1 }, { id: 2 }], isTruncated: true });
  expect(((await run({ sql: "select id from orders", maxRows: 500 })) as { rows: unknown[] }).rows).toHaveLength(500);
  const { rows, isTruncated } = (await run({ sql: "select repeat('x', 100000) as text from orders" })) as {
    rows: unknown[];
    isTruncated: boolean;
  };
  expect([rows.length, isTruncated]).toEqual([2, true]);
  await expect(run({ sql: "select repeat('x', 10000000) as text" })).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringMatching(/sent more than \d+ bytes/) as unknown,
  });
});

test.each([
  ["a change", "update orders set title = 'x'"],
  ["a change within a query", "with gone as (delete from orders returning id) select * from gone"],
  ["a second statement", "select 1; delete from orders"],
  ["a second statement that ends the first", "select 1) weft_row; delete from orders; select 1 from (select 1"],
  [
    "statements that end the transaction",
    "select 1) weft_row; commit; delete from orders; commit; begin; declare weft_rows cursor for select '{}'::text from (select 1",
  ],
  ["a function that changes something", "select nextval('numbers')"],
  ["leaving the read-only transaction", "select set_config('transaction_read_only', 'off', true), nextval('numbers')"],
  ["an unknown table", "select * from nothing"],
])("refuses %s", async (_what, sql) => {
  await expect(run({ sql })).rejects.toMatchObject({ kind: "PERMANENT" });
  expect(await run({ sql: "select count(*) from orders where title <> 'x'" })).toMatchObject({ rows: [{ count: 500 }] });
});

test("names the error of the database without the values that its message quotes", async () => {
  const error: unknown = await run({ sql: "select $1::text::int as n", parameters: ["secret"] }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ kind: "PERMANENT", message: expect.stringContaining("22P02") as unknown });
  expect(inspect(error)).not.toContain("secret");
});

test("connects to checked addresses and database ports only, with a certificate that it trusts", async () => {
  const problemsOf = async (more: Record<string, unknown>) =>
    (
      await findConnector("POSTGRESQL")?.problemsOf({
        configuration: { ...configuration, host: "8.8.8.8", port: 5432, ...more },
        credentials,
        policy: { allowed: [] },
      })
    )?.map(({ path }) => path);
  expect(await problemsOf({})).toEqual([]);
  expect(await problemsOf({ port: 6432 })).toEqual([]);
  for (const port of [22, 443, 6379]) expect(await problemsOf({ port })).toEqual(["configuration.port"]);
  for (const host of ["127.0.0.1", "10.0.0.1", "/var/run/postgresql", "localhost"])
    expect(await problemsOf({ host })).toEqual(["configuration.host"]);
  expect(await problemsOf({ security: "NONE" })).toEqual(["configuration.security"]);
  const { ca: _ca, ...untrusted } = configuration;
  await expect(run({ sql: "select 1" }, contextOf({ configuration: untrusted }))).rejects.toMatchObject({
    kind: "RETRYABLE",
    message: expect.stringContaining("self-signed") as unknown,
  });
  await expect(run({ sql: "select 1" }, contextOf({ credentials: { ...credentials, password: "wrong" } }))).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining("28P01") as unknown,
  });
  const rebound = { configuration: { ...configuration, host: "db.example", port: 5432 }, policy: { allowed: [] } };
  await expect(run({ sql: "select 1" }, contextOf({ ...rebound, resolve: () => Promise.resolve(["127.0.0.1"]) }))).rejects.toMatchObject({
    kind: "FORBIDDEN_DESTINATION",
  });
});

/** Runs a query at a server that answers each message with these bytes. */
async function atHostileServer(answers: readonly Buffer[], signal?: AbortSignal): Promise<unknown> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const left = [...answers];
    socket.on("data", () => {
      const next = left.length > 1 ? left.shift() : left[0];
      if (next !== undefined) socket.write(next);
    });
  });
  hostile.push({ server, sockets });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const plain = { ...configuration, host: "127.0.0.1", port, security: "NONE" };
  return run({ sql: "select 1" }, contextOf({ configuration: plain, ...(signal !== undefined && { signal }) }));
}

/** A message of the protocol: its type, its length, and its content. */
function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

test("survives servers that ask for endless rounds, send endless data, or nothing", async () => {
  const sasl = message("R", Buffer.concat([int32(10), Buffer.from("SCRAM-SHA-256\0\0")]));
  const salt = Buffer.from("salt").toString("base64");
  // A server must repeat the nonce of the client.
  const rounds = createServer();
  hostile.push({ server: rounds, sockets: new Set() });
  rounds.on("connection", (socket: Socket) => {
    hostile.at(-1)?.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      const nonce = /r=([^\0,]+)/.exec(data.toString("latin1"))?.[1];
      socket.write(
        nonce === undefined ? sasl : message("R", Buffer.concat([int32(11), Buffer.from(`r=${nonce}x,s=${salt},i=2000000000`)])),
      );
    });
  });
  rounds.listen(0, "127.0.0.1");
  await once(rounds, "listening");
  const plain = { ...configuration, host: "127.0.0.1", port: (rounds.address() as AddressInfo).port, security: "NONE" };
  await expect(run({ sql: "select 1" }, contextOf({ configuration: plain }))).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining("iteration") as unknown,
  });
  const endless = Buffer.concat([Buffer.from("D"), int32(2_000_000_000), Buffer.alloc(5 * 1024 * 1024)]);
  await expect(atHostileServer([endless])).rejects.toMatchObject({
    kind: "PERMANENT",
    message: expect.stringContaining("sent more than") as unknown,
  });
  const abort = new AbortController();
  const silent = expect(atHostileServer([], abort.signal)).rejects.toMatchObject({ kind: "RETRYABLE" });
  setImmediate(() => abort.abort());
  await silent;
});
