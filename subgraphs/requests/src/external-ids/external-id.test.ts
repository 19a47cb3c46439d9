import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let app: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  app = postgres(weft.database.appUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await app.end();
});

type Kind = "request" | "building" | "asset";

interface Shown {
  readonly id: string;
  readonly externalId: string | null;
}

const typeOf = (kind: Kind): string => `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
const createOf = (kind: Kind): string =>
  `mutation ($input: Create${typeOf(kind)}Input!) { create${typeOf(kind)}(input: $input) { ${kind} { id externalId } } }`;
const updateOf = (kind: Kind): string =>
  `mutation ($input: Update${typeOf(kind)}Input!) { update${typeOf(kind)}(input: $input) { ${kind} { id externalId } } }`;

const inputs: Readonly<Record<Kind, (name: string) => Record<string, unknown>>> = {
  request: (summary) => ({ typeKey: "maintenance", data: { summary, estimate: 10 } }),
  building: (code) => ({ code, name: code }),
  asset: (tag) => ({ buildingId: acme.buildingId, tag, name: tag, type: "pump" }),
};
const kinds: readonly Kind[] = ["request", "building", "asset"];
const userFor = (kind: Kind): TestUser => (kind === "request" ? acme.requester : acme.admin);

async function created(kind: Kind, name: string, externalId: string | null): Promise<Shown> {
  const answer = await userFor(kind).run<Record<string, Record<string, Shown>>>(createOf(kind), {
    input: { ...inputs[kind](name), externalId },
  });
  return answer[`create${typeOf(kind)}`]?.[kind] as Shown;
}

async function updated(kind: Kind, id: string, externalId: string | null): Promise<string | null> {
  const answer = await userFor(kind).run<Record<string, Record<string, Shown>>>(updateOf(kind), { input: { id, externalId } });
  return answer[`update${typeOf(kind)}`]?.[kind]?.externalId ?? null;
}

const auditOf = async (user: TestUser, kind: Kind, id: string): Promise<readonly string[]> => {
  type Answer = Record<string, { auditTrail: { edges: { node: { action: string } }[] } }>;
  const query = `query ($id: ID!) { ${kind}(id: $id) { auditTrail(first: 20) { edges { node { action } } } } }`;
  return (await user.run<Answer>(query, { id }))[kind]?.auditTrail.edges.map(({ node }) => node.action) ?? [];
};

test.each(kinds)("is set, replaced and removed by the mutations of a %s, and audited", async (kind) => {
  const { id, externalId } = await created(kind, `SET-${kind}`, "SET-1");
  expect(externalId).toBe("SET-1");
  expect(await updated(kind, id, "SET-2")).toBe("SET-2");
  expect((await created(kind, `SET-${kind}-2`, "SET-1")).externalId).toBe("SET-1");
  expect(await updated(kind, id, null)).toBe(null);
  expect((await created(kind, `SET-${kind}-3`, null)).externalId).toBe(null);
  const actions = await auditOf(acme.admin, kind, id);
  expect(actions.filter((action) => action === `${kind}.setExternalId`)).toHaveLength(3);
});

test.each(kinds)("of a %s is taken by one object of the tenant", async (kind) => {
  const first = await created(kind, `ONE-${kind}`, "ONE");
  const second = await created(kind, `ONE-${kind}-2`, "TWO");
  const create = { input: { ...inputs[kind](`ONE-${kind}-3`), externalId: "ONE" } };
  for (const [query, variables] of [
    [createOf(kind), create],
    [updateOf(kind), { input: { id: second.id, externalId: "ONE" } }],
  ] as const) {
    const { extensions } = await userFor(kind).refused(query, variables);
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.externalId", message: 'The external ID "ONE" is already taken. Choose another one.' }],
    });
    expect(JSON.stringify(extensions)).not.toContain(first.id);
  }
  expect(await updated(kind, first.id, "ONE")).toBe("ONE");
  for (const externalId of ["", " ", "x".repeat(201)])
    expect(await userFor(kind).refusal(updateOf(kind), { input: { id: second.id, externalId } })).toBe("BAD_USER_INPUT");
  const elsewhere = await weft.tenant();
  expect(await elsewhere.admin.run(createOf("building"), { input: { code: kind, name: kind, externalId: "ONE" } })).toMatchObject({
    createBuilding: { building: { externalId: "ONE" } },
  });
});

test("is neither set by users of a vendor, nor visible to them in the audit trail", async () => {
  const { user } = acme.vendor;
  const { id } = await acme.request("assigned");
  const update = updateOf("request").replace(" externalId }", " }");
  expect(await user.refusal(update, { input: { id, externalId: "V-1" } })).toBe("FORBIDDEN");
  expect(await acme.operations.run(updateOf("request"), { input: { id, externalId: "OPS-1" } })).toEqual({
    updateRequest: { request: { id, externalId: "OPS-1" } },
  });
  await acme.admin.run(updateOf("building"), { input: { id: acme.buildingId, externalId: "OPS-2" } });
  const objects = [decodeId("request", id), decodeId("building", acme.buildingId)];
  const actionsOf = (vendorId: string): Promise<string[]> =>
    app.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${acme.tenant.id}, true), set_config('app.user_id', ${decodeId("user", user.id)}, true),
        set_config('app.vendor_id', ${vendorId}, true)`;
      const rows = await tx<{ action: string }[]>`select distinct action from audit.entries where entity_id = any(${objects}::uuid[])`;
      return rows.map(({ action }) => action);
    });
  const hidden = ["request.set_external_id", "building.set_external_id"];
  expect(await actionsOf("")).toEqual(expect.arrayContaining([...hidden, "request.create", "building.create"]));
  const seen = await actionsOf(decodeId("vendor", acme.vendor.id));
  expect(seen).toEqual(expect.arrayContaining(["request.create", "building.create"]));
  expect(seen.filter((action) => hidden.includes(action))).toEqual([]);
});

test("that a mutation has set is found by an import", async () => {
  const { id } = await created("building", "IMP-1", "IMP");
  const fileId = await uploadText(acme.admin, { name: "buildings.csv", text: "externalId,code,name\nIMP,IMP-1,Renamed\n" });
  const create = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }";
  const { createImport } = await acme.admin.run<{ createImport: { import: { id: string } } }>(create, {
    input: { fileId, list: "BUILDINGS" },
  });
  const importId = createImport.import.id;
  const inStatus = (status: string) =>
    until(
      async () =>
        (await acme.admin.run<{ import: { status: string } }>("query ($id: ID!) { import(id: $id) { status } }", { id: importId })).import
          .status === status,
      { what: `the import is ${status}` },
    );
  await inStatus("READY");
  await acme.admin.run("mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }", {
    input: { id: importId, mode: "LINE_BY_LINE" },
  });
  await inStatus("COMPLETED");
  expect(await acme.admin.run("query ($id: ID!) { building(id: $id) { name externalId } }", { id })).toEqual({
    building: { name: "Renamed", externalId: "IMP" },
  });
});
