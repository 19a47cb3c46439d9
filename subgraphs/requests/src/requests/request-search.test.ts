import { decodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { indexText, type SearchableText } from "@weft/api/search";
import { aMaintenanceTenant, sharedWeft, type MaintenanceTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const create = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id number } } }`;
const update = `mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }`;
const list = `query ($filter: RequestFilter, $orderBy: RequestOrder) {
  requests(filter: $filter, orderBy: $orderBy) { totalCount edges { node { id } } } }`;
type Listed = { requests: { totalCount: number; edges: { node: { id: string } }[] } };

const made = async (summary: string, by: TestUser = acme.requester) => {
  const { createRequest } = await by.run<{ createRequest: { request: { id: string; number: string } } }>(create, {
    input: { typeKey: "maintenance", data: { summary, estimate: 10 }, buildingId: acme.buildingId },
  });
  return createRequest.request;
};
const found = async (text: string, who: TestUser = acme.operations, more: object = {}): Promise<string[]> => {
  const { requests } = await who.run<Listed>(list, { filter: { search: { contains: text }, ...more } });
  expect(requests.totalCount).toBe(requests.edges.length);
  return requests.edges.map(({ node }) => node.id);
};
/** Makes a request findable by a text that is not its own, as comments do. */
const comment = (requestId: string, text: string, more: Partial<SearchableText> = {}) =>
  asTenant(weft.weft.services.databases.app, { tenantId: acme.tenant.id }, "write", (tx) =>
    indexText(tx, {
      objectType: "request",
      objectId: decodeId("request", requestId),
      sourceId: newId(),
      audience: "PUBLIC",
      vendorId: null,
      text,
      ...more,
    }),
  );

test("requests are found by every word of the text, its beginning, and without accents, newest first", async () => {
  const one = await made("Pumpe im Café Zürich undicht");
  const two = await made("Pumpenraum verschlossen, Zürich");
  expect(await found("pumpe zurich")).toEqual([two.id, one.id]);
  expect(await found("CAFE pump")).toEqual([one.id]);
  expect(await found("umpe zurich")).toEqual([]);
  expect(await found("pumpe nowhere")).toEqual([]);
  expect(await found("!?")).toEqual([]);
});

test("requests are found by their number, and no longer by a text that they had before", async () => {
  const request = await made("Quibbling gate");
  expect(await found(request.number)).toContain(request.id);
  expect(await found("quibbling")).toEqual([request.id]);
  await acme.requester.run(update, { input: { id: request.id, data: { summary: "Whistling gate" } } });
  expect(await found("quibbling")).toEqual([]);
  expect(await found("whistling gate")).toEqual([request.id]);
});

test("fields that others change after the submission find the request, too", async () => {
  const request = await acme.request("triage");
  await acme.operations.run(update, { input: { id: request.id, data: { summary: "Bearings greased" } } });
  for (const who of [acme.operations, acme.requester]) expect(await found("greased bearing", who)).toEqual([request.id]);
});

test("a search finds other forms of a word, in the language of the tenant and in that of the user", async () => {
  const [facility, facilities] = [await made("Facility locked"), await made("Facilities locked")];
  const repair = await made("Reparatur der Heizung");
  expect(await found("facilities locked")).toEqual([facilities.id, facility.id]);
  expect(await found("facility locking")).toEqual([facilities.id, facility.id]);
  expect(await found("reparaturen heizung")).toEqual([]);
  const gerda = await acme.tenant.user("operations");
  await gerda.run(`mutation { updateProfile(input: { locale: "de-AT" }) { user { id } } }`);
  expect(await found("reparaturen heizung", gerda)).toEqual([repair.id]);
  expect(await found("facilities locked", gerda)).toEqual([facilities.id, facility.id]);
});

test("a search combines with the other conditions and with every order", async () => {
  const [draft, other] = [await made("Zebra crossing one"), await made("Zebra crossing two")];
  await acme.requester.run(`mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id } } }`, {
    input: { id: other.id },
  });
  expect(await found("zebra", acme.operations, { state: { eq: "draft" } })).toEqual([draft.id]);
  expect(await found("zebra", acme.operations, { not: { search: { contains: "two" } } })).toEqual([draft.id]);
  for (const field of ["CREATED_AT", "UPDATED_AT", "STATE", "NUMBER", "SLA_DUE_AT"]) {
    const { requests } = await acme.operations.run<Listed>(list, { filter: { search: { contains: "zebra" } }, orderBy: { field } });
    expect(requests.edges.map(({ node }) => node.id).toSorted(), field).toEqual([draft.id, other.id].toSorted());
  }
});

describe("texts of comments", () => {
  test("internal ones find the request only for users who work on it", async () => {
    const request = await acme.request("assigned");
    await comment(request.id, "Obsidian: the supplier overcharges", { audience: "INTERNAL" });
    await comment(request.id, "Marble arrives on Monday");
    for (const who of [acme.requester, acme.vendor.user, acme.operations]) expect(await found("marble", who)).toEqual([request.id]);
    expect(await found("obsidian")).toEqual([request.id]);
    expect(await found("obsidian marble")).toEqual([request.id]);
    for (const who of [acme.requester, acme.vendor.user]) {
      expect(await found("obsidian", who)).toEqual([]);
      expect(await found("marble obsidian", who)).toEqual([]);
    }
  });

  test("those for one vendor do not find the request for a vendor to which it is assigned later", async () => {
    const request = await acme.request("assigned");
    await comment(request.id, "Tungsten quote attached", { vendorId: decodeId("vendor", acme.vendor.id) });
    expect(await found("tungsten", acme.vendor.user)).toEqual([request.id]);
    const next = await acme.tenant.vendor();
    await acme.assign(request, { vendorId: next.id });
    expect(await found("elevator", next.user)).toEqual([request.id]);
    expect(await found("tungsten", next.user)).toEqual([]);
    expect(await found("tungsten", acme.vendor.user)).toEqual([]);
    expect(await found("tungsten", acme.requester)).toEqual([request.id]);
  });

  test("an edited text replaces the earlier one, also with another audience, and an empty one removes it", async () => {
    const request = await acme.request("triage");
    const sourceId = newId();
    await comment(request.id, "Cobalt and nickel", { sourceId });
    await comment(request.id, "Nickel and copper", { sourceId });
    expect([await found("cobalt"), await found("nickel"), await found("copper")]).toEqual([[], [request.id], [request.id]]);
    await comment(request.id, "Nickel and copper", { sourceId, audience: "INTERNAL" });
    expect([await found("nickel", acme.requester), await found("nickel")]).toEqual([[], [request.id]]);
    await comment(request.id, "", { sourceId });
    expect(await found("nickel")).toEqual([]);
  });
});

describe("another tenant", () => {
  test("finds nothing of this one, and its own requests by the same words", async () => {
    const globex = await aMaintenanceTenant(weft);
    await made("Shared vocabulary");
    const request = await globex.request("triage");
    expect(await found("elevator grinds", globex.operations)).toEqual([request.id]);
    expect(await found("vocabulary", globex.operations)).toEqual([]);
  });
});

test("requesters find only their own requests, and other scopes what they reach", async () => {
  const request = await made("Lavender hallway");
  const stranger = await acme.tenant.user("requester");
  expect(await found("lavender", acme.requester)).toEqual([request.id]);
  expect(await found("lavender", stranger)).toEqual([]);
  expect(await found("lavender", acme.vendor.user)).toEqual([]);
});
