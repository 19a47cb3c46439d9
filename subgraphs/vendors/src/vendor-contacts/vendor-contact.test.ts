import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const contactFields = "id name role email phone isPrimary version";
const add = `mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { ${contactFields} } } }`;
const update = `mutation ($input: UpdateVendorContactInput!) { updateVendorContact(input: $input) { contact { ${contactFields} } } }`;
const remove = "mutation ($input: VersionedIdInput!) { removeVendorContact(input: $input) { id } }";
const contactsOf = `query ($id: ID!) { vendor(id: $id) { contacts { ${contactFields} } } }`;

interface Contact {
  readonly id: string;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly version: number;
}

let weft: SharedWeft;
let acme: TestTenant;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

const added = async (who: TestUser, vendorId: string, more: object = {}): Promise<Contact> =>
  (await who.run<{ addVendorContact: { contact: Contact } }>(add, { input: { vendorId, name: "Sara", ...more } })).addVendorContact.contact;
const contacts = async (who: TestUser, id: string): Promise<Contact[]> =>
  (await who.run<{ vendor: { contacts: Contact[] } }>(contactsOf, { id })).vendor.contacts;

describe("contacts of a vendor", () => {
  test("are added, changed under the version that was read, and removed, with audit entries that hide the person", async () => {
    const vendor = await acme.vendor();
    const values = { name: "Sara Stone", role: "Dispatcher", email: "sara@shine.example", phone: "+49 1" };
    const { id, ...contact } = await added(acme.admin, vendor.id, values);
    expect(contact).toEqual({ ...values, isPrimary: false, version: 1 });
    const change = { input: { id, role: null, phone: "+49 2", expectedVersion: 1 } };
    expect(await acme.admin.run(update, change)).toEqual({
      updateVendorContact: { contact: { id, ...values, role: null, phone: "+49 2", isPrimary: false, version: 2 } },
    });
    expect((await acme.admin.refused(update, change)).extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
    expect(await acme.admin.refusal(remove, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await acme.admin.run(remove, { input: { id, expectedVersion: 2 } })).toEqual({ removeVendorContact: { id: id } });
    expect(await acme.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await contacts(acme.admin, vendor.id)).toEqual([]);
    const entries =
      await owner`select action, e::text as text from audit.entries e where entity_id = ${decodeId("vendorContact", id)} order by id`;
    expect(entries.map(({ action }) => action as string)).toEqual(["vendorContact.create", "vendorContact.update", "vendorContact.delete"]);
    for (const { text } of entries) expect(text).not.toMatch(/Sara|\+49/);
  });

  test("have one primary contact, shown first, whoever makes theirs primary at the same time", async () => {
    const vendor = await acme.vendor();
    await added(acme.admin, vendor.id, { name: "First" });
    const names = ["A", "B", "C", "D"];
    await Promise.all(names.map((name) => added(acme.admin, vendor.id, { name, isPrimary: true })));
    const [primary, ...others] = await contacts(acme.admin, vendor.id);
    expect(primary?.isPrimary).toBe(true);
    expect(others).toHaveLength(4);
    expect(others.filter(({ isPrimary }) => isPrimary)).toEqual([]);
    const first = others.find(({ name }) => name === "First");
    await acme.admin.run(update, { input: { id: first?.id, isPrimary: true } });
    const [next, ...rest] = await contacts(acme.admin, vendor.id);
    expect(next).toMatchObject({ name: "First", isPrimary: true });
    // The former one was changed, too.
    expect(rest.find(({ id }) => id === primary?.id)).toMatchObject({ isPrimary: false, version: (primary?.version ?? 0) + 1 });
  });

  test("are maintained by users of the vendor, who reach no other vendor's", async () => {
    const [mine, theirs] = [await acme.vendor(), await acme.vendor()];
    const contact = await added(mine.user, mine.id, { isPrimary: true });
    const other = await added(mine.user, mine.id, { name: "Otto", isPrimary: true });
    await mine.user.run(update, { input: { id: other.id, name: "Ottilie" } });
    expect(await contacts(acme.admin, mine.id)).toMatchObject([
      { name: "Ottilie", isPrimary: true },
      { name: "Sara", isPrimary: false },
    ]);
    for (const id of [contact.id, other.id]) await mine.user.run(remove, { input: { id } });
    expect(await contacts(mine.user, mine.id)).toEqual([]);
    const foreign = await added(acme.admin, theirs.id);
    expect(await mine.user.refusal(add, { input: { vendorId: theirs.id, name: "Eve" } })).toBe("NOT_FOUND");
    expect(await mine.user.refusal(update, { input: { id: foreign.id, name: "Eve" } })).toBe("NOT_FOUND");
    expect(await mine.user.refusal(remove, { input: { id: foreign.id } })).toBe("NOT_FOUND");
    const { vendors } = await mine.user.run<{ vendors: { edges: object[] } }>("{ vendors { edges { node { id contacts { name } } } } }");
    expect(vendors.edges).toEqual([{ node: { id: mine.id, contacts: [] } }]);
  });

  test("are refused with the place of each problem, to users without the permission, and in another tenant", async () => {
    const vendor = await acme.vendor();
    const { id } = await added(acme.admin, vendor.id);
    const bad = { name: " ", role: "x".repeat(101), email: "nobody", phone: "1".repeat(51) };
    expect((await acme.admin.refused(add, { input: { vendorId: vendor.id, ...bad } })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.name" }, { path: "input.role" }, { path: "input.email" }, { path: "input.phone" }],
    });
    expect((await acme.admin.refused(update, { input: { id } })).extensions).toMatchObject({ problems: [{ path: "input" }] });
    expect(await (await acme.user("operations")).refusal(add, { input: { vendorId: vendor.id, name: "Eve" } })).toBe("FORBIDDEN");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(add, { input: { vendorId: vendor.id, name: "Eve" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, name: "Eve" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  });

  test("are at most 50", async () => {
    const vendor = await acme.vendor();
    await owner`insert into vendors.vendor_contacts (tenant_id, id, vendor_id, name, created_at, updated_at)
      select ${acme.id}, gen_random_uuid(), ${decodeId("vendor", vendor.id)}, 'C' || n, now(), now() from generate_series(1, 49) n`;
    const codes = await Promise.all(["A", "B"].map((name) => acme.admin.send(add, { input: { vendorId: vendor.id, name } })));
    expect(codes.map(({ errors }) => errors?.[0]?.extensions?.["code"] ?? "added").toSorted()).toEqual(["BAD_USER_INPUT", "added"]);
  });
});
