import { sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;
let second: TestUser;
let contactId: string;

const fields = "privacyRequest { id status fileId receipt { copies { table rows } } }";
const ask = (name: string): string => `mutation ($input: PersonInput!) { ${name}(input: $input) { ${fields} } }`;
const read = `query ($id: ID!) { privacyRequest(id: $id) { ${fields.slice("privacyRequest { ".length)} }`;
const approve = "mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id } } }";
const history = `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { action before } } } }`;

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly fileId: string | null;
  readonly receipt: { readonly copies: readonly { readonly table: string }[] } | null;
}

beforeAll(async () => {
  weft = await sharedWeft();
});

/** A contact of a vendor whom somebody has removed, and whom a notification still names. */
beforeEach(async () => {
  acme = await weft.tenant("Acme");
  [ada, second] = [await acme.user("admin"), await acme.user("admin")];
  const vendor = await acme.vendor();
  const { addVendorContact } = await acme.admin.run<{ addVendorContact: { contact: { id: string } } }>(
    "mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }",
    { input: { vendorId: vendor.id, name: "Clara Contact", email: "clara.contact@example.com", isPrimary: false } },
  );
  contactId = addVendorContact.contact.id;
  await acme.admin.run("mutation ($input: VersionedIdInput!) { removeVendorContact(input: $input) { id } }", { input: { id: contactId } });
});

async function asked(name: "exportPerson" | "erasePerson"): Promise<string> {
  const answer = await ada.run<Record<string, { privacyRequest: Shown }>>(ask(name), {
    input: { personId: contactId, reason: "Letter of 3 March" },
  });
  return answer[name]?.privacyRequest.id ?? "";
}

const shown = async (id: string): Promise<Shown> => (await ada.run<{ privacyRequest: Shown }>(read, { id })).privacyRequest;

async function lastName(): Promise<unknown> {
  const { auditEntries } = await ada.run<{ auditEntries: { edges: { node: { action: string; before: { name?: string } | null } }[] } }>(
    history,
    { id: contactId },
  );
  return auditEntries.edges.find(({ node }) => node.action === "vendorContact.delete")?.node.before?.name;
}

describe("a contact of a vendor who was removed", () => {
  test("is exported with what the audit trail has", async () => {
    const id = await asked("exportPerson");
    await weft.weft.worker.idle();
    const { status, fileId } = await shown(id);
    expect(status).toBe("COMPLETED");
    const { file } = await ada.run<{ file: { download: { url: string } } }>("query ($id: ID!) { file(id: $id) { download { url } } }", {
      id: fileId,
    });
    const zip = Buffer.from(await (await fetch(new URL(file.download.url, weft.url))).arrayBuffer());
    expect(zip.includes("clara.contact@example.com")).toBe(true);
  });

  test("is erased: the audit trail can no longer be read, and copies of the name are replaced", async () => {
    const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
    await owner`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
      values (${acme.id}, ${newId()}, ${decodeId("user", ada.id)}, ${newId()}, 'MENTIONED', 'Call Clara Contact', 'request', ${newId()}, '{}', now())`;
    expect(await lastName()).toBe("Clara Contact");
    const id = await asked("erasePerson");
    await second.run(approve, { input: { id } });
    await weft.weft.worker.idle();
    expect(await shown(id)).toMatchObject({ status: "COMPLETED", receipt: { copies: [{ table: "audit.notifications" }] } });
    expect(await lastName()).toBe("[erased]");
    const titles = await owner`select title from audit.notifications where tenant_id = ${acme.id} and title like 'Call%'`;
    expect([...titles]).toEqual([{ title: "Call [erased]" }]);
    await owner.end();
  });

  test("can be covered by a legal hold", async () => {
    await ada.run("mutation ($input: CreateLegalHoldInput!) { createLegalHold(input: $input) { legalHold { id } } }", {
      input: { objectId: contactId, reason: "Case 7" },
    });
    expect(await ada.refusal(ask("erasePerson"), { input: { personId: contactId, reason: "R" } })).toBe("CONFLICT");
  });

  test("is not found in another tenant, nor is a user as a contact", async () => {
    const other = await weft.tenant();
    expect(await other.admin.refusal(ask("exportPerson"), { input: { personId: contactId, reason: "R" } })).toBe("NOT_FOUND");
    const input = { personId: encodeId("vendorContact", decodeId("user", second.id)), reason: "R" };
    expect(await ada.refusal(ask("exportPerson"), { input })).toBe("NOT_FOUND");
  });
});
