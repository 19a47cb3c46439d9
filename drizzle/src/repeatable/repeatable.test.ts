import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { postgres } from "@weft/pg-driver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { creates, migrationsWith } from "@weft/testkit/postgres/further-migrations";
import { type MigrateOptions, migrate, migrationNames } from "../migrate.js";
import { readDefinitions } from "./definitions.js";
import { readRepeatables } from "./files.js";
import { isDue } from "./is-due.js";

let database: TestDatabase;
let sql: postgres.Sql;
/** A copy of the shipped files. Tests change it as a release would. */
let files: string;
let logged: string[];

beforeEach(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  files = mkdtempSync(join(tmpdir(), "weft-files-"));
  for (const kind of ["functions", "triggers", "policies"])
    cpSync(fileURLToPath(new URL(`../../${kind}`, import.meta.url)), join(files, kind), { recursive: true });
  logged = [];
});

afterEach(async () => {
  rmSync(files, { recursive: true });
  await sql.end();
  await database.drop();
});

const run = (options: Partial<MigrateOptions> = {}) =>
  migrate({ ownerUrl: database.ownerUrl, roles: testRoles, repeatables: files, log: (line) => logged.push(line), ...options });

const change = (name: string, text: string): void => writeFileSync(join(files, `${name}.sql`), text);

const definitions = async () => Object.fromEntries(await readDefinitions(sql));

/** Returns the log lines for files that the last run applied, dropped or restored. */
const applied = (): string[] => logged.splice(0).filter((line) => /^(Applied|Dropped|Restored) /.test(line));

const greeting = (text: string, parameters = ""): string =>
  `create or replace function app.greeting(${parameters}) returns text language plpgsql as $$ begin return '${text}'; end $$;\n`;

const greet = async (): Promise<string | undefined> => (await sql<{ said: string }[]>`select app.greeting() as said`)[0]?.said;

test("a changed file is applied again by the owner, and an unchanged one is not", { tags: "slow" }, async () => {
  change("functions/app/greeting", greeting("Hello"));
  await run();
  expect(applied()).toEqual(["Applied functions/app/greeting.sql"]);
  change("functions/app/greeting", greeting("Good morning"));
  await run();
  expect(applied()).toEqual(["Applied functions/app/greeting.sql"]);
  expect(await greet()).toBe("Good morning");
  await run();
  expect(applied()).toEqual([]);
  const owners = await sql`select distinct pg_get_userbyid(proowner) as owner from pg_proc where pronamespace = 'app'::regnamespace`;
  expect([...owners]).toEqual([{ owner: "weft_owner" }]);
});

test("drops objects that no longer have a file", { tags: "slow" }, async () => {
  const before = await definitions();
  change("functions/app/greeting", greeting("Hello"));
  await run();
  rmSync(join(files, "functions/app/greeting.sql"));
  logged = [];
  await run();
  expect(applied()).toEqual(["Dropped functions/app/greeting: its file was deleted"]);
  expect(await definitions()).toEqual(before);
});

test("a file that drops an object of a numbered migration is also applied in new databases, and fails if it drops no object with its name", async () => {
  change(
    "functions/app/grant_to_built_in_roles",
    "-- No migration calls it.\ndrop procedure if exists app.grant_to_built_in_roles(jsonb);",
  );
  await run();
  expect(await definitions()).not.toHaveProperty("functions/app/grant_to_built_in_roles");
  change("functions/engine/read_batch", "drop function if exists engine.read_batch(text);");
  await expect(run()).rejects.toThrow("drizzle/functions/engine/read_batch.sql does not drop what its name says");
});

test("a start with nothing to apply sends one statement for these files", async () => {
  await run();
  const seen: string[] = [];
  const spied = postgres(database.ownerUrl, { max: 1, onnotice: () => {}, debug: (_connection, query) => seen.push(query) });
  const [ran] = await sql<{ latest: number }[]>`select count(*)::int as latest from app_migrations.schema_migrations`;
  // The first statement of a connection also reads the types.
  await spied`select 1`;
  seen.length = 0;
  const due = await isDue(spied, {
    setHash: readRepeatables(files).hash,
    latest: ran?.latest ?? 0,
    logins: [testRoles.app.name],
    onLaterVersion: "keepInUse",
    log: (line) => logged.push(line),
  });
  await spied.end();
  expect(due).toBeUndefined();
  expect(seen).toHaveLength(1);
});

describe("a function whose signature changes", () => {
  test("replaces the one that its header references", async () => {
    change("functions/app/greeting", greeting("Hello"));
    await run();
    change("functions/app/greeting", `-- replaces: app.greeting()\n${greeting("Hello you", "name text default ''")}`);
    await run();
    const [found] = await sql`select array_agg(oid::regprocedure::text) as signatures from pg_proc where proname = 'greeting'`;
    expect(found).toEqual({ signatures: ["app.greeting(text)"] });
  });

  test("is refused without the header, and nothing is changed", async () => {
    change("functions/app/greeting", greeting("Hello"));
    await run();
    const before = await definitions();
    change("functions/app/another", greeting("Other").replace("greeting", "another"));
    change("functions/app/greeting", greeting("Hello you", "name text"));
    await expect(run()).rejects.toThrow(/drizzle\/functions\/app\/greeting\.sql leaves 2 functions of its name.*-- replaces: /);
    expect(await definitions()).toEqual(before);
  });

  test("is refused with the header to add if PostgreSQL cannot replace it", { tags: "slow" }, async () => {
    change("functions/app/greeting", greeting("Hello"));
    await run();
    change("functions/app/greeting", greeting("1").replace("returns text", "returns bigint"));
    await expect(run()).rejects.toThrow(/greeting\.sql: cannot change return type.*Add a header "-- replaces: /);
    change("functions/app/greeting", `-- replaces: app.greeting()\n${greeting("1").replace("returns text", "returns bigint")}`);
    await run();
    expect(await greet()).toBe("1");
  });
});

test("a failing file is named in the error and leaves everything unchanged", async () => {
  const before = await definitions();
  change("functions/app/greeting", greeting("Hello"));
  change("functions/workflows/broken", "create function workflows.broken() returns text language sql as 'select nothing.at_all()'");
  await expect(run()).rejects.toThrow(/^drizzle\/functions\/workflows\/broken\.sql: schema "nothing" does not exist/);
  expect(await definitions()).toEqual(before);
});

test("refuses a file that creates an object other than its name says", async () => {
  change("functions/app/greeting", greeting("Hello").replace("app.greeting", "app.welcome"));
  await expect(run()).rejects.toThrow("drizzle/functions/app/greeting.sql does not create what its name says");
});

test("a policy is replaced and its expression recorded for the check at start", async () => {
  change(
    "policies/workflows/definitions.published_stays",
    "create policy published_stays on workflows.definitions as restrictive for update using (status <> 'RETIRED');",
  );
  await run();
  const [policy] =
    await sql`select obj_description(oid, 'pg_policy') as recorded, pg_get_expr(polqual, polrelid) as qual from pg_policy where polname = 'published_stays'`;
  expect(policy).toEqual({ recorded: "using (status <> 'RETIRED'::text) with check ", qual: "(status <> 'RETIRED'::text)" });
});

test("applying a file of its table does not make a manually changed policy accepted", async () => {
  await sql`alter policy tenant on workflows.definitions using (true)`;
  change(
    "policies/workflows/definitions.published_stays",
    "create policy published_stays on workflows.definitions as restrictive for update using (status <> 'RETIRED');",
  );
  await run();
  const [policy] =
    await sql`select obj_description(oid, 'pg_policy') as recorded from pg_policy where polname = 'tenant' and polrelid = 'workflows.definitions'::regclass`;
  expect(policy).toEqual({ recorded: expect.stringContaining("tenant_id = app.tenant()") as string });
});

describe("down", () => {
  let migrations: string;
  // A database whose functions were applied after two migrations that follow the baseline.
  beforeEach(async () => {
    migrations = migrationsWith({ "9998_first": creates("first"), "9999_second": creates("second") });
    await run({ direction: "down", count: migrationNames().length });
    await step();
    logged = [];
  });
  afterEach(() => rmSync(migrations, { recursive: true }));

  const step = (options: Partial<MigrateOptions> = {}) => run({ migrations, ...options });

  /** Returns the definitions that the numbered migrations create on their own. Afterwards, the shipped files are applied again. */
  async function leftByNumbered(): Promise<unknown> {
    await step({ direction: "down", count: 1 });
    const found = await definitions();
    await step();
    logged = [];
    return found;
  }

  test(
    "restores functions, triggers, and policies as the numbered migration left them, and up applies the files again",
    { tags: "slow" },
    async () => {
      const numbered = await leftByNumbered();
      change("functions/app/greeting", greeting("Hello"));
      change(
        "functions/engine/set_tenant",
        `-- replaces: engine.set_tenant(uuid)\ncreate or replace function engine.set_tenant(tenant uuid, again boolean) returns void language plpgsql as $$ begin end $$;`,
      );
      change("functions/workflows/vote_waits_for", "-- Removed.\ndrop function if exists workflows.vote_waits_for(uuid, uuid);");
      change("policies/workflows/definitions.published_remains", "drop policy if exists published_remains on workflows.definitions;");
      change(
        "triggers/workflows/tasks.task_candidates_opened",
        "create or replace trigger task_candidates_opened after insert on workflows.tasks for each row execute function workflows.keep_task_candidates();",
      );
      change(
        "policies/workflows/definitions.published_stays",
        "create policy published_stays on workflows.definitions as restrictive for update using (false);",
      );
      await step();
      change("functions/app/greeting", greeting("Later"));
      await step();
      const changed = await definitions();
      await step({ direction: "down", count: 1 });
      expect(await definitions()).toEqual(numbered);
      expect(await sql`select from app_migrations.repeatable`).toHaveLength(0);
      await step();
      expect(await definitions()).toEqual(changed);
      expect(await greet()).toBe("Later");
    },
  );

  test("restores privileges of a dropped function", { tags: "slow" }, async () => {
    const numbered = await leftByNumbered();
    change(
      "functions/app/record_policies",
      "-- replaces: app.record_policies(regclass)\ncreate procedure app.record_policies(target regclass, only_name text) language plpgsql as $$ begin end $$;",
    );
    await step();
    expect(await definitions()).not.toEqual(numbered);
    await step({ direction: "down", count: 1 });
    expect(await definitions()).toEqual(numbered);
  });

  test("followed by a partial up leaves the files unapplied until all numbered migrations have run", { tags: "slow" }, async () => {
    change("functions/app/greeting", greeting("Hello"));
    await step();
    await step({ direction: "down", count: 2 });
    logged = [];
    await step({ count: 1 });
    expect(applied()).toEqual([]);
    await step({ count: 1 });
    expect(applied()).toContain("Applied functions/app/greeting.sql");
  });
});

describe("an earlier version of Weft", () => {
  beforeEach(async () => {
    await run();
    change("functions/app/greeting", greeting("Later"));
    await run();
    rmSync(join(files, "functions/app/greeting.sql"));
    logged = [];
  });

  test("keeps the functions of the later version while other processes are connected", async () => {
    const other = postgres(database.appUrl, { max: 1 });
    await other`select 1`;
    await run();
    await other.end();
    expect(logged.join("\n")).toMatch(/functions, triggers or policies of a later version.*kept.*pnpm migrate/);
    expect(await greet()).toBe("Later");
  });

  test("applies its own functions if no other process is connected", async () => {
    await run();
    expect(applied()).toEqual(["Dropped functions/app/greeting: its file was deleted"]);
  });

  test("applies its own functions if it is told to", { tags: "slow" }, async () => {
    const other = postgres(database.appUrl, { max: 1 });
    await other`select 1`;
    await run({ onLaterVersion: "apply" });
    await other.end();
    expect(applied()).toEqual(["Dropped functions/app/greeting: its file was deleted"]);
    change("functions/app/greeting", greeting("Later"));
    await run();
    expect(await greet()).toBe("Later");
  });

  test("keeps the later functions if there are numbered migrations that it does not know", async () => {
    await sql`insert into app_migrations.schema_migrations (name, run_on) values ('9999_later', now())`;
    await run({ onLaterVersion: "apply" });
    expect(logged.join("\n")).toContain("numbered migrations of a later version");
    expect(await greet()).toBe("Later");
  });
});
