import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { decodeId } from "@weft/shared/ids";
import { addMasterKey, changedKeys, loadKeys, useNextMasterKey } from "@weft/platform/config";
import { customFieldObjects } from "@weft/platform/custom-field-kinds";
import { asTenant } from "@weft/platform/db";
import { masterKeys, type MasterKeys, oneMasterKey, sealedColumns, sealedJson, tenantSecrets } from "@weft/platform/secrets";
import { loadExampleDefinition, startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { keysFileOf } from "@weft/testkit/processes/worker-processes";
import { newAuditStream } from "@weft/testkit/tenants/new-audit-stream";
import { newDestination, newTeamDestination } from "@weft/testkit/tenants/new-destination";
import { newEventType } from "@weft/testkit/tenants/new-event-type";
import { newInboundWebhook, sendInboundMessage } from "@weft/testkit/tenants/new-inbound-webhook";
import { newIntegration, newIntegrationCall, newIntegrationTrigger } from "@weft/testkit/tenants/new-integration";
import { newSecret } from "@weft/testkit/tenants/new-secret";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { newSamlProvider } from "@weft/testkit/tenants/new-saml-provider";
import { newWebhook, sampleWebhook } from "@weft/testkit/tenants/new-webhook";
import { until } from "@weft/testkit/until";
import { getTableConfig } from "drizzle-orm/pg-core";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KeyedTenant, reencryptSecrets, removeUnneededMasterKeys, rewrapKeys, rotateDataKeys } from "./key-rotation.js";

let weft: TestWeft;
let owner: postgres.Sql;
/** A system that integrations call. */
let shop: HttpServer;
beforeAll(async () => {
  shop = await serveHttp((_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end('[{"id":1}]'));
  weft = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
  const { keysFile } = weft.weft.services.config;
  mkdirSync(dirname(keysFile), { recursive: true });
  writeFileSync(keysFile, JSON.stringify(keysFileOf(weft.keys)), { mode: 0o600 });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
  await shop.close();
});

const quiet = { log: () => {}, error: () => {} };
const services = () => weft.weft.services;
const keysNow = () => loadKeys(services().config.keysFile, { create: false });
const keyed = async (): Promise<KeyedTenant[]> => [
  ...(await owner<{ tenantId: string; slug: string }[]>`select tenant_id as "tenantId", slug from identity.tenants`),
];

async function sealedInTenant(tenantId: string, field: string): Promise<string> {
  const { databases, secrets } = services();
  const [sealed = ""] = await asTenant(databases.app, { tenantId }, "write", (tx) => secrets.seal(tx, tenantId, [{ field, value: "{}" }]));
  return sealed;
}

/** Creates a secret of each kind through the API. */
/** An automation whose runs keep a secret input while they wait. */
const keepingSecret = `weft: 1
kind: automation
key: keeping
name: Keeping
inputs: { token: { type: string, required: true, secret: true } }
steps: [{ id: rest, type: wait, with: { for: 1h } }]
`;

async function fill(tenant: TestTenant): Promise<void> {
  const { admin } = tenant;
  await newSecret(admin, "deploy-token");
  await tenant.definition(keepingSecret);
  await admin.run('mutation { startWorkflow(input: { definitionKey: "keeping", data: { token: "hush-hush-hush" } }) { instance { id } } }');
  await newEventType(admin, "custom.fixture");
  await newAuditStream(admin);
  const webhook = await newWebhook(admin, {
    ...sampleWebhook,
    eventTypes: ["building.created"],
    headers: [{ name: "X-Token", value: "hush" }],
    payload: { query: "query ($subjectId: ID!) { building(id: $subjectId) { code } }" },
  });
  await admin.run("mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { webhook { id } } }", { id: webhook });
  await admin.run('mutation { createBuilding(input: { code: "B1", name: "Lobby" }) { building { id } } }');
  const inbound = await newInboundWebhook(admin);
  await sendInboundMessage(admin.url, inbound.path, { text: "T" });
  await sendInboundMessage(admin.url, inbound.path, { other: "T" });
  await admin.run(
    'mutation ($id: ID!) { rotateInboundWebhookSecret(input: { id: $id, secret: "another password" }) { inboundWebhook { id } } }',
    {
      id: inbound.id,
    },
  );
  // One system answers, and the other one does not.
  for (const [key, port] of [
    ["orders", shop.port],
    ["broken", 9],
  ] as const) {
    const integration = await newIntegration(admin, key);
    if (key === "orders") await newIntegrationCall(admin, integration);
    await newIntegrationTrigger(admin, integration);
    await admin.run("mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { integration { id } } }", {
      input: { id: integration, status: "ACTIVE", configuration: { baseUrl: `http://127.0.0.1:${port}` }, credentials: { type: "NONE" } },
    });
  }
  await newSamlProvider(admin);
  await admin.run("mutation { enrolTotp { secret } }");
  await owner.begin(async (tx) => {
    // Exists only for a moment, between two requests of a browser.
    const [login] = await tx<{ id: string }[]>`insert into identity.provider_logins
      (tenant_id, id, provider_id, issuer, redirect_url, code_challenge, expires_at, received_at)
      select tenant_id, gen_random_uuid(), id, 'i', 'u', 'c', now(), now() from identity.identity_providers where tenant_id = ${tenant.id}
      returning id`;
    const value = await sealedInTenant(tenant.id, `identity.provider_logins.account/${login?.id}`);
    await tx`update identity.provider_logins set account = ${value} where id = ${login?.id ?? ""}`;
  });
  await newDestination(admin);
  await newTeamDestination(admin, await tenant.team("facilities"));
  await weft.weft.worker.idle();
}

interface Sealed {
  readonly place: string;
  readonly id: string;
  readonly value: string;
}

/** Returns all ciphertexts of tenants' secrets in all text columns of the database. */
async function sealedValues(tenantId: string): Promise<Sealed[]> {
  // The views of information_schema take seconds.
  const columns = await owner<{ schema: string; table: string; column: string }[]>`
    select n.nspname as schema, c.relname as table, a.attname as column
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and a.atttypid in ('text'::regtype, 'jsonb'::regtype) and a.attnum > 0 and not a.attisdropped
      and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')
      and exists (select from pg_attribute i where i.attrelid = c.oid and i.attname = 'id')`;
  const found = await Promise.all(
    columns.map(async ({ schema, table, column }) => {
      const rows = await owner<{ id: string; value: string }[]>`
        select id::text, ${owner(column)}::text as value from ${owner(schema)}.${owner(table)}
        where tenant_id = ${tenantId} and ${owner(column)}::text like '%sec:v1:%'`;
      return rows.map((row) => ({ place: `${schema}.${table}.${column}`, ...row }));
    }),
  );
  return found.flat();
}

/** Returns which ciphertexts of the columns can be decrypted in a new process, by its master keys. */
async function readable(tenantId: string, master: MasterKeys): Promise<boolean[]> {
  const secrets = tenantSecrets(master);
  const fields = await owner.begin(async (tx) => {
    const rows = await Promise.all(
      sealedColumns.map(
        ({ table, column, row }) =>
          tx.unsafe(
            `select '${table}.${column}/' || ${row} as field, ${column} as value from ${table} where tenant_id = $1 and starts_with(${column}, 'sec:')`,
            [tenantId],
          ) as unknown as Promise<{ field: string; value: string }[]>,
      ),
    );
    return rows.flat();
  });
  const opened = await asTenant(services().databases.app, { tenantId }, "read", (tx) => secrets.openReadable(tx, tenantId, fields));
  return opened.map((plain) => plain !== null);
}

const masterNow = (): MasterKeys => masterKeys(keysNow(), changedKeys(services().config));
const numbersOf = (values: readonly Sealed[]): Set<string | undefined> => new Set(values.map(({ value }) => value.split(":")[2]));
const settle = (tenantId: string) =>
  owner`update app.tenant_keys set created_at = created_at - interval '2 hours' where tenant_id = ${tenantId}`;

test(
  "every column with secrets is registered, and re-encryption gives each secret of the tenant the newest key",
  { tags: "slow" },
  async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    await fill(acme);
    await newWebhook(globex.admin);
    const before = await sealedValues(acme.id);
    const registered = sealedColumns.map(({ table, column }) => `${table}.${column}`);
    expect([...new Set(before.map(({ place }) => place))].toSorted()).toEqual(registered.toSorted());
    const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
    expect(await rotateDataKeys(services(), chosen, quiet)).toBe(0);
    expect(await reencryptSecrets(services(), chosen, quiet)).toBe(0);
    const after = await sealedValues(acme.id);
    expect(after.map(({ place, id }) => `${place} ${id}`).toSorted()).toEqual(before.map(({ place, id }) => `${place} ${id}`).toSorted());
    expect([numbersOf(before), numbersOf(after), numbersOf(await sealedValues(globex.id))]).toEqual([
      new Set(["1"]),
      new Set(["2"]),
      new Set(["1"]),
    ]);
    expect(new Set(await readable(acme.id, masterNow()))).toEqual(new Set([true]));
  },
);

test("A51: a secret that is put back from an old copy of the row cannot be decrypted once its key is destroyed, an hour after the rotation", async () => {
  const acme = await weft.tenant();
  const id = decodeId("webhook", await newWebhook(acme.admin));
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  const [old] = await owner<{ value: string }[]>`select secret as value from events.webhooks where id = ${id}`;
  await rotateDataKeys(services(), chosen, quiet);
  const numbers = async () =>
    (await owner`select number from app.tenant_keys where tenant_id = ${acme.id} order by number`).map((row) => row["number"] as number);
  // Nothing is left to do, but a process could still encrypt with the first key.
  for (let run = 0; run < 2; run++) await reencryptSecrets(services(), chosen, quiet);
  expect(await numbers()).toEqual([1, 2]);
  await settle(acme.id);
  const putBack = () => owner`update events.webhooks set secret = ${old?.value ?? ""} where id = ${id}`;
  await putBack();
  await reencryptSecrets(services(), chosen, quiet);
  // The run had something to do, so it destroyed nothing.
  expect(await numbers()).toEqual([1, 2]);
  await reencryptSecrets(services(), chosen, quiet);
  expect(await numbers()).toEqual([2]);
  expect(await readable(acme.id, masterNow())).toEqual([true]);
  await putBack();
  expect(await readable(acme.id, masterNow())).toEqual([false]);
});

test("keys are kept while a secret cannot be decrypted, and the command says where it is", async () => {
  const acme = await weft.tenant();
  await newWebhook(acme.admin);
  const damaged = decodeId("webhook", await newWebhook(acme.admin));
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  await owner`update events.webhooks set secret = 'sec:v1:1:AAAA' where id = ${damaged}`;
  await rotateDataKeys(services(), chosen, quiet);
  await settle(acme.id);
  const errors: string[] = [];
  for (let run = 0; run < 2; run++)
    expect(await reencryptSecrets(services(), chosen, { ...quiet, error: (line) => errors.push(line) })).toBe(1);
  expect(errors[0]).toContain(`events.webhooks.secret/${damaged} cannot be decrypted`);
  expect(await owner`select from app.tenant_keys where tenant_id = ${acme.id}`).toHaveLength(2);
});

const customFields = { properties: { taxId: { type: "string", encrypted: true, index: true }, zone: { type: "string" } } };
const find = 'query ($eq: JSON!) { buildings(filter: { fields: [{ name: "taxId", eq: $eq }] }) { edges { node { code fields } } } }';

/** Creates a building and an asset with encrypted custom fields, and changes the asset. Returns their IDs, and a time between the two. */
async function fillFields({ admin }: TestTenant, taxId: string) {
  for (const owned of [{ kind: "BUILDING" }, { kind: "ASSET", typeKey: "pump" }])
    await admin.run("mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { id } } }", {
      input: { ...owned, schema: customFields },
    });
  const building = await newBuilding(admin, "A", { taxId, zone: "north" });
  const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(
    "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
    { input: { buildingId: building, tag: "P", name: "P", type: "pump", fields: { taxId } } },
  );
  const asOf = new Date().toISOString();
  const asset = createAsset.asset.id;
  await admin.run("mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }", {
    input: { id: asset, fields: { taxId: "other" } },
  });
  return { building, asset, asOf };
}

async function newBuilding(admin: TestTenant["admin"], code: string, fields: object): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: code, fields } },
  );
  return createBuilding.building.id;
}

/** Returns the numbers of the keys of encrypted custom fields: those of buildings, assets, and their earlier versions. */
async function keysOfFields(tenantId: string): Promise<string[][]> {
  const of = async (from: string, fields: string): Promise<string[]> => {
    const rows = await owner.unsafe<{ number: string }[]>(
      `select distinct split_part(${fields}->'taxId'->>'$sealed', ':', 3) as number from ${from} where tenant_id = $1 and ${fields} ? 'taxId' order by 1`,
      [tenantId],
    );
    return rows.map(({ number }) => number);
  };
  return [
    await of("requests.buildings", "fields"),
    await of("requests.assets", "fields"),
    await of("app.object_versions", "(image->'fields')"),
  ];
}

test("encrypted custom fields are read and found during a rotation, and after it by the new key alone, earlier versions included", async () => {
  const acme = await weft.tenant();
  const { building, asset, asOf } = await fillFields(acme, "DE-100");
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  const found = async () => {
    const { buildings } = await acme.admin.run<{ buildings: { edges: { node: { code: string; fields: object } }[] } }>(find, {
      eq: "DE-100",
    });
    return buildings.edges.map(({ node }) => [node.code, node.fields]);
  };
  await rotateDataKeys(services(), chosen, quiet);
  await newBuilding(acme.admin, "B", { taxId: "DE-100" });
  const both = [
    ["A", { taxId: "DE-100", zone: "north" }],
    ["B", { taxId: "DE-100" }],
  ];
  expect(await found()).toEqual(both);
  expect(await keysOfFields(acme.id)).toEqual([["1", "2"], ["1"], ["1"]]);
  const errors: string[] = [];
  expect(await reencryptSecrets(services(), chosen, { ...quiet, error: (line) => errors.push(line) })).toBe(0);
  expect(errors).toEqual([]);
  expect(await keysOfFields(acme.id)).toEqual([["2"], ["2"], ["2"]]);
  expect(await found()).toEqual(both);
  await settle(acme.id);
  await reencryptSecrets(services(), chosen, quiet);
  expect(await owner`select from app.tenant_keys where tenant_id = ${acme.id}`).toHaveLength(1);
  expect(await found()).toEqual(both);
  expect(await acme.admin.run("query ($id: ID!, $asOf: DateTime) { asset(id: $id, asOf: $asOf) { fields } }", { id: asset, asOf })).toEqual(
    { asset: { fields: { taxId: "DE-100" } } },
  );
  expect(await acme.admin.run("query ($id: ID!) { building(id: $id) { version } }", { id: building })).toEqual({
    building: { version: 1 },
  });
});

test("encrypted custom fields of a deleted project get the new key, and are read after its restore", async () => {
  const acme = await weft.tenant();
  const { admin, id: tenantId } = acme;
  await acme.definition(await loadExampleDefinition("project"));
  await admin.run("mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { id } } }", {
    input: { kind: "PROJECT", schema: customFields },
  });
  const { createProject } = await admin.run<{ createProject: { project: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id workflow { id } } } }",
    { input: { code: "PIER", name: "Pier", fields: { taxId: "DE-100" } } },
  );
  const { id, workflow } = createProject.project;
  await admin.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }", {
    input: { instanceId: workflow.id, transition: "cancel", comment: "No money" },
  });
  await admin.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }", { id });
  const chosen = (await keyed()).filter((one) => one.tenantId === tenantId);
  await rotateDataKeys(services(), chosen, quiet);
  await settle(tenantId);
  for (let run = 0; run < 2; run++) expect(await reencryptSecrets(services(), chosen, quiet)).toBe(0);
  expect(await owner`select from app.tenant_keys where tenant_id = ${tenantId}`).toHaveLength(1);
  await admin.run("mutation ($id: ID!) { restoreProject(input: { id: $id }) { project { id } } }", { id });
  expect(await admin.run("query ($id: ID!) { project(id: $id) { fields } }", { id })).toEqual({ project: { fields: { taxId: "DE-100" } } });
});

test("an object that the database refuses to change is reported, keeps the earlier keys, and does not keep others from being encrypted", async () => {
  const acme = await weft.tenant();
  const { building } = await fillFields(acme, "DE-100");
  await newBuilding(acme.admin, "B", { taxId: "DE-100" });
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  const id = decodeId("building", building);
  await owner.unsafe(`create function pg_temp.refuse() returns trigger language plpgsql as 'begin raise check_violation; end';
    create trigger refused before update on requests.buildings for each row when (new.id = '${id}') execute function pg_temp.refuse()`);
  await rotateDataKeys(services(), chosen, quiet);
  await settle(acme.id);
  const errors: string[] = [];
  for (let run = 0; run < 2; run++)
    expect(await reencryptSecrets(services(), chosen, { ...quiet, error: (line) => errors.push(line) })).toBe(1);
  expect(errors[0]).toContain(`requests.buildings.fields/${id} cannot be changed`);
  expect(await keysOfFields(acme.id)).toEqual([["1", "2"], ["2"], ["2"]]);
  expect(await owner`select from app.tenant_keys where tenant_id = ${acme.id}`).toHaveLength(2);
  await owner`drop trigger refused on requests.buildings`;
  for (let run = 0; run < 2; run++) expect(await reencryptSecrets(services(), chosen, quiet)).toBe(0);
  expect(await keysOfFields(acme.id)).toEqual([["2"], ["2"], ["2"]]);
  expect(await owner`select from app.tenant_keys where tenant_id = ${acme.id}`).toHaveLength(1);
});

test("a mutation is repeated with its idempotency key after a rotation, and other values still conflict", async () => {
  const acme = await weft.tenant();
  await fillFields(acme, "DE-100");
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  const create = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }";
  await acme.admin.run("mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { id } } }", {
    input: { kind: "VENDOR", schema: customFields },
  });
  const vendorOf = (taxId: string) => ({ input: { code: "V", name: "V", fields: { taxId, zone: "z" }, idempotencyKey: "v" } });
  const buildingOf = (taxId: string) => ({ input: { code: "K", name: "K", fields: { taxId }, idempotencyKey: "b" } });
  const createBuilding = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }";
  const vendor = await acme.admin.run(create, vendorOf("DE-1"));
  const building = await acme.admin.run(createBuilding, buildingOf("DE-1"));
  for (let rotation = 0; rotation < 2; rotation++) {
    await rotateDataKeys(services(), chosen, quiet);
    expect(await acme.admin.run(create, vendorOf("DE-1"))).toEqual(vendor);
    expect(await acme.admin.run(createBuilding, buildingOf("DE-1"))).toEqual(building);
    expect(await acme.admin.refusal(create, vendorOf("DE-2"))).toBe("CONFLICT");
  }
});

test("a change that keeps an encrypted custom field does not put back a ciphertext of an earlier key", async () => {
  const acme = await weft.tenant();
  const { building } = await fillFields(acme, "DE-100");
  await rotateDataKeys(
    services(),
    (await keyed()).filter(({ tenantId }) => tenantId === acme.id),
    quiet,
  );
  await acme.admin.run("mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }", {
    input: { id: building, fields: { zone: "south" } },
  });
  expect((await keysOfFields(acme.id))[0]).toEqual(["2"]);
});

test("A51: a custom field that is put back from an old copy of the row is unreadable once its key is destroyed", async () => {
  const acme = await weft.tenant();
  const { building } = await fillFields(acme, "DE-100");
  const chosen = (await keyed()).filter(({ tenantId }) => tenantId === acme.id);
  const id = decodeId("building", building);
  const [old] = await owner<{ fields: object }[]>`select fields from requests.buildings where id = ${id}`;
  await rotateDataKeys(services(), chosen, quiet);
  await settle(acme.id);
  for (let run = 0; run < 2; run++) await reencryptSecrets(services(), chosen, quiet);
  await owner`update requests.buildings set fields = ${owner.json(old?.fields as never)} where id = ${id}`;
  // Also makes this process forget the keys that it has read, as it otherwise does within a minute.
  await rotateDataKeys(services(), chosen, quiet);
  expect(await acme.admin.run("query ($id: ID!) { building(id: $id) { fields } }", { id: building })).toEqual({
    building: { fields: { taxId: "[unreadable]", zone: "north" } },
  });
  // The old blind index is found no more, either.
  expect(await acme.admin.run(find, { eq: "DE-100" })).toEqual({ buildings: { edges: [] } });
  const errors: string[] = [];
  expect(await reencryptSecrets(services(), chosen, { ...quiet, error: (line) => errors.push(line) })).toBe(1);
  expect(errors[0]).toContain(`requests.buildings.fields.taxId/${id} cannot be decrypted`);
});

test("re-encryption visits the custom fields of every kind of object, and the versions of every table that keeps them", async () => {
  const triggers = await owner<{ table: string }[]>`
    select tgrelid::regclass::text as table from pg_trigger where tgfoid = 'app.keep_version'::regproc order by 1`;
  const kept = new Set(triggers.map(({ table }) => table));
  const tables = Object.entries(customFieldObjects).map(([kind, { table }]) => [
    kind,
    `${getTableConfig(table).schema}.${getTableConfig(table).name}`,
  ]);
  const wanted = tables.flatMap(([kind, table = ""]) => [`${kind} ${table}`, ...(kept.has(table) ? [`${kind} ${table} versions`] : [])]);
  const visited = sealedJson.map(({ kind, from }) => `${kind} ${from.split(" ")[0]}${from.includes("object_versions") ? " versions" : ""}`);
  expect(visited.toSorted()).toEqual(wanted.toSorted());
});

test("the rotation of a tenant's key is in its audit trail", async () => {
  const acme = await weft.tenant();
  await rotateDataKeys(
    services(),
    (await keyed()).filter(({ tenantId }) => tenantId === acme.id),
    quiet,
  );
  const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: object[] } }>(
    '{ auditEntries(filter: { action: { eq: "tenant.rotateDataKey" } }) { edges { node { action } } } }',
  );
  expect(auditEntries.edges).toHaveLength(1);
});

test(
  "the master key is rotated under load: no request fails, and then the new key alone decrypts everything",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    await newEventType(acme.admin, "custom.fixture");
    const { path } = await newInboundWebhook(acme.admin);
    // Like a process that was started before the rotation, but without its caches.
    const earlier = masterNow();
    const tenants = [acme.id];
    let isOver = false;
    let rounds = 0;
    const load = async (): Promise<void> => {
      while (!isOver) {
        // New persons and tenants get new keys; a message opens a secret; the audit trail opens values of persons.
        const someone = await acme.user("viewer");
        const other = await weft.tenant();
        tenants.push(other.id);
        await newWebhook(other.admin);
        await sendInboundMessage(acme.admin.url, path, { text: someone.id });
        await acme.admin.run("{ auditEntries(first: 20) { edges { node { before after } } } }");
        expect(new Set(await readable(acme.id, earlier))).toEqual(new Set([true]));
        expect(new Set(await readable(other.id, earlier))).toEqual(new Set([true]));
        rounds++;
      }
    };
    const some = async (count: number): Promise<void> => {
      const end = rounds + count;
      await until(() => rounds >= end, { what: "the load goes on" });
    };
    const running = [load(), load()];
    const first = keysNow().masterKey;
    const { keysFile } = services().config;
    const rotation = (async () => {
      await some(2);
      await addMasterKey(services().config);
      await some(2);
      await useNextMasterKey(services().config);
      await some(2);
      expect(await removeUnneededMasterKeys(services(), await keyed(), quiet)).toBe(1);
      expect(await rewrapKeys(services(), await keyed(), quiet)).toBe(0);
      // The rows say that nothing needs the first key. Transactions that began before the key was replaced could.
      await expect(removeUnneededMasterKeys(services(), await keyed(), quiet)).rejects.toThrow(/Running transactions/);
      writeFileSync(keysFile, readFileSync(keysFile, "utf8").replace(/("replacedAt": ")[^"]+/, "$12020-01-01T00:00:00Z"));
      expect(await removeUnneededMasterKeys(services(), await keyed(), quiet)).toBe(0);
      await some(2);
    })().finally(() => (isOver = true));
    await Promise.all([rotation, ...running]);
    const { masterKey, previousMasterKeys } = keysNow();
    expect(masterKey.equals(first)).toBe(false);
    expect(previousMasterKeys).toEqual([]);
    for (const tenantId of tenants) expect(new Set(await readable(tenantId, oneMasterKey(masterKey)))).toEqual(new Set([true]));
    const wrapped =
      await owner`select from app.person_keys where wrapped_key is not null and not starts_with(wrapped_key, ${oneMasterKey(masterKey).currentPrefix()})`;
    expect(wrapped).toHaveLength(0);
  },
);
