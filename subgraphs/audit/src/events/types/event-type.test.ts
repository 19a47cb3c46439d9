import { undescribedTypes } from "@weft/shared/event-catalog";
import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Shown {
  id: string | null;
  type: string;
  description: string;
  typeVersion: number;
  version: number | null;
  isCustom: boolean;
  isTriggering: boolean;
  payloadSchema: Record<string, unknown>;
}
const shown = "id type description typeVersion version isCustom isTriggering payloadSchema";
const list = `{ eventTypes { ${shown} } }`;
const declare = `mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { ${shown} } } }`;
const update = `mutation ($input: UpdateEventTypeInput!) { updateEventType(input: $input) { eventType { ${shown} } } }`;
const remove = `mutation ($input: VersionedIdInput!) { deleteEventType(input: $input) { id } }`;

const total = { type: "number" };
const orderPaid = {
  name: "custom.order.paid",
  description: "An order was paid.",
  payloadSchema: { properties: { total }, required: ["total"] },
};

const refusal = async (user: TestUser, query: string, input: object): Promise<object> =>
  (await user.refused(query, { input })).extensions ?? {};
const declared = async (user: TestUser, input: object = {}): Promise<Shown> =>
  (await user.run<{ declareEventType: { eventType: Shown } }>(declare, { input: { ...orderPaid, ...input } })).declareEventType.eventType;
const updated = async (user: TestUser, input: object): Promise<Shown> =>
  (await user.run<{ updateEventType: { eventType: Shown } }>(update, { input })).updateEventType.eventType;
const typesOf = async (user: TestUser): Promise<Shown[]> => (await user.run<{ eventTypes: Shown[] }>(list)).eventTypes;

test("types are listed with their description, version and JSON Schema; declared ones come last, and internal ones are absent", async () => {
  const { admin } = await weft.tenant();
  await declared(admin);
  const types = await typesOf(admin);
  expect(types.find(({ type }) => type === "building.created")).toMatchObject({
    id: null,
    description: "A building was created.",
    typeVersion: 1,
    isCustom: false,
    isTriggering: true,
    version: null,
  });
  expect(types.find(({ type }) => type === "trigger.created")).toMatchObject({ isTriggering: false });
  expect(types.at(-1)).toMatchObject({
    type: "custom.order.paid",
    description: "An order was paid.",
    payloadSchema: orderPaid.payloadSchema,
    typeVersion: 1,
    version: 1,
    isCustom: true,
  });
  expect(types.filter(({ type }) => /^(session|rights|parkedEvent)\./.test(type))).toEqual([]);
});

test("every type that users see has a description", () => {
  expect(undescribedTypes()).toEqual([]);
});

describe("a declared type", () => {
  test("has a valid name and schema, and exists once", async () => {
    const { admin } = await weft.tenant();
    await declared(admin);
    for (const name of ["order.paid", "custom.", "custom.Order", "custom.order..paid", "custom.published"])
      expect(await refusal(admin, declare, { ...orderPaid, name })).toMatchObject({
        code: "BAD_USER_INPUT",
        problems: [{ path: "input.name" }],
      });
    expect(await refusal(admin, declare, orderPaid)).toMatchObject({ problems: [{ path: "input.name" }] });
    const payloadSchema = { properties: { total: { type: "money" } } };
    expect(await refusal(admin, declare, { ...orderPaid, name: "custom.other", payloadSchema })).toMatchObject({
      problems: [{ path: "input.payloadSchema.properties.total.type" }],
    });
  });

  test("gets optional properties at any time, and incompatible changes with a new version only", async () => {
    const { admin } = await weft.tenant();
    const { id } = await declared(admin);
    const optional = { properties: { total: { ...total, description: "Sum." }, note: { type: "string" } }, required: ["total"] };
    expect(await updated(admin, { id, payloadSchema: optional })).toMatchObject({ typeVersion: 1, version: 2, payloadSchema: optional });
    const incompatible = { properties: { total: { type: "string" } } };
    expect(await refusal(admin, update, { id, payloadSchema: incompatible })).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [
        { path: "input.payloadSchema.properties.total.type" },
        { path: "input.payloadSchema.properties.note" },
        { path: "input.payloadSchema.required" },
      ],
    });
    const renewed = { properties: { amount: total } };
    expect(await updated(admin, { id, payloadSchema: renewed, isNewVersion: true })).toMatchObject({ typeVersion: 2, version: 3 });
    expect(await refusal(admin, update, { id, description: "Paid.", expectedVersion: 1 })).toMatchObject({ code: "CONFLICT" });
  });

  test("can be deleted and declared again, with the next version", async () => {
    const { admin } = await weft.tenant();
    const { id } = await declared(admin);
    await admin.run(remove, { input: { id } });
    expect((await typesOf(admin)).some(({ isCustom }) => isCustom)).toBe(false);
    expect(await refusal(admin, remove, { id: id ?? "" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await declared(admin)).toMatchObject({ typeVersion: 2, version: 1 });
  });

  test("is audited", async () => {
    const { admin } = await weft.tenant();
    const { id } = await declared(admin);
    await updated(admin, { id, description: "Paid." });
    const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: object }[] } }>(
      `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action entityType } } } }`,
      { id },
    );
    expect(auditEntries.edges.map(({ node }) => node)).toEqual([
      { action: "eventType.update", entityType: "EVENT_TYPE" },
      { action: "eventType.create", entityType: "EVENT_TYPE" },
    ]);
  });

  test("does not exist for another tenant", async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    const { id } = await declared(acme.admin);
    expect((await typesOf(globex.admin)).some(({ isCustom }) => isCustom)).toBe(false);
    expect(await refusal(globex.admin, update, { id, description: "x" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(globex.admin, remove, { id })).toMatchObject({ code: "NOT_FOUND" });
    await declared(globex.admin);
  });
});
