import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { type GraphQLInputObjectType, isRequiredInputField } from "graphql";
import { vendorImports } from "@weft/api/imports";
import { beforeAll, expect, test } from "vitest";
import { vendorsSubgraph } from "../schema.js";

let weft: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  admin = tenant.admin;
  await admin.run("mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }", {
    input: { kind: "VENDOR", schema: { properties: { rating: { type: "integer" } } } },
  });
});

const create = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }";
const start = "mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }";
const one =
  "query ($id: ID!) { import(id: $id) { id list status createdCount updatedCount skippedCount failedCount message mapping { field } } }";

interface ImportFields {
  readonly id: string;
  readonly status: string;
  readonly mapping: readonly { readonly field: string }[];
}

function rested(user: TestUser, id: string): Promise<ImportFields> {
  const isAtRest = async () => {
    const found = (await user.run<{ import: ImportFields }>(one, { id })).import;
    return found.status === "CHECKING" || found.status === "RUNNING" ? null : found;
  };
  return until(isAtRest, { what: "the import is checked or has ended", deadlineMs: 60_000 });
}

/** Uploads a file of vendors, and has it checked. */
async function checked(user: TestUser, text: string, more: Record<string, unknown> = {}): Promise<ImportFields> {
  const fileId = await uploadText(user, { name: "vendors.csv", text });
  const { createImport } = await user.run<{ createImport: { import: { id: string } } }>(create, {
    input: { fileId, list: "VENDORS", ...more },
  });
  return rested(user, createImport.import.id);
}

async function started(user: TestUser, id: string, mode = "LINE_BY_LINE"): Promise<ImportFields> {
  await user.run(start, { input: { id, mode } });
  return rested(user, id);
}

/** Uploads a file of vendors, and imports it. */
const imported = async (user: TestUser, text: string, { mode, ...more }: { mode?: string; onExisting?: string } = {}) =>
  started(user, (await checked(user, text, more)).id, mode);

async function vendorsOf(codes: string): Promise<Record<string, unknown>[]> {
  const query = `query ($filter: VendorFilter) { vendors(first: 100, filter: $filter) {
    edges { node { id code name email phone categories fields externalId version } } } }`;
  const { vendors } = await admin.run<{ vendors: { edges: { node: Record<string, unknown> }[] } }>(query, {
    filter: { code: { contains: codes } },
  });
  return vendors.edges.map(({ node }) => node).toSorted((a, b) => String(a["code"]).localeCompare(String(b["code"])));
}

async function problemsOf(id: string): Promise<unknown[]> {
  const query = "query ($id: ID!) { importProblems(importId: $id, first: 100) { edges { node { line column field message } } } }";
  return (await admin.run<{ importProblems: { edges: { node: unknown }[] } }>(query, { id })).importProblems.edges.map(({ node }) => node);
}

const contains = (message: string) => expect.stringContaining(message) as string;

test("an import of vendors says what it would do, and then does it", async () => {
  const text =
    'External ID;Code;name;email;phone;categories;fields.rating;status\r\nE-1;NEW-1;Alpine Lifts;office@alpine.example;+41 31 000 00 00;"elevators, hvac";4;x\r\nE-2;NEW-2;"Bär & ""Sons""";;;;;\r\n';
  const preview = await checked(admin, text);
  expect(preview).toMatchObject({ list: "VENDORS", status: "READY", createdCount: 2, failedCount: 0 });
  expect(preview.mapping.map(({ field }) => field)).toEqual([
    "externalId",
    "code",
    "name",
    "email",
    "phone",
    "categories",
    "fields.rating",
  ]);
  expect(await vendorsOf("NEW-")).toEqual([]);
  expect(await started(admin, preview.id)).toMatchObject({ status: "COMPLETED", createdCount: 2, failedCount: 0 });
  expect(await vendorsOf("NEW-")).toMatchObject([
    {
      code: "NEW-1",
      name: "Alpine Lifts",
      email: "office@alpine.example",
      phone: "+41 31 000 00 00",
      categories: ["elevators", "hvac"],
      fields: { rating: 4 },
      externalId: "E-1",
    },
    { code: "NEW-2", name: 'Bär & "Sons"', email: null, phone: null, categories: [], fields: {}, externalId: "E-2" },
  ]);
});

test("vendors with a known external ID are updated or skipped, and never created twice", { tags: "slow" }, async () => {
  const text = "externalId,code,name,email\nX-1,EX-1,One,one@example.com\nX-2,EX-2,Two,\n";
  await imported(admin, text);
  const first = await vendorsOf("EX-");
  expect(await imported(admin, text, { onExisting: "SKIP" })).toMatchObject({ createdCount: 0, skippedCount: 2, failedCount: 0 });
  expect(await vendorsOf("EX-")).toEqual(first);
  // A vendor that a mutation has given its external ID is found, too.
  const given = 'mutation { createVendor(input: { code: "EX-3", name: "Three", externalId: "X-3" }) { vendor { id } } }';
  await admin.run(given);
  const changed = "externalId,code,name,email\nX-1,EX-1,Uno,\nX-3,EX-3,Tre,\nX-4,EX-4,Four,\n";
  expect(await imported(admin, changed, { mode: "ALL_OR_NOTHING" })).toMatchObject({ createdCount: 1, updatedCount: 2, failedCount: 0 });
  expect(await vendorsOf("EX-")).toMatchObject([
    { id: first[0]?.["id"], code: "EX-1", name: "Uno", email: "one@example.com", version: 2 },
    { id: first[1]?.["id"], code: "EX-2", name: "Two", version: 1 },
    { code: "EX-3", name: "Tre", externalId: "X-3", version: 2 },
    { code: "EX-4", name: "Four", externalId: "X-4" },
  ]);
});

test("every problem of a line is named by line and column", { tags: "slow" }, async () => {
  await imported(admin, "code,name\nPR-0,Taken\n");
  const text = [
    "code,name,email,categories,fields.rating",
    "PR-1,Good,,,",
    "PR-2,,,,",
    "PR-0,Other,,,",
    "PR-3,Mail,nobody,,",
    "PR-1,Again,,,",
    "PR-4,Rated,,,4.5",
    `PR-5,Work,,${"x".repeat(61)},`,
    "PR-6,Good,,,",
  ].join("\n");
  const preview = await checked(admin, text);
  expect(preview).toMatchObject({ status: "READY", createdCount: 2, failedCount: 6 });
  expect(await problemsOf(preview.id)).toEqual([
    { line: 3, column: "name", field: "name", message: "A value is required." },
    { line: 4, column: "code", field: "code", message: contains("already taken") },
    { line: 5, column: "email", field: "email", message: contains('"nobody"') },
    { line: 6, column: "code", field: "code", message: contains("Line 2 has the value") },
    { line: 7, column: "fields.rating", field: "fields.rating", message: "Expected a whole number, found 4.5." },
    { line: 8, column: "categories", field: "categories", message: contains("60") },
  ]);
  expect(await admin.refusal(start, { input: { id: preview.id, mode: "ALL_OR_NOTHING" } })).toBe("BAD_USER_INPUT");
  expect(await started(admin, preview.id)).toMatchObject({ status: "COMPLETED", createdCount: 2, failedCount: 6 });
  expect((await vendorsOf("PR-")).map(({ code }) => code)).toEqual(["PR-0", "PR-1", "PR-6"]);
});

test("a mapping to fields that vendors do not have is refused at once", async () => {
  const fileId = await uploadText(admin, { text: "number,title\nMAP-1,Mapped\n" });
  const mapping = [
    { column: "number", field: "tag" },
    { column: "title", field: "building.code" },
  ];
  const { extensions } = await admin.refused(create, { input: { fileId, list: "VENDORS", mapping } });
  expect(extensions?.["problems"]).toEqual([
    {
      path: "input.mapping.0.field",
      message: 'Imports of VENDORS cannot set "tag". Use id, externalId, code, name, email, phone, categories, fields, onboard.',
    },
    { path: "input.mapping.1.field", message: contains('"building.code"') },
  ]);
  const right = [
    { column: "number", field: "code" },
    { column: "title", field: "name" },
  ];
  expect(await checked(admin, "number,title\nMAP-1,Mapped\n", { mapping: right })).toMatchObject({ status: "READY", createdCount: 1 });
});

test("only users who can create vendors can import them", async () => {
  const text = "code,name\nNO-1,No\n";
  const operations = await tenant.user("operations");
  const { user } = await tenant.vendor("Northwind");
  for (const each of [operations, user]) {
    const fileId = await uploadText(each, { text });
    expect(await each.refusal(create, { input: { fileId, list: "VENDORS" } })).toBe("FORBIDDEN");
  }
  expect(await vendorsOf("NO-")).toEqual([]);
});

test("the fields that imports of vendors accept are those of the mutation", () => {
  const given = vendorsSubgraph().schema.getType("CreateVendorInput") as GraphQLInputObjectType;
  const fieldsOf = (input: GraphQLInputObjectType) =>
    Object.values(input.getFields()).map((field) => ({
      name: field.name,
      type: String(field.type),
      isRequired: isRequiredInputField(field),
    }));
  const importable = fieldsOf(given).filter(({ name }) => name !== "externalId" && name !== "idempotencyKey");
  expect(fieldsOf(vendorImports.input)).toEqual(importable);
});
