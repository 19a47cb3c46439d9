import { ApiClient, sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { begun, ended, type ExportFields, read as readTrailExport } from "@weft/testkit/audit/audit-exports";
import { uploadText } from "@weft/testkit/files/upload-file";
import { postgres } from "@weft/pg-driver";
import { decodeId, encodeId } from "@weft/shared/ids";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { textsOf } from "./run/texts-of.fixture.js";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;
let second: TestUser;
let person: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
});

beforeEach(async () => {
  acme = await weft.tenant("Acme");
  // Neither has created the account of the other.
  ada = await acme.user("admin");
  second = await acme.user("admin");
  person = await acme.user("requester", { name: "Pia Person" });
});

const fields =
  "privacyRequest { id kind status hasBegun reason message version decidedBy { id } receipt { rows { table rows } signed } fileId message }";
const ask = (name: string) => `mutation ($input: PersonInput!) { ${name}(input: $input) { ${fields} } }`;
const approve = `mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { ${fields} } }`;
const decline = `mutation ($input: DeclinePrivacyRequestInput!) { declinePrivacyRequest(input: $input) { ${fields} } }`;
const withdraw = `mutation ($input: VersionedIdInput!) { withdrawPrivacyRequest(input: $input) { ${fields} } }`;
const one = `query ($id: ID!) { privacyRequest(id: $id) { ${fields.slice("privacyRequest { ".length)} }`;
const fileQuery = "query ($id: ID!) { file(id: $id) { name download { url } } }";
const reactivate = "mutation ($input: VersionedIdInput!) { reactivateUser(input: $input) { user { id } } }";
const hold =
  "mutation ($input: CreateLegalHoldInput!) { createLegalHold(input: $input) { legalHold { id objectId reason endedAt version } } }";
const endHold = "mutation ($input: EndLegalHoldInput!) { endLegalHold(input: $input) { legalHold { endedAt endReason version } } }";
const preview =
  "query ($id: ID!, $only: Boolean!) { erasurePreview(personId: $id, isAnonymization: $only) { isHeld fileCount kept tables { table action rows } } }";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly message: string | null;
  readonly receipt: { readonly signed: string } | null;
  readonly fileId: string | null;
}

async function asked(name: "exportPerson" | "anonymisePerson" | "erasePerson", who = ada): Promise<Shown> {
  const answer = await who.run<Record<string, { privacyRequest: Shown }>>(ask(name), {
    input: { personId: person.id, reason: "Letter of 3 March" },
  });
  const request = answer[name]?.privacyRequest;
  if (!request) throw new Error("no request");
  return request;
}

/** Approves a request, so that no worker finds it: as if a legal hold made it wait. */
async function approvedLater(id: string): Promise<void> {
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  await owner`update identity.privacy_requests set status = 'APPROVED', decided_by = ${decodeId("user", second.id)}, decided_at = now(),
    due_at = now() + interval '1 day', message = 'A legal hold covers the person.' where tenant_id = ${acme.id} and id = ${decodeId("privacyRequest", id)}`;
  await owner.end();
}

/** Exports the audit trail. */
async function trailExported(): Promise<ExportFields> {
  await weft.weft.worker.idle();
  return ended(ada, (await begun(ada)).id);
}

const read = async (id: string): Promise<Shown> => (await ada.run<{ privacyRequest: Shown }>(one, { id })).privacyRequest;

describe("an erasure", () => {
  test("is carried out after a second person has approved it, and leaves a signed receipt", async () => {
    const { id, status } = await asked("erasePerson");
    expect(status).toBe("REQUESTED");
    await second.run(approve, { input: { id } });
    await weft.weft.worker.idle();
    const done = await read(id);
    expect(done).toMatchObject({
      status: "COMPLETED",
      decidedBy: { id: second.id },
      receipt: { rows: expect.arrayContaining([{ table: "identity.users", rows: 1 }]) as unknown },
    });
    const [, payload = ""] = (done.receipt?.signed ?? "").split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ kind: "ERASE", rows: { "identity.users": 1 } });
    expect(await ada.run("query ($id: ID!) { user(id: $id) { name status email } }", { id: person.id })).toEqual({
      user: { name: "[erased]", status: "DISABLED", email: expect.stringMatching(/^erased-.*@erased\.invalid$/) as unknown },
    });
  });

  test("ends the sessions of the user as soon as it is approved", async () => {
    const { id } = await asked("erasePerson");
    await second.run(approve, { input: { id } });
    expect(await person.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
  });

  test("is not approved by the user who requested it, or by the person", async () => {
    const { id } = await asked("erasePerson");
    expect(await ada.refusal(approve, { input: { id } })).toBe("FORBIDDEN");
    person = second;
    const about = await asked("erasePerson");
    expect(await second.refusal(approve, { input: { id: about.id } })).toBe("FORBIDDEN");
  });

  test("is declined by somebody else, with a reason, or withdrawn by the user who requested it", async () => {
    const first = await asked("erasePerson");
    expect(await ada.refusal(decline, { input: { id: first.id, reason: "No" } })).toBe("FORBIDDEN");
    expect(await second.run(decline, { input: { id: first.id, reason: "Needed for the audit" } })).toMatchObject({
      declinePrivacyRequest: { privacyRequest: { status: "DECLINED" } },
    });
    const other = await asked("erasePerson");
    expect(await second.refusal(withdraw, { input: { id: other.id } })).toBe("FORBIDDEN");
    expect(await ada.run(withdraw, { input: { id: other.id } })).toMatchObject({
      withdrawPrivacyRequest: { privacyRequest: { status: "WITHDRAWN" } },
    });
    expect(await second.refusal(approve, { input: { id: other.id } })).toBe("CONFLICT");
  });

  test("is not approved by a user whose account the other one has just created or changed, in either direction", async () => {
    const { id } = await asked("erasePerson");
    expect(await acme.admin.refusal(approve, { input: { id } })).toBe("FORBIDDEN");
    await ada.run(withdraw, { input: { id } });
    const ofCreator = await asked("erasePerson", acme.admin);
    expect(await second.refusal(approve, { input: { id: ofCreator.id } })).toBe("FORBIDDEN");
  });

  test("is not declined by the person", async () => {
    person = second;
    const { id } = await asked("erasePerson");
    expect(await second.refusal(decline, { input: { id, reason: "No" } })).toBe("FORBIDDEN");
  });

  test("is requested and approved by no API key", async () => {
    const { createApiKey } = await ada.run<{ createApiKey: { key: string } }>(
      "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
      { input: { name: "K", permissions: ["privacy.read", "privacy.manage"].map((permission) => ({ permission, scope: "TENANT" })) } },
    );
    const key = new ApiClient(weft.url, createApiKey.key);
    const answer = await key.send(ask("erasePerson"), { input: { personId: person.id, reason: "R" } });
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  });

  test("is withdrawn after its approval, unless it has begun", async () => {
    const { id } = await asked("erasePerson");
    await approvedLater(id);
    expect(await ada.run(withdraw, { input: { id } })).toMatchObject({
      withdrawPrivacyRequest: { privacyRequest: { status: "WITHDRAWN", hasBegun: false } },
    });
  });

  test("leaves files of the organization's documents, and exports that are attached to an object", async () => {
    const { buildingId } = await acme.maintenance();
    person = await acme.user("operations");
    const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
    const ofBuilding = await uploadText(person, { name: "plan.txt" });
    await person.run(attach, { input: { fileId: ofBuilding, objectId: buildingId } });
    await ada.run('mutation { exportBuildings(input: { format: CSV, columns: ["code"] }) { export { id } } }');
    await weft.weft.worker.idle();
    const { exports } = await ada.run<{ exports: { edges: { node: { file: { id: string } } }[] } }>(
      "{ exports(first: 1) { edges { node { file { id } } } } }",
    );
    const exported = exports.edges[0]?.node.file.id;
    await ada.run(attach, { input: { fileId: exported, objectId: buildingId } });
    const { id } = await asked("erasePerson");
    await second.run(approve, { input: { id } });
    await weft.weft.worker.idle();
    expect((await read(id)).status).toBe("COMPLETED");
    const { building } = await ada.run<{ building: { attachments: { edges: { node: { file: { id: string } } }[] } } }>(
      "query ($id: ID!) { building(id: $id) { attachments(first: 10) { edges { node { file { id } } } } } }",
      { id: buildingId },
    );
    expect(new Set(building.attachments.edges.map(({ node }) => node.file.id))).toEqual(new Set([ofBuilding, exported]));
  });

  test("deletes the files of exports of the audit trail, which can contain anybody", async () => {
    const before = await trailExported();
    expect(before.file).not.toBeNull();
    const { id } = await asked("erasePerson");
    await second.run(approve, { input: { id } });
    await weft.weft.worker.idle();
    expect((await read(id)).status).toBe("COMPLETED");
    expect((await readTrailExport(ada, before.id)).file).toBeNull();
  });

  test("keeps the user from being reactivated, while it waits and after it, and is not withdrawn once it has begun", async () => {
    const { id } = await asked("erasePerson");
    await second.run(approve, { input: { id } });
    expect(await acme.admin.refusal(reactivate, { input: { id: person.id } })).toBe("CONFLICT");
    await weft.weft.worker.idle();
    expect((await read(id)).status).toBe("COMPLETED");
    expect(await read(id)).toMatchObject({ hasBegun: true });
    expect(await ada.refusal(withdraw, { input: { id } })).toBe("CONFLICT");
    expect(await acme.admin.refusal(reactivate, { input: { id: person.id } })).toBe("CONFLICT");
    const rename = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }";
    expect(await acme.admin.refusal(rename, { input: { id: person.id, name: "Ada" } })).toBe("CONFLICT");
  });

  test("is the only open one about the person", async () => {
    await asked("erasePerson");
    expect(await ada.refusal(ask("anonymisePerson"), { input: { personId: person.id, reason: "Again" } })).toBe("CONFLICT");
  });

  test("is approved only with the permission", async () => {
    const { id } = await asked("erasePerson");
    const other = await acme.user("requester");
    expect(await other.refusal(approve, { input: { id } })).toBe("FORBIDDEN");
  });

  test("says beforehand what goes, what stays, and why", async () => {
    await person.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", {
      input: { phone: "+41790000000" },
    });
    const { erasurePreview } = await ada.run<{
      erasurePreview: { isHeld: boolean; kept: string[]; tables: { table: string; action: string }[] };
    }>(preview, {
      id: person.id,
      only: false,
    });
    expect(erasurePreview.isHeld).toBe(false);
    expect(erasurePreview.kept.join(" ")).toContain("Audit entries stay");
    expect(erasurePreview.tables).toEqual(
      expect.arrayContaining([expect.objectContaining({ table: "identity.users", action: "REPLACE" })]),
    );
  });
});

describe("a legal hold", () => {
  test.each([
    ["a user", () => person.id],
    ["the organization", () => encodeId("tenant", acme.id)],
  ])("on %s refuses new erasures, and stops approved ones until it is ended", async (_name, idOf) => {
    const { id } = await asked("erasePerson");
    const { createLegalHold } = await ada.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, {
      input: { objectId: idOf(), reason: "Case 7" },
    });
    expect(await second.refusal(approve, { input: { id } })).toBe("CONFLICT");
    await ada.run(withdraw, { input: { id } });
    expect(await ada.refusal(ask("erasePerson"), { input: { personId: person.id, reason: "Again" } })).toBe("CONFLICT");
    expect(await ada.run(preview, { id: person.id, only: true })).toMatchObject({ erasurePreview: { isHeld: true } });
    expect(await ada.run(endHold, { input: { id: createLegalHold.legalHold.id, reason: "Settled" } })).toMatchObject({
      endLegalHold: { legalHold: { endReason: "Settled" } },
    });
    expect((await asked("erasePerson", second)).status).toBe("REQUESTED");
  });

  test("is ended neither by its person, nor by the users who requested and approved what it stops; then the erasure goes on", async () => {
    const { createLegalHold: mine } = await ada.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, {
      input: { objectId: second.id, reason: "Case 6" },
    });
    expect(await second.refusal(endHold, { input: { id: mine.legalHold.id, reason: "No" } })).toBe("FORBIDDEN");
    const { id } = await asked("erasePerson");
    const { createLegalHold } = await ada.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, {
      input: { objectId: person.id, reason: "Case 7" },
    });
    await approvedLater(id);
    const end = { input: { id: createLegalHold.legalHold.id, reason: "Settled" } };
    expect(await ada.refusal(endHold, end)).toBe("FORBIDDEN");
    expect(await second.refusal(endHold, end)).toBe("FORBIDDEN");
    await acme.admin.run(endHold, end);
    await weft.weft.worker.idle();
    expect((await read(id)).status).toBe("COMPLETED");
  });

  test("is the only open one of its object, and ends once", async () => {
    const input = { objectId: person.id, reason: "Case 7" };
    const { createLegalHold } = await ada.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, { input });
    expect(await ada.refusal(hold, { input })).toBe("CONFLICT");
    const { id } = createLegalHold.legalHold;
    await ada.run(endHold, { input: { id, reason: "Settled" } });
    expect(await ada.refusal(endHold, { input: { id, reason: "Settled" } })).toBe("CONFLICT");
  });

  test("of another tenant is not found", async () => {
    const other = await weft.tenant();
    const { createLegalHold } = await ada.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, {
      input: { objectId: person.id, reason: "R" },
    });
    expect(await other.admin.refusal(endHold, { input: { id: createLegalHold.legalHold.id, reason: "R" } })).toBe("NOT_FOUND");
    expect(await other.admin.refusal(hold, { input: { objectId: person.id, reason: "R" } })).toBe("NOT_FOUND");
  });
});

describe("an export of a person's data", () => {
  test("is a ZIP file for the user who requested it", async () => {
    const { id } = await asked("exportPerson");
    await weft.weft.worker.idle();
    const done = await read(id);
    expect(done).toMatchObject({ status: "COMPLETED", message: null });
    const { file } = await ada.run<{ file: { name: string; download: { url: string } } }>(fileQuery, { id: done.fileId });
    expect(file.name).toBe(`${id}.zip`);
    const zip = Buffer.from(await (await fetch(new URL(file.download.url, weft.url))).arrayBuffer());
    // The archive is stored, not compressed, so that its texts can be found in it.
    for (const text of ["data.json", "index.html", '"name": "Pia Person"', "<td>Pia Person</td>", '"action": "user.create"'])
      expect(zip.includes(text)).toBe(true);
    expect(await second.refusal(fileQuery, { id: done.fileId })).toBe("NOT_FOUND");
  });

  test("is neither attached to an object nor shown to an API key", async () => {
    const { id } = await asked("exportPerson");
    await weft.weft.worker.idle();
    const { fileId } = await read(id);
    const attach = "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }";
    const vendor = await acme.vendor();
    expect(await ada.refusal(attach, { input: { fileId, objectId: vendor.id } })).toBe("BAD_USER_INPUT");
    const { createApiKey } = await ada.run<{ createApiKey: { key: string } }>(
      "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
      { input: { name: "K", permissions: [{ permission: "privacy.manage", scope: "TENANT" }] } },
    );
    const answer = await new ApiClient(weft.url, createApiKey.key).send(fileQuery, { id: fileId });
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
  });

  test("contains no export of the audit trail that the person has made, which is about others", async () => {
    person = ada;
    expect((await trailExported()).rowCount).toBeGreaterThan(0);
    const { privacyRequest } = (
      await second.run<{ exportPerson: { privacyRequest: Shown } }>(ask("exportPerson"), { input: { personId: ada.id, reason: "R" } })
    ).exportPerson;
    await weft.weft.worker.idle();
    const { fileId } = (await second.run<{ privacyRequest: Shown }>(one, { id: privacyRequest.id })).privacyRequest;
    const { file } = await second.run<{ file: { download: { url: string } } }>(fileQuery, { id: fileId });
    const zip = Buffer.from(await (await fetch(new URL(file.download.url, weft.url))).arrayBuffer());
    expect(zip.includes("data.json")).toBe(true);
    // What each entry of an export contains. The archive is stored, not compressed.
    expect(zip.includes("weft.audit.entry.v1")).toBe(false);
  });

  test("says from where, and with which program, the person acted, and not from where others did", async () => {
    await person.run(`mutation { updateProfile(input: { name: "Pia Other" }) { user { id } } }`);
    await acme.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: person.id, name: "Pia Third" },
    });
    const { id } = await asked("exportPerson");
    await weft.weft.worker.idle();
    const { file } = await ada.run<{ file: { download: { url: string } } }>(fileQuery, { id: (await read(id)).fileId });
    const zip = Buffer.from(await (await fetch(new URL(file.download.url, weft.url))).arrayBuffer());
    interface Entry {
      readonly actorId: string;
      readonly address: string | null;
      readonly userAgent: string | null;
      readonly class: string;
      readonly outcome: string;
    }
    const data = JSON.parse(textsOf(zip).get("data.json") ?? "") as { readonly "audit.entries": readonly Entry[] };
    const { own = [], others = [] } = Object.groupBy(data["audit.entries"], ({ actorId }) =>
      actorId === decodeId("user", person.id) ? "own" : "others",
    );
    expect(own.length).toBeGreaterThan(0);
    for (const entry of own) expect(entry).toMatchObject({ address: "127.0.0.1", userAgent: "node", class: "CHANGE", outcome: "SUCCESS" });
    expect(others.length).toBeGreaterThan(0);
    for (const entry of others) expect(entry).toMatchObject({ address: null, userAgent: null });
  });

  test("contains nothing that others have written about the person's privacy", async () => {
    const { id } = await asked("exportPerson");
    await weft.weft.worker.idle();
    const { file } = await ada.run<{ file: { download: { url: string } } }>(fileQuery, { id: (await read(id)).fileId });
    const zip = Buffer.from(await (await fetch(new URL(file.download.url, weft.url))).arrayBuffer());
    expect(zip.includes("data.json")).toBe(true);
    expect(zip.includes("Letter of 3 March")).toBe(false);
  });

  test("needs the permission, and a person of the same tenant", async () => {
    const input = { personId: person.id, reason: "R" };
    expect(await person.refusal(ask("exportPerson"), { input })).toBe("FORBIDDEN");
    expect(await (await weft.tenant()).admin.refusal(ask("exportPerson"), { input })).toBe("NOT_FOUND");
  });
});

test("the register of processing lists the columns of users", async () => {
  const { processingRegister } = await ada.run<{ processingRegister: { table: string; columns: string[] }[] }>(
    "{ processingRegister { table columns person relation protection } }",
  );
  expect(processingRegister.find(({ table }) => table === "identity.users")?.columns).toEqual(
    expect.arrayContaining(["email", "name", "phone"]),
  );
  expect(await person.refusal("{ processingRegister { table } }")).toBe("FORBIDDEN");
});
