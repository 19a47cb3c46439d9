import { postgres } from "@weft/pg-driver";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { afterAll, beforeAll, expect, test } from "vitest";

let database: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;

const tenant = "01890001-0000-7000-8000-000000000001";
const schemaId = "01890001-0000-7000-8000-000000000002";
const id = (n: number) => `01890001-0000-7000-8000-0000000001${String(n).padStart(2, "0")}`;
const asTenant = `set local app.tenant_id = '${tenant}'`;

const zone = { name: "zone", type: "TEXT", isForVendors: false };
const area = { name: "area", type: "NUMBER", isForVendors: false };

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(database.appUrl, { max: 3 });
  await owner`insert into identity.tenants (tenant_id, slug, name) values (${tenant}, 'fields', 'T')`;
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await tx`insert into app.custom_field_schemas (tenant_id, id, kind, schema, indexed) values (${tenant}, ${schemaId}, 'BUILDING', '{}', ${tx.json([zone])})`;
  });
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end()]);
  await database.drop();
});

const insertBuilding = (tx: postgres.TransactionSql, n: number, fields: object) =>
  tx`insert into requests.buildings (tenant_id, id, code, name, fields) values (${tenant}, ${id(n)}, ${`B${n}`}, 'B', ${tx.json(fields as never)})`;

const index = (tx: postgres.TransactionSql, fields: object[]) =>
  tx`update app.custom_field_schemas set indexed = ${tx.json(fields as never)}, version = version + 1 where id = ${schemaId}`;

const valuesOf = (n: number): Promise<{ field: string; value: string | number | null }[]> =>
  app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    return tx<{ field: string; value: string | number | null }[]>`
      select field, case when not is_set then null when type = 'NUMBER' then to_jsonb(number_value) else to_jsonb(text_value) end as value
        from app.custom_field_values where object_id = ${id(n)} order by field`;
  });

/** Resolves when a backend waits for the lock that another one holds. */
async function isWaiting(): Promise<void> {
  for (;;) {
    const [row] = await owner`select from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
    if (row) return;
  }
}

test("an object that is written while a schema changes has the values of the new schema, whichever commits first", async () => {
  // The object is written first, and its transaction is still open when the schema changes.
  let schemaChange: Promise<unknown> = Promise.resolve();
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await insertBuilding(tx, 1, { zone: "north", area: 7 });
    schemaChange = app.begin(async (other) => {
      await other.unsafe(asTenant);
      await index(other, [zone, area]);
    });
    await isWaiting();
  });
  await schemaChange;
  expect(await valuesOf(1)).toEqual([
    { field: "area", value: 7 },
    { field: "zone", value: "north" },
  ]);

  // The schema changes first, and its transaction is still open when the object is written.
  let write: Promise<unknown> = Promise.resolve();
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await index(tx, [area]);
    write = app.begin(async (other) => {
      await other.unsafe(asTenant);
      await insertBuilding(other, 2, { zone: "south", area: 8 });
    });
    await isWaiting();
  });
  await write;
  expect(await valuesOf(2)).toEqual([{ field: "area", value: 8 }]);
  expect(await valuesOf(1)).toEqual([{ field: "area", value: 7 }]);
});

test("a value of another type counts as none, and a long text is cut", async () => {
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await index(tx, [zone, area]);
    await insertBuilding(tx, 3, { zone: "ä".repeat(201), area: "wide" });
  });
  expect(await valuesOf(3)).toEqual([
    { field: "area", value: null },
    { field: "zone", value: `${"ä".repeat(200)}…` },
  ]);
});

test("an object that changes its type while the schema of the old type changes has only the fields of the new type", async () => {
  const loadOfType = { name: "load", type: "NUMBER", isForVendors: false };
  const [elevators, cranes] = [id(20), id(21)];
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    for (const [schema, type] of [
      [elevators, "elevator"],
      [cranes, "crane"],
    ] as const)
      await tx`insert into app.custom_field_schemas (tenant_id, id, kind, type_key, schema, indexed)
        values (${tenant}, ${schema}, 'ASSET', ${type}, '{}', ${tx.json([type === "crane" ? loadOfType : zone] as never)})`;
    await insertBuilding(tx, 10, {});
    await tx`insert into requests.asset_types (tenant_id, id, key, name) values
      (${tenant}, ${id(22)}, 'elevator', 'Elevator'), (${tenant}, ${id(23)}, 'crane', 'Crane')`;
    await tx`insert into requests.assets (tenant_id, id, building_id, tag, name, type, fields)
      values (${tenant}, ${id(11)}, ${id(10)}, 'A', 'A', 'elevator', ${tx.json({ zone: "north", load: 5 })})`;
  });
  expect(await valuesOf(11)).toEqual([{ field: "zone", value: "north" }]);
  let schemaChange: Promise<unknown> = Promise.resolve();
  await app.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await tx`update requests.assets set type = 'crane' where id = ${id(11)}`;
    schemaChange = app.begin(async (other) => {
      await other.unsafe(asTenant);
      await other`update app.custom_field_schemas set indexed = ${other.json([zone, area] as never)} where id = ${elevators}`;
    });
    await isWaiting();
  });
  await schemaChange;
  expect(await valuesOf(11)).toEqual([{ field: "load", value: 5 }]);
});

test("plain values of encrypted fields, and encrypted values of plain ones, are refused, whoever writes them", async () => {
  await owner.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await tx`update app.custom_field_schemas set schema = '{"properties":{"zone":{},"area":{}}}', encrypted = '{zone}',
      indexed = ${tx.json([{ ...zone, type: "ENCRYPTED" }])} where id = ${schemaId}`;
  });
  const sealed = { $sealed: "sec:v1:1:AAAA", $index: "i" };
  const write = (n: number, fields: object) =>
    app.begin(async (tx) => {
      await tx.unsafe(asTenant);
      await insertBuilding(tx, n, fields);
    });
  for (const fields of [
    { zone: "plain" },
    { zone: { $sealed: "sec:v1:1:AAAA" } },
    { area: sealed },
    { zone: { $sealed: "plain", $index: "i" } },
  ])
    await expect(write(90, fields)).rejects.toMatchObject({ code: "40001" });
  await write(91, { zone: sealed, area: 5 });
  expect(await valuesOf(91)).toEqual([{ field: "zone", value: "i" }]);
});

test("nobody changes an earlier version of an object, except for its ciphertexts, and texts that become ciphertexts", async () => {
  const version = (image: object, n = 92) =>
    app.begin(async (tx) => {
      await tx.unsafe(asTenant);
      return tx`update app.object_versions set image = ${tx.json(image as never)} where object_id = ${id(n)}`;
    });
  const [before, after] = ["AAAA", "BBBB"].map((text) => ({ name: "B", fields: { zone: { $sealed: `sec:v1:1:${text}` }, area: 5 } }));
  await owner.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await tx`insert into app.object_versions (tenant_id, object_id, until, image) values (${tenant}, ${id(92)}, now(), ${tx.json(before as never)})`;
  });
  for (const other of [
    { ...before, name: "C" },
    { ...before, fields: { ...before?.fields, area: 6 } },
    { ...before, fields: { area: 5 } },
    { ...before, fields: { ...before?.fields, more: { $sealed: "sec:v1:1:AAAA" } } },
    { ...before, fields: { ...before?.fields, zone: "plain" } },
    { ...before, fields: { ...before?.fields, area: { $sealed: "sec:v1:1:AAAA" } } },
    {},
  ])
    await expect(version(other)).rejects.toMatchObject({ constraint_name: "object_versions_kept_check" });
  expect((await version(after ?? {})).count).toBe(1);
  const text = { ...before, fields: { ...before?.fields, zone: "plain" } };
  await owner.begin(async (tx) => {
    await tx.unsafe(asTenant);
    await tx`insert into app.object_versions (tenant_id, object_id, until, image) values (${tenant}, ${id(93)}, now(), ${tx.json(text)})`;
  });
  expect((await version(before ?? {}, 93)).count).toBe(1);
});
