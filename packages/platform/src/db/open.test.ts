import { existsSync } from "node:fs";
import { join } from "node:path";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabases } from "./open.js";

let database: TestDatabase;
let owner: postgres.Sql;

/** Roles belong to the whole server, so this file uses its own. */
const stranger = { name: `weft_stranger_${process.pid}`, password: "stranger" };

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  await owner.unsafe(`create role ${stranger.name} login password '${stranger.password}'`);
});

afterAll(async () => {
  await owner.unsafe(`drop owned by ${stranger.name}; drop role ${stranger.name}`);
  await owner.end();
  await database.drop();
});

const as = (user: typeof stranger) => databaseUrl(database.ownerUrl, database.name, user);

test("opens each of the four pools as its role", async () => {
  const databases = await openDatabases({ ...database });
  for (const [db, role] of [
    [databases.app, "weft_app"],
    [databases.worker, "weft_worker"],
    [databases.auth, "weft_auth"],
    [databases.health, "weft_app"],
  ] as const) {
    const [row] = await db.begin((tx) => tx.execute("select current_user::text as role"));
    expect(row).toEqual({ role });
  }
  await databases.close();
});

test("does not let the server compile statements, even if it is configured to", async () => {
  await owner.unsafe(`alter database ${database.name} set jit = on`);
  const databases = await openDatabases({ ...database });
  for (const db of [databases.app, databases.worker, databases.auth])
    expect(await db.begin((tx) => tx.execute("show jit"))).toEqual([{ jit: "off" }]);
  await databases.close();
  await owner.unsafe(`alter database ${database.name} reset jit`);
});

test("connects over a Unix socket if the URL has its directory", async ({ skip }) => {
  const [set] = await owner<{ directory: string }[]>`select current_setting('unix_socket_directories') as directory`;
  const { port } = new URL(database.ownerUrl);
  const directory = set?.directory ?? "";
  // A given server can be on another machine.
  skip(!existsSync(join(directory, `.s.PGSQL.${port}`)));
  const at = (url: string): string => `${url}?host=${encodeURIComponent(directory)}`;
  const databases = await openDatabases({ appUrl: at(database.appUrl) });
  expect(await databases.app.begin((tx) => tx.execute("select current_user::text as role, inet_server_addr() as address"))).toEqual([
    { role: "weft_app", address: null },
  ]);
  await databases.close();
});

test("refuses a superuser and says what to do", async () => {
  await expect(openDatabases({ appUrl: database.ownerUrl })).rejects.toThrow(
    /DATABASE_URL logs in as .*, a superuser.*Use the role weft_app/s,
  );
});

test("refuses a role that bypasses row-level security or can become the owner of the tables", async () => {
  await owner.unsafe(`alter role ${stranger.name} bypassrls`);
  await expect(openDatabases({ appUrl: as(stranger) })).rejects.toThrow(`Run: alter role ${stranger.name} nobypassrls`);
  const [table] = await owner<
    { owner: string }[]
  >`select tableowner as owner from pg_tables where schemaname = 'identity' and tablename = 'users'`;
  await owner.unsafe(`alter role ${stranger.name} nobypassrls; grant ${table?.owner ?? ""} to ${stranger.name}`);
  await expect(openDatabases({ appUrl: as(stranger) })).rejects.toThrow("which owns");
  await owner.unsafe(`revoke ${table?.owner ?? ""} from ${stranger.name}`);
});

test("a role that can become a more powerful one, make roles or functions of Weft's, or begins with a tenant, is refused", async () => {
  const { name } = stranger;
  const cases: [damage: string, repair: string, says: string][] = [
    [
      `create role ${name}_over bypassrls; grant ${name}_over to ${name}`,
      `drop role ${name}_over`,
      `can become ${name}_over and so bypass row-level security`,
    ],
    [`grant pg_read_server_files to ${name}`, `revoke pg_read_server_files from ${name}`, "can become pg_read_server_files"],
    [`alter role ${name} createrole`, `alter role ${name} nocreaterole`, `Run: alter role ${name} nocreaterole`],
    [
      `grant create on schema app to ${name}`,
      `revoke create on schema app from ${name}`,
      "can create tables and functions in the schema app",
    ],
    [
      `alter role ${name} set app.tenant_id = '01890000-0000-7000-8000-000000000001'`,
      `alter role ${name} reset all`,
      "start with app.tenant_id = '01890000-0000-7000-8000-000000000001'",
    ],
    [
      `alter function app.tenant() owner to ${name}`,
      `alter function app.tenant() owner to current_user`,
      "which owns the function app.tenant()",
    ],
  ];
  for (const [damage, repair, says] of cases) {
    await owner.unsafe(damage);
    await expect(openDatabases({ appUrl: as(stranger) }), damage).rejects.toThrow(says);
    await owner.unsafe(repair);
    await expect(openDatabases({ appUrl: as(stranger) }), repair).rejects.not.toThrow(says);
  }
});

test("refuses a database without Weft's tables or privileges, and reports every problem at once", async () => {
  const settings = { ...database, workerUrl: as(stranger), processes: 1000 };
  await expect(openDatabases(settings)).rejects.toThrow(/pools need \d+ connections.*DATABASE_WORKER_URL has not been migrated/s);
});

test("a process without a login for a role reports it when the role is needed", async () => {
  const databases = await openDatabases({ appUrl: database.appUrl });
  await expect(databases.worker.begin(() => Promise.resolve(1))).rejects.toThrow("Set DATABASE_WORKER_URL");
  await databases.close();
});

test("an unreachable server and a missing setting are described in a sentence", async () => {
  await expect(openDatabases({ appUrl: "postgres://weft_app:x@127.0.0.1:1/weft", connectTimeoutMs: 500 })).rejects.toThrow(
    "PostgreSQL at 127.0.0.1:1 cannot be reached",
  );
  await expect(openDatabases({})).rejects.toThrow("Set DATABASE_URL");
});
