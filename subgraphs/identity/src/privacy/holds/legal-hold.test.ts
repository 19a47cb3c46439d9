import {
  aMaintenanceTenant,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type SharedWeft,
  type TestTenant,
  type TestUser,
} from "@weft/testkit";
import { attachText } from "@weft/testkit/files/upload-file";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;
let second: TestUser;
let third: TestUser;
let person: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
});

beforeEach(async () => {
  acme = await weft.tenant("Acme");
  // None of them has created the account of another.
  [ada, second, third] = [await acme.user("admin"), await acme.user("admin"), await acme.user("admin")];
  person = await acme.user("requester", { name: "Pia Person" });
});

const erase = "mutation ($input: PersonInput!) { erasePerson(input: $input) { privacyRequest { id } } }";
const approve = "mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id status } } }";
const hold = "mutation ($input: CreateLegalHoldInput!) { createLegalHold(input: $input) { legalHold { id } } }";
const end = "mutation ($input: EndLegalHoldInput!) { endLegalHold(input: $input) { legalHold { id } } }";
const preview = `query ($id: ID!) {
  erasurePreview(personId: $id) { isHeld endedHolds { id reason endReason endedBy { id } } } }`;

const erasureOf = ({ id: personId }: { readonly id: string }) => ({ input: { personId, reason: "Letter of 3 March" } });

async function placed(who: TestUser, objectId: string): Promise<string> {
  const { createLegalHold } = await who.run<{ createLegalHold: { legalHold: { id: string } } }>(hold, {
    input: { objectId, reason: "Case 7" },
  });
  return createLegalHold.legalHold.id;
}

const ended = (who: TestUser, id: string): Promise<unknown> => who.run(end, { input: { id, reason: "Settled" } });

async function requested(who: TestUser): Promise<string> {
  const { erasePerson } = await who.run<{ erasePerson: { privacyRequest: { id: string } } }>(erase, erasureOf(person));
  return erasePerson.privacyRequest.id;
}

describe("a user who has ended a legal hold", () => {
  test("can neither request nor approve the erasure of whom it covered, which two others can", async () => {
    await ended(ada, await placed(third, person.id));
    expect(await ada.refusal(erase, erasureOf(person))).toBe("FORBIDDEN");
    const id = await requested(second);
    expect(await ada.refusal(approve, { input: { id } })).toBe("FORBIDDEN");
    await third.run(approve, { input: { id } });
  });

  test("can still request the erasure of somebody else", async () => {
    await ended(ada, await placed(third, person.id));
    person = await acme.user("requester");
    expect(await requested(ada)).toMatch(/^pvr_/);
  });

  test("is shown to whoever decides on the erasure, with both reasons", async () => {
    const id = await placed(third, person.id);
    await ended(ada, id);
    expect(await second.run(preview, { id: person.id })).toEqual({
      erasurePreview: { isHeld: false, endedHolds: [{ id, reason: "Case 7", endReason: "Settled", endedBy: { id: ada.id } }] },
    });
  });
});

test("the user who placed a legal hold is told by email when somebody else ends it, and not when they do it themselves", async () => {
  await ended(third, await placed(third, person.id));
  const id = await placed(third, person.id);
  await ended(ada, id);
  const mails = (await weft.mails(third.login)).filter(({ subject }) => subject === "A legal hold that you placed has ended");
  expect(mails.map(({ text }) => text)).toEqual([expect.stringContaining(`the legal hold ${id} on ${person.id}`)]);
});

describe("a legal hold on a request", () => {
  let busy: MaintenanceTenant;
  let request: MaintenanceRequest;
  let admin: TestUser;

  beforeEach(async () => {
    busy = await aMaintenanceTenant(weft);
    request = await busy.request("triage");
    admin = await busy.tenant.user("admin");
  });

  test("covers a user who has added a file to one of its tasks, and nothing else", async () => {
    const uploader = await busy.tenant.user("operations");
    const { workflowInstance } = await uploader.run<{ workflowInstance: { tasks: { id: string }[] } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
      { id: request.instanceId },
    );
    await attachText(uploader, { objectId: workflowInstance.tasks[0]?.id ?? "", name: "photo.txt" });
    const bystander = await busy.tenant.user("operations");
    await placed(admin, request.id);
    expect(await admin.refusal(erase, erasureOf(uploader))).toBe("CONFLICT");
    expect(await admin.run(preview, { id: bystander.id })).toMatchObject({ erasurePreview: { isHeld: false } });
  });

  test("is not ended by a user who has worked on the request", async () => {
    const worker = await busy.tenant.user("admin");
    await worker.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
      input: { id: request.id, text: "Seen", audience: "PUBLIC" },
    });
    const id = await placed(admin, request.id);
    expect(await worker.refusal(end, { input: { id, reason: "Settled" } })).toBe("FORBIDDEN");
    await ended(admin, id);
  });
});
