import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { Ajv } from "ajv";
import { beforeAll, expect, test } from "vitest";

const definition = (more = "") => `weft: 1
key: order
name: Order
data:
  required: [title, amount, urgency, orderedBy]
  properties:
    title: { type: string, maxLength: 20 }
    amount: { type: number, minimum: 0 }
    urgency: { type: string, enum: [low, very_high], default: low }
    approvedAmount: { type: number }
    note: { type: string, title: Remarks, maxLength: 2000 }
    orderedBy: { type: string }${more}
initial: draft
forms:
  check:
    fields:
      amount: { type: money, currency: EUR, label: How much, in: data, required: true }
      urgency: { type: choice, options: [{ value: low, label: Whenever }, { value: very_high, label: Now }], in: data }
states:
  draft:
    onEntry: [{ set: { data.orderedBy: actor.id } }]
    transitions: { submit: { to: review, form: check }, cancel: { to: dropped } }
  review: { transitions: { approve: { to: done } } }
  done: { final: completed }
  dropped: { final: cancelled }
`;

const createType = "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }";
const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id data } } }";
const updateRequest = "mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }";
const formOf = "query ($id: ID!) { requestType(id: $id) { form { name title description schema uiSchema data } } }";
const forms = "query ($first: Int) { requestTypes(first: $first) { edges { node { form { name schema } } } } }";

interface Form {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly schema: { readonly properties: Record<string, { readonly properties: Record<string, object>; readonly required?: string[] }> };
  readonly uiSchema: { readonly elements: readonly { readonly scope: string; readonly label: string; readonly options: object }[] };
  readonly data: Record<string, unknown>;
}

let weft: SharedWeft;
let tenant: TestTenant;
let requester: TestUser;
let typeId: string;
let place: { buildingId: string; assetId: string };

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  requester = await tenant.user("requester");
  place = await tenant.maintenance();
  await tenant.definition(definition());
  typeId = await newType({ key: "order", numberPrefix: "OR", fields: ["amount", "title", "urgency"] });
});

async function newType(input: { key: string; numberPrefix: string; fields: string[] }): Promise<string> {
  const { createRequestType } = await tenant.admin.run<{ createRequestType: { requestType: { id: string } } }>(createType, {
    input: { name: "Order", description: "Things that we buy", definitionKey: "order", ...input },
  });
  return createRequestType.requestType.id;
}

async function formFor(user: TestUser, id = typeId): Promise<Form | null> {
  const { requestType } = await user.run<{ requestType: { form: Form | null } }>(formOf, { id });
  return requestType.form;
}

async function getForm(user: TestUser, id = typeId): Promise<Form> {
  const form = await formFor(user, id);
  if (form === null) throw new Error("There is no form.");
  return form;
}

const pathsOf = async (input: object): Promise<string[]> => {
  const { extensions } = await requester.refused(createRequest, { input });
  expect(extensions?.["code"]).toBe("BAD_USER_INPUT");
  return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
};

test("the form shows the type's fields in order, with labels, titles of choices and defaults, and the location of the request", async () => {
  const form = await getForm(requester);
  expect(form).toMatchObject({
    name: "order",
    title: "Order",
    description: "Things that we buy",
    data: { typeKey: "order", data: { urgency: "low" } },
  });
  expect(form.schema).toEqual({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    title: "Order",
    description: "Things that we buy",
    properties: {
      typeKey: { type: "string", title: "Request type", const: "order", default: "order", readOnly: true },
      data: {
        type: "object",
        properties: {
          amount: { type: "number", title: "How much", minimum: 0 },
          title: { type: "string", title: "Title", maxLength: 20 },
          urgency: {
            type: "string",
            title: "Urgency",
            default: "low",
            oneOf: [
              { const: "low", title: "Whenever" },
              { const: "very_high", title: "Now" },
            ],
          },
        },
        required: ["title", "amount"],
        additionalProperties: false,
      },
      buildingId: expect.objectContaining({ title: "Building" }) as object,
      assetId: expect.objectContaining({ title: "Asset" }) as object,
    },
    required: ["typeKey", "data"],
    additionalProperties: false,
  });
  expect(form.uiSchema.elements).toEqual([
    {
      type: "Control",
      scope: "#/properties/data/properties/amount",
      label: "How much",
      options: { fieldType: "money", currency: "EUR", decimals: 2 },
    },
    { type: "Control", scope: "#/properties/data/properties/title", label: "Title", options: { fieldType: "text" } },
    { type: "Control", scope: "#/properties/data/properties/urgency", label: "Urgency", options: { fieldType: "choice" } },
    { type: "Control", scope: "#/properties/buildingId", label: "Building", options: { fieldType: "building" } },
    { type: "Control", scope: "#/properties/assetId", label: "Asset", options: { fieldType: "asset" } },
  ]);
});

test("submitted answers are the input of createRequest without changes", async () => {
  const { schema, data } = await getForm(requester);
  const { assetId, buildingId } = place;
  const input = { ...data, data: { ...(data["data"] as object), title: "Chairs", amount: 12 }, buildingId, assetId };
  expect(new Ajv().validate(schema, input)).toBe(true);
  const created = await requester.run<{ createRequest: { request: { id: string; data: object } } }>(createRequest, { input });
  expect(created.createRequest.request.data).toEqual({ title: "Chairs", amount: 12, urgency: "low", orderedBy: requester.id });
});

test("an answer that the form's schema refuses is refused by the API at the same path", async () => {
  const { schema } = await getForm(requester);
  const refusals: readonly { data: object; paths: string[] }[] = [
    { data: {}, paths: ["input.data.title", "input.data.amount"] },
    { data: { title: "A title of many words", amount: -1 }, paths: ["input.data.title", "input.data.amount"] },
    { data: { title: "x", amount: 1, urgency: "high" }, paths: ["input.data.urgency"] },
    { data: { title: "x", amount: 1, approvedAmount: 1e6 }, paths: ["input.data.approvedAmount"] },
    { data: { title: "x", amount: 1, orderedBy: "usr_somebody" }, paths: ["input.data.orderedBy"] },
    { data: { title: "x", amount: 1, color: "red" }, paths: ["input.data.color"] },
  ];
  for (const { data, paths } of refusals) {
    expect(new Ajv().validate(schema, { typeKey: "order", data })).toBe(false);
    expect((await pathsOf({ typeKey: "order", data })).toSorted()).toEqual(paths.toSorted());
  }
  const badPlace = { typeKey: "order", data: { title: "x", amount: 1 }, buildingId: place.assetId };
  expect(new Ajv().validate(schema, badPlace)).toBe(false);
  expect(await pathsOf(badPlace)).toEqual(["input.buildingId"]);
});

test("owners later fill in no more than the form asked for; users who work on the request do", async () => {
  const { createRequest: created } = await requester.run<{ createRequest: { request: { id: string } } }>(createRequest, {
    input: { typeKey: "order", data: { title: "Table", amount: 1 } },
  });
  const input = { id: created.request.id, data: { approvedAmount: 1e6 } };
  const { extensions } = await requester.refused(updateRequest, { input });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.data.approvedAmount" }] });
  await tenant.admin.run(updateRequest, { input });
});

test("a type without chosen fields asks for every field that the definition does not set itself", async () => {
  const form = await getForm(requester, await newType({ key: "any-order", numberPrefix: "AO", fields: [] }));
  const { properties } = form.schema.properties["data"] ?? { properties: {} };
  expect(Object.keys(properties)).toEqual(["title", "amount", "urgency", "approvedAmount", "note"]);
  expect(form.uiSchema.elements[4]).toMatchObject({ label: "Remarks", options: { fieldType: "text", multi: true } });
});

test("users who cannot create requests see no form; without a permission for buildings and assets it does not ask for them", async () => {
  expect(await formFor(await tenant.user("viewer"))).toBeNull();
  const { user: vendorUser } = await tenant.vendor();
  expect(await formFor(vendorUser)).toBeNull();
  const permissions = ["requestType.read", "request.create", "request.read"].map((permission) => ({ permission, scope: "TENANT" }));
  const role = { key: "orders_only", name: "Orders only", permissions };
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  const form = await getForm(await tenant.user("orders_only"));
  expect(Object.keys(form.schema.properties)).toEqual(["typeKey", "data"]);
  expect(form.uiSchema.elements).toHaveLength(3);
});

test("a new published version changes the form at the next query, with the fields that it requires", async () => {
  const other = await weft.tenant();
  const admin = other.admin;
  await other.definition(definition());
  const { createRequestType } = await admin.run<{ createRequestType: { requestType: { id: string } } }>(createType, {
    input: { name: "Order", definitionKey: "order", key: "order", numberPrefix: "OR", fields: ["title", "note"] },
  });
  const { id } = createRequestType.requestType;
  const asked = async (): Promise<string[]> => Object.keys((await getForm(admin, id)).schema.properties["data"]?.properties ?? {});
  expect(await asked()).toEqual(["title", "note", "amount"]);
  const changed = definition("\n    costCenter: { type: string }")
    .replace("[title,", "[costCenter, title,")
    .replace(/ {4}note:.*\n/, "");
  await other.definition(changed);
  expect(await asked()).toEqual(["title", "costCenter", "amount"]);
});

test("a type whose definition is retired has no form", async () => {
  const other = await weft.tenant();
  const definitionId = await other.definition(definition());
  const { createRequestType } = await other.admin.run<{ createRequestType: { requestType: { id: string } } }>(createType, {
    input: { name: "Order", definitionKey: "order", key: "order", numberPrefix: "OR" },
  });
  await other.admin.run("mutation ($input: KeyedVersionedIdInput!) { retireDefinition(input: $input) { definition { id } } }", {
    input: { id: definitionId },
  });
  expect(await formFor(other.admin, createRequestType.requestType.id)).toBeNull();
});

test("forms of many types take as many statements as the form of one", async () => {
  for (let made = 0; made < 4; made++) await newType({ key: `more-${made}`, numberPrefix: `MO${made}`, fields: [] });
  const count = (first: number) => weft.statementCount(() => requester.run(forms, { first }));
  expect(await count(10)).toBe(await count(1));
});
