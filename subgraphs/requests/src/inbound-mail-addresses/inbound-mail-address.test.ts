import { sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { anInboundMailAddress, newInboundMailAddress } from "@weft/testkit/tenants/new-inbound-mail-address";
import { postgres } from "@weft/pg-driver";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const create =
  "mutation ($input: CreateInboundMailAddressInput!) { createInboundMailAddress(input: $input) { inboundMailAddress { id } } }";
const update =
  "mutation ($input: UpdateInboundMailAddressInput!) { updateInboundMailAddress(input: $input) { inboundMailAddress { name textField isActive version } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteInboundMailAddress(input: $input) { id } }";

async function aTenant(): Promise<TestTenant> {
  const acme = await weft.tenant();
  await acme.maintenance();
  return acme;
}

const problemsOf = async ({ admin }: TestTenant, more: object): Promise<unknown> =>
  (await admin.refused(create, { input: { ...anInboundMailAddress, ...more } })).extensions?.["problems"];

test("an address is listed, changed with its version, and deleted, and the audit trail does not contain its key", async () => {
  const acme = await aTenant();
  // This installation receives no email.
  const { id, address } = await newInboundMailAddress(acme.admin);
  expect(address).toBeNull();
  const query =
    "{ inboundMailAddresses(filter: { isActive: { eq: true } }) { edges { node { id name isActive lastReceivedAt requestType { key } createdBy { id } } } } }";
  const node = {
    id,
    name: "Repairs",
    isActive: true,
    lastReceivedAt: null,
    requestType: { key: "maintenance" },
    createdBy: { id: acme.admin.id },
  };
  expect(await acme.admin.run(query)).toEqual({ inboundMailAddresses: { edges: [{ node }] } });
  expect(await acme.admin.run(update, { input: { id, isActive: false, expectedVersion: 1 } })).toEqual({
    updateInboundMailAddress: { inboundMailAddress: { name: "Repairs", textField: "summary", isActive: false, version: 2 } },
  });
  expect(await acme.admin.refusal(update, { input: { id, name: "Other", expectedVersion: 1 } })).toBe("CONFLICT");
  const { extensions } = await acme.admin.refused(update, { input: { id } });
  expect(extensions?.["problems"]).toMatchObject([
    { message: expect.stringMatching(/at least one of name, typeKey, .*isActive.*\.$/) as unknown },
  ]);
  expect(await acme.admin.run(remove, { input: { id, expectedVersion: 2 } })).toEqual({
    deleteInboundMailAddress: { id: id },
  });
  expect(await acme.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  const entries = await owner`select action, coalesce(before->>'key', after->>'key') as key from audit.entries
    where tenant_id = ${acme.id} and entity_type = 'inboundMailAddress' order by id`;
  await owner.end();
  expect(entries.map(({ action, key }) => [action, key] as unknown)).toEqual([
    ["inboundMailAddress.create", null],
    ["inboundMailAddress.update", null],
    ["inboundMailAddress.delete", null],
  ]);
});

test("an address is refused if its fields do not take free text, or a required field gets no value", async () => {
  const acme = await aTenant();
  expect(await problemsOf(acme, { data: {} })).toEqual([{ path: "input.data.estimate", message: expect.any(String) as string }]);
  expect(await problemsOf(acme, { textField: "estimate", data: {} })).toMatchObject([{ path: "input.textField" }]);
  expect(await problemsOf(acme, { textField: "nothing" })).toEqual([
    { path: "input.textField", message: 'The form has no field "nothing".' },
  ]);
  expect(await problemsOf(acme, { subjectField: "summary" })).toMatchObject([{ path: "input.subjectField" }]);
  expect(await problemsOf(acme, { data: { estimate: 0, summary: "Always" } })).toMatchObject([{ path: "input.data.summary" }]);
  expect(await problemsOf(acme, { typeKey: "maintenence" })).toMatchObject([{ path: "input.typeKey" }]);
});

test("an address is refused if the submission requires a comment", async () => {
  const acme = await aTenant();
  await acme.definition(
    "weft: 1\nkey: noted\nname: Noted\ndata: { properties: { summary: { type: string } } }\ninitial: draft\nstates: { draft: { transitions: { submit: { to: open, comment: required }, cancel: { to: dropped } } }, open: { transitions: { close: { to: done } } }, done: { final: completed }, dropped: { final: cancelled } }\n",
  );
  const input = { key: "noted", name: "Noted", definitionKey: "noted", numberPrefix: "N", fields: ["summary"] };
  await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", { input });
  expect(await problemsOf(acme, { typeKey: "noted", data: {} })).toMatchObject([
    { path: "input.typeKey", message: expect.stringContaining("requires a comment") as string },
  ]);
});

test("users without requestType.update, and other tenants, see and change no address", { tags: "slow" }, async () => {
  const [acme, other] = [await aTenant(), await aTenant()];
  const { id } = await newInboundMailAddress(acme.admin);
  const olga = await acme.user("operations");
  const read = "query ($id: ID!) { inboundMailAddress(id: $id) { id address } }";
  expect(await olga.refusal(read, { id })).toBe("FORBIDDEN");
  expect(await olga.refusal(create, { input: anInboundMailAddress })).toBe("FORBIDDEN");
  expect(await other.admin.refusal(read, { id })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(update, { input: { id, isActive: false } })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
});
