import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, loadExampleDefinition, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { secretsInTables } from "@weft/testkit/secrets/find-secrets";
import { rememberSecret } from "@weft/testkit/secrets/known-secrets";
import { newWebhook, sampleWebhook } from "@weft/testkit/tenants/new-webhook";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const change = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
const preview = `query ($input: PreviewCustomFieldsInput!) { previewCustomFields(input: $input) { misfits { id problems { path message } } } }`;
const create = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id fields version } } }";
const update = "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id fields version } } }";
const one = "query ($id: ID!) { building(id: $id) { fields form { data } } }";
const list = `query ($filter: BuildingFilter, $orderBy: BuildingOrder, $viewId: ID) {
  buildings(filter: $filter, orderBy: $orderBy, viewId: $viewId, first: 100) { totalCount edges { node { code fields } } } }`;
const createAsset = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id fields } } }";
const updateAsset = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id fields } } }";

const schema = {
  properties: {
    taxId: { type: "string", minLength: 5, maxLength: 60, encrypted: true, index: true },
    account: { type: "string", encrypted: true, index: true },
    code: { type: "string", encrypted: true },
    zone: { type: "string", index: true },
  },
};

interface Building {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly version: number;
}

let weft: TestWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It makes a table refuse rows." });
  owner = postgres(weft.database.ownerUrl, { max: 3, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

async function withFields(): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.admin.run(change, { input: { kind: "BUILDING", schema } });
  return tenant;
}

async function building(user: TestUser, code: string, fields: object, more: object = {}): Promise<Building> {
  const input = { code, name: `Building ${code}`, fields, ...more };
  return (await user.run<{ createBuilding: { building: Building } }>(create, { input })).createBuilding.building;
}

const changed = async (user: TestUser, id: string, fields: object): Promise<Building> =>
  (await user.run<{ updateBuilding: { building: Building } }>(update, { input: { id, fields } })).updateBuilding.building;

async function codes(user: TestUser, variables: Record<string, unknown>): Promise<string[]> {
  const { buildings } = await user.run<{ buildings: { totalCount: number; edges: { node: { code: string } }[] } }>(list, variables);
  expect(buildings.totalCount).toBe(buildings.edges.length);
  return buildings.edges.map(({ node }) => node.code);
}

const find = (user: TestUser, ...fields: object[]): Promise<string[]> => codes(user, { filter: { fields } });

const problemsOf = async (
  user: TestUser,
  operation: string,
  variables: Record<string, unknown>,
): Promise<{ path: string; message: string }[]> =>
  ((await user.refused(operation, variables)).extensions?.["problems"] ?? []) as { path: string; message: string }[];

/** A value that no other test uses, and that the whole installation is searched for when it stops. */
let count = 0;
function secret(user: TestUser): string {
  const value = `tax.id-${Date.now()}-${count++}`;
  rememberSecret(user.url, value);
  return value;
}

/** The stored form of a building's values. */
async function storedFields(id: string): Promise<Record<string, { $sealed: string; $index?: string }>> {
  const [row] = await owner<
    { fields: Record<string, { $sealed: string; $index?: string }> }[]
  >`select fields from requests.buildings where id = ${decodeId("building", id)}`;
  return row?.fields ?? {};
}

const store = (id: string, fields: object) =>
  owner`update requests.buildings set fields = fields || ${owner.json(fields as never)} where id = ${decodeId("building", id)}`;

/** Imports lines of buildings, one by one. */
async function imported(user: TestUser, text: string): Promise<void> {
  const fileId = await uploadText(user, { name: "buildings.csv", text });
  const { createImport } = await user.run<{ createImport: { import: { id: string } } }>(
    "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }",
    { input: { fileId, list: "BUILDINGS" } },
  );
  const { id } = createImport.import;
  const is = async (status: string): Promise<boolean> =>
    (await user.run<{ import: { status: string } }>("query ($id: ID!) { import(id: $id) { status } }", { id })).import.status === status;
  await until(() => is("READY"), { what: "the import is checked" });
  await user.run("mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }", {
    input: { id, mode: "LINE_BY_LINE" },
  });
  await until(() => is("COMPLETED"), { what: "the import is complete" });
}

describe("the schema of encrypted fields", () => {
  test("is refused at the path of what cannot be encrypted, or would keep values in plain text", async () => {
    const { admin } = await weft.tenant();
    const properties = {
      amount: { type: "number", encrypted: true },
      tags: { type: "array", items: { type: "string" }, encrypted: true },
      any: { encrypted: true },
      class: { type: "string", enum: ["A", "B"], default: "A", encrypted: true },
      shown: { type: "string", encrypted: true, visibleToVendors: true },
    };
    const problems = await problemsOf(admin, change, { input: { kind: "BUILDING", schema: { properties } } });
    expect(problems.map(({ path }) => path)).toEqual([
      "input.schema.properties.amount.encrypted",
      "input.schema.properties.tags.encrypted",
      "input.schema.properties.any.encrypted",
      "input.schema.properties.class.default",
      "input.schema.properties.class.enum",
      "input.schema.properties.shown.visibleToVendors",
    ]);
    const loud = { loud: { type: "string", encrypted: "yes" } };
    expect(await problemsOf(admin, change, { input: { kind: "BUILDING", schema: { properties: loud } } })).toMatchObject([
      { path: "input.schema.properties.loud.encrypted" },
    ]);
    const nested = { owner: { type: "object", properties: { name: { type: "string", encrypted: true } } } };
    expect(await problemsOf(admin, change, { input: { kind: "BUILDING", schema: { properties: nested } } })).toMatchObject([
      { path: "input.schema.properties.owner.properties.name.encrypted" },
    ]);
  });

  test("is not changed in a way that would leave values in another form", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: secret(admin), code: secret(admin), zone: "north" });
    const { taxId, code, zone } = schema.properties;
    const pathsOf = async (properties: object) =>
      (await problemsOf(admin, change, { input: { kind: "BUILDING", schema: { properties } } })).map(({ path }) => path);
    expect(await pathsOf({ taxId: { type: "string" }, code, zone: { ...zone, encrypted: true } })).toEqual([
      "input.schema.properties.taxId.encrypted",
      "input.schema.properties.zone.encrypted",
    ]);
    expect(await pathsOf({ taxId: { ...taxId, index: false }, code: { ...code, index: true } })).toEqual([
      "input.schema.properties.code.index",
      "input.schema.properties.taxId.index",
    ]);
    // A field without values can become encrypted, and the other way round.
    const { account, ...others } = schema.properties;
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { ...others, account: { type: account.type } } } } });
    await admin.run(change, { input: { kind: "BUILDING", schema } });
    // A field that was removed keeps its values until the object's fields change.
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { zone } } } });
    expect(await pathsOf({ zone, code: { type: "string" } })).toEqual(["input.schema.properties.code.encrypted"]);
  });

  test("is completed by the tenant's setting: texts are encrypted unless they say otherwise or cannot be", async () => {
    const { admin } = await weft.tenant();
    await building(admin, "A", {});
    const configure = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    await admin.run(configure, { input: { document: { security: { encryptCustomFields: true } }, message: "Test" } });
    const properties = {
      taxId: { type: "string", index: true },
      iban: { type: ["string", "null"] },
      note: { type: "string", encrypted: false },
      class: { type: "string", enum: ["A", "B"] },
      gate: { type: "string", visibleToVendors: true },
      area: { type: "number" },
    };
    const saved = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { schema } } }";
    const read = async () => {
      const input = { kind: "BUILDING", schema: { properties } };
      const answer = await admin.run<{ updateCustomFields: { customFieldSchema: { schema: object } } }>(saved, { input });
      return answer.updateCustomFields.customFieldSchema.schema;
    };
    const wanted = {
      properties: { ...properties, taxId: { ...properties.taxId, encrypted: true }, iban: { ...properties.iban, encrypted: true } },
    };
    expect(await until(async () => JSON.stringify(await read()) === JSON.stringify(wanted), { what: "the setting is in effect" })).toBe(
      true,
    );
    const { id } = await building(admin, "B", { taxId: secret(admin), note: "plain", class: "A", gate: "North", area: 5 });
    expect(await storedFields(id)).toEqual({
      taxId: { $sealed: expect.stringMatching(/^sec:v1:/) as string, $index: expect.any(String) as string },
      note: "plain",
      class: "A",
      gate: "North",
      area: 5,
    });
  });

  test("is that of an object that is written at the same time, which is encrypted then", async () => {
    const { admin, id: tenantId } = await weft.tenant();
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { taxId: { type: "string" } } } } });
    const value = secret(admin);
    // The object's transaction has read the schema, and waits at the trigger for the transaction that changes it.
    let written: Promise<Building> = Promise.reject(new Error("not yet"));
    written.catch(() => undefined);
    await owner.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
      await tx`select app.lock_custom_fields(${tenantId}, 'BUILDING', true)`;
      written = building(admin, "RACE", { taxId: value });
      for (;;) {
        const [waiting] = await owner`select from pg_locks l join pg_database d on d.oid = l.database
          where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
        if (waiting) break;
      }
      await tx`update app.custom_field_schemas set schema = ${tx.json({ properties: { taxId: schema.properties.account } })},
        encrypted = '{taxId}', indexed = '[{"name":"taxId","type":"ENCRYPTED","isForVendors":false}]', version = version + 1`;
    });
    expect((await written).fields).toEqual({ taxId: value });
    expect((await storedFields((await written).id))["taxId"]).toMatchObject({ $sealed: expect.stringMatching(/^sec:v1:/) as string });
    expect(await find(admin, { name: "taxId", eq: value })).toEqual(["RACE"]);
  });
});

describe("a field with values that becomes encrypted", () => {
  const plain = { properties: { taxId: { type: "string", index: true }, zone: { type: "string", index: true } } };
  const encrypted = { properties: { ...plain.properties, taxId: { ...plain.properties.taxId, encrypted: true } } };
  const input = { kind: "BUILDING", schema: encrypted, encryptsValues: true };
  const start = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { encrypting } } }";
  const sealed = { $sealed: expect.stringMatching(/^sec:v1:/) as string, $index: expect.any(String) as string };

  async function withPlainFields(): Promise<TestTenant> {
    const tenant = await weft.tenant();
    await tenant.admin.run(change, { input: { kind: "BUILDING", schema: plain } });
    return tenant;
  }

  const encrypting = async (user: TestUser): Promise<readonly string[]> => {
    const read = await user.run<{ customFieldSchemas: { encrypting: string[] }[] }>("{ customFieldSchemas { encrypting } }");
    return read.customFieldSchemas.flatMap((one) => one.encrypting);
  };

  test("needs the caller's consent, and texts in all objects", async () => {
    const { admin } = await withPlainFields();
    const { id } = await building(admin, "A", { taxId: "DE-1", zone: "north" });
    const refusal = async (given: object) =>
      (await problemsOf(admin, change, { input: { kind: "BUILDING", ...given } })).map(({ path, message }) => [path, message]);
    expect(await refusal({ schema: encrypted })).toEqual([
      ["input.schema.properties.taxId.encrypted", expect.stringContaining("encryptsValues: true") as string],
    ]);
    await changed(admin, id, { taxId: null });
    // Earlier versions have the value.
    expect(await refusal({ schema: encrypted })).toEqual([
      ["input.schema.properties.taxId.encrypted", expect.stringContaining("earlier versions") as string],
    ]);
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { zone: { type: "number" } } } } });
    await changed(admin, id, { zone: 5 });
    const zone = { properties: { zone: { type: "string", encrypted: true } } };
    expect(await refusal({ schema: zone, encryptsValues: true })).toEqual([
      ["input.schema.properties.zone.encrypted", expect.stringContaining("not texts") as string],
    ]);
    await changed(admin, id, { zone: null });
    expect(await refusal({ schema: zone, encryptsValues: true })).toEqual([
      ["input.schema.properties.zone.encrypted", expect.stringContaining("not texts in earlier versions of objects") as string],
    ]);
  });

  test("is read, found and written while a worker encrypts its values, earlier versions included", async () => {
    const { admin, id: tenantId } = await withPlainFields();
    const a = await building(admin, "A", { taxId: "DE-100", zone: "north" });
    await admin.run(update, { input: { id: a.id, name: "Renamed", fields: { zone: "south" } } });
    await building(admin, "C", { zone: "north" });
    await owner.begin(async (tx) => {
      // The worker waits for this row.
      await tx`select from requests.buildings where id = ${decodeId("building", a.id)} for update`;
      expect(await admin.run(start, { input })).toEqual({ updateCustomFields: { customFieldSchema: { encrypting: ["taxId"] } } });
      // No other worker takes the schema meanwhile.
      const claimed = async () =>
        (await owner`select from app.custom_field_schemas where tenant_id = ${tenantId} and encrypt_at > now() + interval '30 seconds'`)
          .length > 0;
      await until(claimed, { what: "the worker has taken the schema" });
      expect((await storedFields(a.id))["taxId"]).toBe("DE-100");
      const b = await building(admin, "B", { taxId: "DE-100" });
      expect(await storedFields(b.id)).toEqual({ taxId: sealed });
      expect(await find(admin, { name: "taxId", eq: "DE-100" })).toEqual(["A", "B"]);
      expect(await find(admin, { name: "taxId", in: ["DE-100"] })).toEqual(["A", "B"]);
      expect(await find(admin, { name: "taxId", isNull: true })).toEqual(["C"]);
      expect(await admin.run(one, { id: a.id })).toMatchObject({ building: { fields: { taxId: "DE-100", zone: "south" } } });
      // Consent is needed once.
      await admin.run(change, { input: { kind: "BUILDING", schema: encrypted } });
      expect(await encrypting(admin)).toEqual(["taxId"]);
    });
    await weft.weft.worker.idle();
    expect(await encrypting(admin)).toEqual([]);
    expect(await storedFields(a.id)).toEqual({ taxId: sealed, zone: "south" });
    expect(await find(admin, { name: "taxId", eq: "DE-100" })).toEqual(["A", "B"]);
    const left =
      await owner`select from app.object_versions where object_id = ${decodeId("building", a.id)} and image::text like '%DE-100%'`;
    expect(left).toHaveLength(0);
  });

  test("is encrypted in assets of its type alone, and in their earlier versions, which stay readable", async () => {
    const { tenant, buildingId } = await aMaintenanceTenant(weft);
    const { admin } = tenant;
    const open = { properties: { pin: { type: "string" } } };
    const made: Record<string, string> = {};
    for (const type of ["safe", "door"]) {
      await admin.run(change, { input: { kind: "ASSET", typeKey: type, schema: open } });
      const asset = { buildingId, name: "N", type, tag: type, fields: { pin: `first of ${type}` } };
      const { createAsset: created } = await admin.run<{ createAsset: { asset: { id: string } } }>(createAsset, { input: asset });
      made[type] = created.asset.id;
    }
    const asOf = new Date().toISOString();
    for (const [type, id] of Object.entries(made)) await admin.run(updateAsset, { input: { id, fields: { pin: `second of ${type}` } } });
    const closed = { properties: { pin: { type: "string", encrypted: true } } };
    await admin.run(start, { input: { kind: "ASSET", typeKey: "safe", schema: closed, encryptsValues: true } });
    await weft.weft.worker.idle();
    expect(await encrypting(admin)).toEqual([]);
    const plain = await owner<
      { pin: string }[]
    >`select fields->>'pin' as pin from requests.assets where tenant_id = ${tenant.id} and fields ? 'pin'
      union select image->'fields'->>'pin' from app.object_versions where tenant_id = ${tenant.id} and image->'fields' ? 'pin' order by 1`;
    expect(plain.map(({ pin }) => pin).filter((pin) => !pin.startsWith("{"))).toEqual(["first of door", "second of door"]);
    const ofTime = "query ($id: ID!, $asOf: DateTime) { asset(id: $id, asOf: $asOf) { fields } }";
    expect(await admin.run(ofTime, { id: made["safe"], asOf })).toEqual({ asset: { fields: { pin: "first of safe" } } });
    expect(await admin.run(ofTime, { id: made["safe"] })).toEqual({ asset: { fields: { pin: "second of safe" } } });
  });

  test(
    "is encrypted by each change of an object's fields, and not by other changes, until the worker comes",
    { tags: "slow" },
    async () => {
      const { admin, id: tenantId } = await withPlainFields();
      const [a, b] = [await building(admin, "A", { taxId: "DE-1" }), await building(admin, "B", { taxId: "DE-2" })];
      await owner.begin(async (tx) => {
        // As the mutation does, except that no worker looks for it.
        await tx`update app.custom_field_schemas set schema = ${tx.json(encrypted)}, encrypted = '{taxId}', encrypting = '{taxId}',
        indexed = '[{"name":"taxId","type":"ENCRYPTED"},{"name":"zone","type":"TEXT"}]', version = version + 1 where tenant_id = ${tenantId}`;
      });
      await admin.run(update, { input: { id: a.id, name: "Renamed" } });
      expect(await storedFields(a.id)).toEqual({ taxId: "DE-1" });
      await changed(admin, a.id, { zone: "north" });
      expect(await storedFields(a.id)).toEqual({ taxId: sealed, zone: "north" });
      const { auditEntries } = await admin.run<{
        auditEntries: { edges: { node: { before: { fields: object }; after: { fields: object } } }[] };
      }>('{ auditEntries(filter: { action: { eq: "building.update" } }) { edges { node { before after } } } }');
      const mark = expect.stringMatching(/^\[encrypted( [0-9a-f]{8})?\]$/) as string;
      expect(auditEntries.edges.map(({ node }) => [node.before.fields, node.after.fields])).toEqual([
        [{ taxId: mark }, { taxId: mark, zone: "north" }],
        [{ taxId: mark }, { taxId: mark }],
      ]);
      await expect(store(b.id, { taxId: "DE-3" })).rejects.toMatchObject({ code: "40001" });
      await expect(store(a.id, { taxId: "DE-1" })).rejects.toMatchObject({ code: "40001" });
      await owner`update app.custom_field_schemas set encrypt_at = now() where tenant_id = ${tenantId}`;
      await until(async () => (await encrypting(admin)).length === 0, { what: "the values are encrypted" });
      expect(await storedFields(b.id)).toEqual({ taxId: sealed });
    },
  );

  test(
    "is encrypted in all other objects if the database refuses to change one, which is reported and tried again",
    { tags: "slow" },
    async () => {
      const { admin, id: tenantId } = await withPlainFields();
      const [a, b] = [await building(admin, "A", { taxId: "DE-1" }), await building(admin, "B", { taxId: "DE-2" })];
      const broken = decodeId("building", a.id);
      await owner.unsafe(`create function pg_temp.refuse() returns trigger language plpgsql as 'begin raise check_violation; end';
      create trigger refused before update on requests.buildings for each row when (new.id = '${broken}') execute function pg_temp.refuse()`);
      await admin.run(start, { input });
      await until(async () => typeof (await storedFields(b.id))["taxId"] === "object", { what: "the other object is encrypted" });
      const dueAt = async () =>
        (
          await owner`select encrypt_at > now() + interval '50 minutes' as later from app.custom_field_schemas where tenant_id = ${tenantId}`
        )[0];
      await until(async () => (await dueAt())?.["later"] === true, { what: "the next attempt is in an hour" });
      expect(await storedFields(a.id)).toEqual({ taxId: "DE-1" });
      expect(await encrypting(admin)).toEqual(["taxId"]);
      expect(weft.logged()).toContain(`requests.buildings.fields/${broken}`);
      await owner`drop trigger refused on requests.buildings`;
      await owner`update app.custom_field_schemas set encrypt_at = now() where tenant_id = ${tenantId}`;
      await until(async () => (await encrypting(admin)).length === 0, { what: "the values are encrypted" });
      expect(await storedFields(a.id)).toEqual({ taxId: sealed });
    },
  );

  test("is in no saved view or export that is stored at the same time", async () => {
    const { admin, id: tenantId } = await withPlainFields();
    const filter = { fields: [{ name: "taxId", eq: secret(admin) }] };
    const operations: [string, object][] = [
      ["mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }", { list: "BUILDINGS", name: "V", filter }],
      ["mutation ($input: ExportBuildingsInput!) { exportBuildings(input: $input) { export { id } } }", { format: "CSV", filter }],
    ];
    const pending: Promise<{ path: string; message: string }[]>[] = [];
    await owner.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
      await tx`select app.lock_custom_fields(${tenantId}, 'BUILDING', true)`;
      for (const [operation, given] of operations) pending.push(problemsOf(admin, operation, { input: given }));
      await until(
        async () => {
          const waiting = await owner`select from pg_locks l join pg_database d on d.oid = l.database
            where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
          return waiting.length === operations.length;
        },
        { what: "both wait for the schema" },
      );
      await tx`update app.custom_field_schemas set schema = ${tx.json(encrypted)}, encrypted = '{taxId}',
        indexed = '[{"name":"taxId","type":"ENCRYPTED"},{"name":"zone","type":"TEXT"}]', version = version + 1`;
    });
    for (const problems of await Promise.all(pending))
      expect(problems).toMatchObject([{ message: expect.stringContaining("would be stored with its value") as string }]);
  });

  test("is no longer in the filters of saved views, which lists refuse until they are changed", async () => {
    const { admin, user } = await withPlainFields().then(async (tenant) => ({
      admin: tenant.admin,
      user: await tenant.user("operations"),
    }));
    await building(admin, "A", { taxId: "DE-1", zone: "north" });
    const save = "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }";
    const saved = async (filter: object): Promise<string> =>
      (await user.run<{ saveView: { view: { id: string } } }>(save, { input: { list: "BUILDINGS", name: "V", filter } })).saveView.view.id;
    const zone = { name: "zone", eq: "north" };
    const viewId = await saved({
      or: [{ fields: [zone, { name: "taxId", in: ["DE-1"] }] }, { not: { fields: [{ name: "taxId", eq: "DE-2" }] } }],
    });
    const other = await saved({ fields: [zone] });
    expect(await codes(user, { viewId })).toEqual(["A"]);
    await admin.run(start, { input });
    expect(await problemsOf(user, list, { viewId })).toMatchObject([
      { message: expect.stringContaining("encrypted") as string },
      { message: expect.stringContaining("encrypted") as string },
    ]);
    expect(await codes(user, { viewId: other })).toEqual(["A"]);
    expect(await user.run("query ($id: ID!) { savedView(id: $id) { filter } }", { id: viewId })).toEqual({
      savedView: {
        filter: {
          or: [{ fields: [zone, { name: "taxId", in: ["[removed]"] }] }, { not: { fields: [{ name: "taxId", eq: "[removed]" }] } }],
        },
      },
    });
  });
});

describe("values of encrypted fields", () => {
  test("are read by those who can read the object, in its form too, and keep their ciphertext until they change", async () => {
    const { admin, user } = await withFields().then(async (tenant) => ({ admin: tenant.admin, user: await tenant.user("operations") }));
    const [taxId, code, other] = [secret(admin), secret(admin), secret(admin)];
    const { id, fields } = await building(admin, "A", { taxId, code, zone: "north" });
    expect(fields).toEqual({ taxId, code, zone: "north" });
    const before = await storedFields(id);
    expect((await changed(admin, id, { zone: "south", code: other })).fields).toEqual({ taxId, code: other, zone: "south" });
    const after = await storedFields(id);
    expect(after["taxId"]).toEqual(before["taxId"]);
    expect(after["code"]?.$sealed).not.toBe(before["code"]?.$sealed);
    expect(after["code"]).not.toHaveProperty("$index");
    expect(await user.run(one, { id })).toEqual({
      building: { fields: { taxId, code: other, zone: "south" }, form: { data: { taxId, code: other, zone: "south" } } },
    });
    expect((await changed(admin, id, { taxId: null })).fields).toEqual({ code: other, zone: "south" });
  });

  test("must fit the schema, and refusals do not repeat them", async () => {
    const { admin } = await withFields();
    const { id } = await building(admin, "A", { taxId: secret(admin) });
    const [problem] = await problemsOf(admin, update, { input: { id, fields: { taxId: "4711" } } });
    expect(problem).toMatchObject({ path: "input.fields.taxId", message: expect.stringContaining('"minLength":5') as string });
    expect(problem?.message).not.toContain("4711");
    expect(await problemsOf(admin, update, { input: { id, fields: { taxId: 5 } } })).toMatchObject([{ path: "input.fields.taxId" }]);
    const long = { properties: { ...schema.properties, taxId: { ...schema.properties.taxId, minLength: 50 } } };
    expect(await admin.run(preview, { input: { kind: "BUILDING", schema: long } })).toEqual({
      previewCustomFields: {
        misfits: [{ id, problems: [{ path: "fields.taxId", message: expect.stringContaining('"minLength":50') as string }] }],
      },
    });
  });

  test("of the form in which Weft stores them are refused", async () => {
    const { admin } = await weft.tenant();
    await admin.run(change, { input: { kind: "BUILDING", schema: { properties: { any: { type: "object" } } } } });
    const any = { $sealed: "sec:v1:1:AAAA" };
    expect(await problemsOf(admin, create, { input: { code: "A", name: "A", fields: { any } } })).toMatchObject([
      { path: "input.fields.any.$sealed" },
    ]);
  });

  test("are in no table, in no log, and in no delivery of a webhook that reads them", { tags: "slow" }, async () => {
    const tenant = await withFields();
    const { admin } = tenant;
    await newWebhook(admin, {
      ...sampleWebhook,
      eventTypes: ["building.created", "building.updated"],
      payload: { query: "query ($subjectId: ID!) { building(id: $subjectId) { code fields } }" },
    });
    const text = { properties: { taxId: { type: "string", encrypted: true, index: true } } };
    for (const kind of ["VENDOR", "PROJECT"]) await admin.run(change, { input: { kind, schema: text } });
    await admin.run(change, { input: { kind: "ASSET", typeKey: "pump", schema: text } });
    const planted = Array.from({ length: 8 }, () => secret(admin));
    const [first, second, third, ...more] = planted;
    const { id } = await building(admin, "A", { taxId: first, code: second }, { idempotencyKey: "once" });
    await changed(admin, id, { taxId: third });
    await admin.run(createAsset, {
      input: { buildingId: id, tag: "P", name: "P", type: "pump", fields: { taxId: more[0] }, idempotencyKey: "a" },
    });
    await admin.run("mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }", {
      input: { code: "V", name: "V", fields: { taxId: more[1] } },
    });
    await tenant.definition(await loadExampleDefinition("project"));
    const project = { code: "P", name: "P", fields: { taxId: more[4] } };
    await admin.run("mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }", { input: project });
    const refused = await admin.refused(create, { input: { code: "B", name: "B", fields: { taxId: more[2], zone: 5 } } });
    expect(refused.message).not.toContain(more[2]);
    await find(admin, { name: "taxId", eq: more[3] });
    const tooLong = `${secret(admin)}-${"x".repeat(60)}`;
    rememberSecret(admin.url, tooLong);
    planted.push(tooLong, secret(admin));
    await imported(admin, `code,name,fields.taxId\nI1,One,${planted.at(-1)}\nI2,Two,${tooLong}\n`);
    expect(await find(admin, { name: "taxId", eq: planted.at(-1) })).toEqual(["I1"]);
    await weft.weft.worker.idle();
    expect(await owner`select from events.webhook_deliveries where tenant_id = ${tenant.id} and body like 'sec:v1:%'`).toHaveLength(3);
    expect(await secretsInTables(weft.database.ownerUrl, new Set(planted))).toEqual([]);
    for (const value of planted) expect(weft.logged()).not.toContain(value);
    // Nor can somebody who reads the hash of an idempotency key try which value it is of.
    const again = await building(admin, "A", { taxId: first, code: second }, { idempotencyKey: "once" });
    expect(again.id).toBe(id);
    expect(
      await admin.refusal(create, {
        input: { code: "A", name: "Building A", fields: { taxId: second, code: second }, idempotencyKey: "once" },
      }),
    ).toBe("CONFLICT");
  });

  test("are not quoted by the problems of an import that sets all fields with one column", { tags: "slow" }, async () => {
    const tenant = await withFields();
    const { admin } = tenant;
    const value = secret(admin);
    const cells = [`{"taxId": "${value}"`, `{"taxId": ${value}}`, `"${value}"`, `["${value}"]`, `{"taxid": "${value}"}`, value];
    await imported(admin, `code,name,fields\n${cells.map((cell, at) => `I${at},I,"${cell.replaceAll('"', '""')}"\n`).join("")}`);
    const problems = await owner<
      { message: string }[]
    >`select message from app.import_problems where tenant_id = ${tenant.id} order by line`;
    expect(problems).toHaveLength(cells.length);
    expect(problems[0]?.message).toContain("not valid JSON");
    for (const { message } of problems) expect(message).not.toContain(value.slice(0, 8));
    expect(await secretsInTables(weft.database.ownerUrl, new Set([value]))).toEqual([]);
  });

  test("are in the file of an export that its user asks for", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: "DE-100", zone: "north" });
    const start = "mutation ($input: ExportBuildingsInput!) { exportBuildings(input: $input) { export { id } } }";
    const { exportBuildings } = await admin.run<{ exportBuildings: { export: { id: string } } }>(start, {
      input: { format: "CSV", columns: ["code", "fields.taxId"] },
    });
    const read = async () => {
      const query = "query ($id: ID!) { export(id: $id) { status file { download { url } } } }";
      const answer = await admin.run<{ export: { status: string; file: { download: { url: string } } | null } }>(query, {
        id: exportBuildings.export.id,
      });
      return answer.export.status === "COMPLETED" && answer.export.file;
    };
    const file = await until(read, { what: "the export is complete" });
    expect(await (await fetch(new URL(file.download.url, admin.url))).text()).toContain("A,DE-100");
  });

  test("are in the audit trail as marks that tell only whether they changed", async () => {
    const { admin } = await withFields();
    const { id } = await building(admin, "A", { taxId: secret(admin), code: secret(admin) });
    await changed(admin, id, { taxId: secret(admin) });
    const { auditEntries } = await admin.run<{
      auditEntries: { edges: { node: { before: { fields: object }; after: { fields: object } } }[] };
    }>('{ auditEntries(filter: { action: { eq: "building.update" } }) { edges { node { before after } } } }');
    const { before, after } = auditEntries.edges[0]?.node ?? {};
    const mark = expect.stringMatching(/^\[encrypted [0-9a-f]{8}\]$/) as string;
    expect(before?.fields).toEqual({ taxId: mark, code: mark });
    expect(after?.fields).toEqual({ ...before?.fields, taxId: mark });
    expect(after?.fields).not.toEqual(before?.fields);
  });

  test("of lists and of single objects take no statement that plain values do not", { tags: "slow" }, async () => {
    const [encrypted, plain] = [await withFields(), await weft.tenant()];
    const properties = Object.fromEntries(Object.keys(schema.properties).map((name) => [name, { type: "string", index: true }]));
    await plain.admin.run(change, { input: { kind: "BUILDING", schema: { properties } } });
    for (const { admin } of [encrypted, plain])
      for (let n = 0; n < 5; n++) await building(admin, `B${n}`, { taxId: `tax-${n}`, code: "c", zone: "north" });
    const counts = async (variables: object): Promise<[number, number]> => [
      await weft.statementCount(() => encrypted.admin.run(list, { ...variables })),
      await weft.statementCount(() => plain.admin.run(list, { ...variables })),
    ];
    const [ofEncrypted, ofPlain] = await counts({});
    expect(ofEncrypted).toBe(ofPlain);
    const [filtered, filteredPlain] = await counts({ filter: { fields: [{ name: "taxId", in: ["tax-1", "tax-3"] }] } });
    expect(filtered).toBe(filteredPlain);
  });

  test("A51: that were changed, or moved to another field, object or tenant, are unreadable, and the rest of the list is not", async () => {
    const { admin } = await withFields();
    const foreign = await building((await withFields()).admin, "F", { taxId: secret(admin) });
    const [moved, field, flipped, whole] = await Promise.all(
      ["A", "B", "C", "D"].map((code) => building(admin, code, { taxId: `tax of ${code}`, account: "account" })),
    );
    const { taxId, account } = await storedFields(whole?.id ?? "");
    const own = (await storedFields(flipped?.id ?? ""))["taxId"]?.$sealed ?? "";
    await store(moved?.id ?? "", { taxId, account: (await storedFields(foreign.id))["taxId"] });
    await store(field?.id ?? "", { taxId: account });
    await store(flipped?.id ?? "", {
      taxId: { ...taxId, $sealed: `${own.slice(0, -4)}${own.at(-4) === "A" ? "B" : "A"}${own.slice(-3)}` },
    });
    const { buildings } = await admin.run<{ buildings: { edges: { node: { fields: object } }[] } }>(list, {});
    expect(buildings.edges.map(({ node }) => node.fields)).toEqual([
      { taxId: "[unreadable]", account: "[unreadable]" },
      { taxId: "[unreadable]", account: "account" },
      { taxId: "[unreadable]", account: "account" },
      { taxId: "tax of D", account: "account" },
    ]);
    expect(await problemsOf(admin, update, { input: { id: flipped?.id, fields: { account: "other" } } })).toMatchObject([
      { path: "input.fields.taxId", message: expect.stringContaining("Enter it again") as string },
    ]);
    expect((await changed(admin, flipped?.id ?? "", { taxId: "entered again" })).fields).toEqual({
      taxId: "entered again",
      account: "account",
    });
  });

  test("that are unreadable are not offered by the form, nor stored as if they were values", async () => {
    const { admin } = await withFields();
    const { id } = await building(admin, "A", { taxId: secret(admin), account: "account" });
    const { taxId, account } = await storedFields(id);
    await store(id, { taxId: account });
    expect(await admin.run(one, { id })).toEqual({
      building: { fields: { taxId: "[unreadable]", account: "account" }, form: { data: { account: "account" } } },
    });
    for (const [operation, input] of [
      [update, { id, fields: { taxId: "[unreadable]" } }],
      [create, { code: "B", name: "B", fields: { taxId: "[unreadable]" } }],
    ] as const)
      expect(await problemsOf(admin, operation, { input })).toMatchObject([
        { path: "input.fields.taxId", message: expect.stringContaining("again") as string },
      ]);
    expect((await storedFields(id))["taxId"]).toEqual(account);
    // The original can still be put back.
    await store(id, { taxId });
    expect(await admin.run(one, { id })).toMatchObject({ building: { form: { data: { taxId: expect.any(String) as string } } } });
  });

  test("that are given again unchanged keep their ciphertext", async () => {
    const { admin } = await withFields();
    const [taxId, code] = [secret(admin), secret(admin)];
    const { id } = await building(admin, "A", { taxId, code, zone: "north" });
    const before = await storedFields(id);
    await changed(admin, id, { taxId, code, zone: "south" });
    expect(await storedFields(id)).toEqual({ ...before, zone: "south" });
  });

  test("are hidden from users of a vendor, also as conditions", async () => {
    const { tenant, ...acme } = await aMaintenanceTenant(weft);
    await tenant.admin.run(change, { input: { kind: "BUILDING", schema } });
    const { id, user } = await tenant.vendor();
    const { fields } = await changed(tenant.admin, acme.buildingId, { taxId: secret(tenant.admin), zone: "north" });
    expect(fields).toMatchObject({ zone: "north" });
    const row = { tenant_id: tenant.id, object_id: decodeId("building", acme.buildingId), vendor_id: decodeId("vendor", id) };
    await owner`insert into app.object_access ${owner(row)}`;
    expect(await user.run("query ($id: ID!) { building(id: $id) { fields } }", { id: acme.buildingId })).toEqual({
      building: { fields: {} },
    });
    expect(await user.refusal(list, { filter: { fields: [{ name: "taxId", eq: "x" }] } })).toBe("BAD_USER_INPUT");
  });

  test("of an asset become plain in another type only if they are given again, and earlier versions stay readable", async () => {
    const { tenant, buildingId } = await aMaintenanceTenant(weft);
    const { admin } = tenant;
    const [safe, open] = [
      { type: "string", encrypted: true, index: true },
      { type: "string", index: true },
    ];
    await admin.run(change, { input: { kind: "ASSET", typeKey: "safe", schema: { properties: { pin: safe } } } });
    await admin.run(change, { input: { kind: "ASSET", typeKey: "vault", schema: { properties: { pin: safe } } } });
    await admin.run(change, { input: { kind: "ASSET", typeKey: "door", schema: { properties: { pin: open } } } });
    const asset = { buildingId, name: "N", type: "safe", fields: { pin: "1234-5678" } };
    const made = await admin.run<{ createAsset: { asset: { id: string } } }>(createAsset, { input: { ...asset, tag: "S1" } });
    const { id } = made.createAsset.asset;
    const stored = async () => {
      const [row] = await owner<{ pin: unknown }[]>`select fields->'pin' as pin from requests.assets where id = ${decodeId("asset", id)}`;
      return row?.pin;
    };
    const asOf = new Date().toISOString();
    const byPin = 'query ($pin: JSON!) { assets(filter: { fields: [{ name: "pin", eq: $pin }] }) { edges { node { tag } } } }';
    const found = { assets: { edges: [{ node: { tag: "S1" } }] } };
    const sealed = await stored();
    expect(sealed).toHaveProperty("$sealed");
    expect(await admin.run(byPin, { pin: "1234-5678" })).toEqual(found);
    await admin.run(updateAsset, { input: { id, type: "vault" } });
    expect(await stored()).toEqual(sealed);
    for (const given of [{}, { fields: {} }]) {
      const [problem] = await problemsOf(admin, updateAsset, { input: { id, type: "door", ...given } });
      expect(problem).toMatchObject({ path: "input.fields.pin", message: expect.stringContaining("plain text") as string });
      expect(problem?.message).not.toContain("1234-5678");
    }
    expect(await stored()).toEqual(sealed);
    // A value that a worker has yet to encrypt.
    const replaceStored = (fields: object) =>
      owner.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`update requests.assets set fields = ${tx.json(fields as never)} where id = ${decodeId("asset", id)}`;
      });
    await replaceStored({ pin: "1234-5678" });
    expect(await problemsOf(admin, updateAsset, { input: { id, type: "door" } })).toMatchObject([{ path: "input.fields.pin" }]);
    await replaceStored({ pin: sealed });
    await admin.run(updateAsset, { input: { id, type: "door", fields: { pin: "public" } } });
    expect(await stored()).toBe("public");
    expect(await admin.run(byPin, { pin: "public" })).toEqual(found);
    const ofTime = "query ($id: ID!, $asOf: DateTime) { asset(id: $id, asOf: $asOf) { type fields } }";
    expect(await admin.run(ofTime, { id, asOf })).toEqual({ asset: { type: "safe", fields: { pin: "1234-5678" } } });
    await admin.run(updateAsset, { input: { id, type: "safe" } });
    expect(await stored()).toHaveProperty("$sealed");
    await admin.run(updateAsset, { input: { id, type: "door", fields: { pin: null } } });
    expect(await stored()).toBeNull();
  });
});

describe("searches by encrypted fields", () => {
  test("find values by eq and in, and objects without one, in any combination of conditions", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: "DE-100", account: "DE-100", zone: "north" });
    await building(admin, "B", { taxId: "DE-200", zone: "north" });
    await building(admin, "C", { taxId: "DE-100", zone: "south" });
    await building(admin, "D", {});
    expect(await find(admin, { name: "taxId", eq: "DE-100" })).toEqual(["A", "C"]);
    expect(await find(admin, { name: "taxId", in: ["DE-100", "DE-200", 5] }).catch(() => "mixed types")).toBe("mixed types");
    expect(await find(admin, { name: "taxId", in: ["DE-200", "DE-300"] })).toEqual(["B"]);
    expect(await find(admin, { name: "taxId", in: [] })).toEqual([]);
    expect(await find(admin, { name: "taxId", eq: 100 })).toEqual([]);
    expect(await find(admin, { name: "taxId", eq: "DE-100", in: ["DE-200"] })).toEqual([]);
    expect(await find(admin, { name: "taxId", isNull: true })).toEqual(["D"]);
    expect(await find(admin, { name: "taxId", isNull: false })).toEqual(["A", "B", "C"]);
    expect(await find(admin, { name: "taxId", eq: "DE-100" }, { name: "zone", eq: "south" })).toEqual(["C"]);
    expect(await find(admin, { name: "account", eq: "DE-100" })).toEqual(["A"]);
    const either = { or: [{ fields: [{ name: "account", eq: "DE-100" }] }, { not: { fields: [{ name: "taxId", eq: "DE-100" }] } }] };
    expect(await codes(admin, { filter: either })).toEqual(["A", "B", "D"]);
  });

  test("take bounded work: too many values are refused before any is hashed", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: "DE-100" });
    const numbered = (values: number) => Array.from({ length: values }, (_value, at) => `DE-${at}`);
    expect(await find(admin, { name: "taxId", in: numbered(100) })).toEqual([]);
    expect(await find(admin, { name: "taxId", in: numbered(101).slice(1) })).toEqual(["A"]);
    expect(await problemsOf(admin, list, { filter: { fields: [{ name: "taxId", in: numbered(101) }] } })).toMatchObject([
      { path: "filter.fields.0.in", message: expect.stringContaining("100") as string },
    ]);
    const conditions = Array.from({ length: 11 }, (_condition, at) => ({
      name: "taxId",
      in: numbered(100).map((text) => `${text}-${at}`),
    }));
    expect(await problemsOf(admin, list, { filter: { fields: conditions } })).toMatchObject([
      { path: "filter", message: expect.stringContaining("1000") as string },
    ]);
    const blindIndexes = vi.spyOn(weft.weft.services.secrets, "blindIndexes");
    const many = { and: [{ fields: [{ name: "taxId", in: numbered(1000) }] }, { fields: [{ name: "account", in: numbered(1000) }] }] };
    await problemsOf(admin, list, { filter: many });
    const two = { fields: [{ name: "taxId", eq: "DE-100" }], or: [{ fields: [{ name: "account", isNull: true, eq: "x" }] }] };
    await admin.refused(list, { filter: two });
    expect(blindIndexes.mock.calls.map(([, , values]) => values.length)).toEqual([2]);
    blindIndexes.mockRestore();
  });

  test("compare texts as Unicode does, and distinguish upper and lower case", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: "Zu\u0308rich" });
    expect(await find(admin, { name: "taxId", eq: "Z\u00fcrich" })).toEqual(["A"]);
    expect(await find(admin, { name: "taxId", eq: "z\u00fcrich" })).toEqual([]);
  });

  test("compare the whole value, however long", async () => {
    const { admin } = await withFields();
    const text = "x".repeat(300);
    await building(admin, "A", { account: `${text}1` });
    await building(admin, "B", { account: `${text}2` });
    expect(await find(admin, { name: "account", eq: `${text}2` })).toEqual(["B"]);
  });

  test("do not support other operators, orders and full text, nor fields without index", async () => {
    const { admin } = await withFields();
    await building(admin, "A", { taxId: "DE-100", code: "zzz-code" });
    for (const [operator, operand] of Object.entries({ ne: "x", gt: "x", gte: "x", lt: "x", lte: "x", startsWith: "x", contains: "x" }))
      expect(await problemsOf(admin, list, { filter: { or: [{ fields: [{ name: "taxId", [operator]: operand }] }] } })).toMatchObject([
        { path: `filter.or.0.fields.0.${operator}`, message: expect.stringContaining("encrypted") as string },
      ]);
    expect(await problemsOf(admin, list, { orderBy: { field: "FIELD", name: "taxId" } })).toMatchObject([{ path: "orderBy.name" }]);
    expect(await problemsOf(admin, list, { filter: { fields: [{ name: "code", eq: "x" }] } })).toMatchObject([
      { path: "filter.fields.0.name" },
    ]);
    for (const search of ["DE-100", "zzz-code", "sec:v1"])
      expect(await codes(admin, { filter: { search: { contains: search } } })).toEqual([]);
    expect(await codes(admin, { filter: { search: { contains: "Building" } } })).toEqual(["A"]);
  });

  test("are not stored in saved views and exports, unless they contain no value", async () => {
    const { admin } = await withFields();
    const save = "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }";
    const view = (filter: object) => ({ input: { list: "BUILDINGS", name: "V", filter } });
    const run = "mutation ($input: ExportBuildingsInput!) { exportBuildings(input: $input) { export { id } } }";
    const secretly = { fields: [{ name: "taxId", eq: secret(admin) }] };
    expect(await problemsOf(admin, save, view(secretly))).toMatchObject([{ path: "filter.fields.0.eq" }]);
    expect(await problemsOf(admin, run, { input: { format: "CSV", filter: secretly } })).toMatchObject([{ path: "filter.fields.0.eq" }]);
    await building(admin, "A", { taxId: "DE-100" });
    await building(admin, "B", {});
    const { saveView } = await admin.run<{ saveView: { view: { id: string } } }>(save, view({ fields: [{ name: "taxId", isNull: true }] }));
    expect(await codes(admin, { viewId: saveView.view.id })).toEqual(["B"]);
  });

  test("have other blind indexes in each tenant and field", async () => {
    const [acme, globex] = [await withFields(), await withFields()];
    const value = "DE-123456789";
    const ours = await storedFields((await building(acme.admin, "A", { taxId: value, account: value })).id);
    const twin = await storedFields((await building(acme.admin, "B", { taxId: value })).id);
    const theirs = await storedFields((await building(globex.admin, "A", { taxId: value })).id);
    expect(twin["taxId"]?.$index).toBe(ours["taxId"]?.$index);
    expect(new Set([ours["taxId"]?.$index, ours["account"]?.$index, theirs["taxId"]?.$index]).size).toBe(3);
    expect(await find(globex.admin, { name: "taxId", eq: value })).toEqual(["A"]);
    expect(twin["taxId"]?.$sealed).not.toBe(ours["taxId"]?.$sealed);
  });
});
