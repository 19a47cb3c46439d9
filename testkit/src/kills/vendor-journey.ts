import { ApiClient } from "@weft/standalone";
import { expect } from "vitest";
import { readMails } from "../mails.js";
import { TestUser } from "../test-user.js";
import { until } from "../until.js";
import type { KilledSteps } from "./killed-steps.js";
import { fire, type Stage } from "./stage.js";

/** A company that has gone through its onboarding, with the person who works for it. */
export interface Onboarded {
  readonly id: string;
  readonly person: TestUser;
}

const company = "Bright Electric";
const boss = "boss@bright.example";
const sara = { email: "sara@bright.example", name: "Sara Stone", password: "a bright river 42" };

/** Invites a company, which registers, is checked and approved, gets a login, and proves that it is insured. */
export async function onboardVendor(stage: Stage): Promise<Onboarded> {
  const { steps, url, staff } = stage;
  await steps.mutate(staff.admin, "inviteVendor", {
    input: { email: boss },
    returns: "link { id email }",
    audit: ["vendorRegistrationLink.create"],
  });
  const token = await mailedToken(stage, boss);
  const registration = { token, name: company, email: boss, contactName: sara.name, categories: ["elevators"] };
  await steps.mutate(new ApiClient(url), "registerVendor", {
    input: registration,
    returns: "receivedAt",
    audit: ["vendor.create", "vendorContact.create", "vendorRegistrationLink.use", "workflow.assign", "workflow.start"],
  });
  const { id, onboarding } = await theVendor(staff.admin);
  const instanceId = onboarding.id;
  await fire(steps, staff.admin, { instanceId, transition: "submit", input: { taxId: "DE123456" }, audit: ["workflow.fire"] });
  await fire(steps, staff.operations, { instanceId, transition: "confirm", input: { isInsured: true }, audit: ["workflow.fire"] });
  await fire(steps, staff.manager, { instanceId, transition: "approve", audit: ["workflow.fire", "vendor.approve"] });
  const person = await invitePerson(stage, id);
  await proveInsurance(stage, { id, person });
  return { id, person };
}

/** Returns the only vendor with the company's name. */
async function theVendor(admin: TestUser): Promise<{ id: string; onboarding: { id: string } }> {
  const { vendors } = await admin.run<{ vendors: { edges: { node: { id: string; onboarding: { id: string } } }[] } }>(
    "query ($name: String!) { vendors(filter: { name: { eq: $name } }) { edges { node { id onboarding { id } } } } }",
    { name: company },
  );
  const [vendor, ...others] = vendors.edges.map(({ node }) => node);
  if (vendor === undefined || others.length > 0) throw new Error(`${vendors.edges.length} vendors are named ${company}.`);
  return vendor;
}

/** Returns the token of the link that was sent to an address. */
function mailedToken({ dataDir }: Stage, address: string): Promise<string> {
  return until(async () => (await readMails(dataDir, address)).at(-1)?.token, { what: `a mail to ${address}`, deadlineMs: 30_000 });
}

async function invitePerson(stage: Stage, vendorId: string): Promise<TestUser> {
  const { steps, url, staff } = stage;
  const invitation = { email: sara.email, name: sara.name, vendorId, roleKeys: ["vendor_user"] };
  const { user } = await steps.mutate<{ user: { id: string } }>(staff.admin, "inviteUser", {
    input: invitation,
    returns: "user { id }",
    audit: ["user.create"],
  });
  const token = await mailedToken(stage, sara.email);
  const statusOf = "query ($id: ID!) { user(id: $id) { status } }";
  await steps.take({ name: "acceptInvitation", audit: ["user.acceptInvitation"] }, async () => {
    const { user: invited } = await staff.admin.run<{ user: { status: string } }>(statusOf, user);
    if (invited.status === "ACTIVE") return;
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { user { id } } }";
    await new ApiClient(url).run(accept, { input: { token, password: sara.password } });
  });
  return TestUser.login(url, sara.email, sara.password);
}

/** The organization requires an insurance, without which the vendor gets no work. Its person adds it, and the manager accepts it. */
async function proveInsurance({ steps, staff }: Stage, { id: vendorId, person }: Onboarded): Promise<void> {
  const read = "{ vendorDocumentRequirements { version requirements { kind } } }";
  const requirements = [{ kind: "INSURANCE" }];
  await steps.take({ name: "setVendorDocumentRequirements", audit: ["vendorDocument.set_requirements"] }, async () => {
    const { vendorDocumentRequirements: current } = await staff.manager.run<{
      vendorDocumentRequirements: { version: number; requirements: { kind: string }[] };
    }>(read);
    if (current.requirements.length > 0) return;
    await staff.manager.run(
      "mutation ($input: SetVendorDocumentRequirementsInput!) { setVendorDocumentRequirements(input: $input) { requirements { version } } }",
      { input: { requirements, expectedVersion: current.version } },
    );
  });
  const missing = "query ($id: ID!) { vendor(id: $id) { missingDocuments { kind reason } } }";
  expect(await staff.manager.run(missing, { id: vendorId })).toEqual({
    vendor: { missingDocuments: [{ kind: "INSURANCE", reason: "MISSING" }] },
  });
  const fileId = await uploadPolicy(steps, person);
  const { document } = await steps.mutate<{ document: { id: string } }>(person, "addVendorDocument", {
    input: { vendorId, kind: "INSURANCE", title: "Liability insurance", fileId, validUntil: "2099-12-31" },
    returns: "document { id }",
    audit: ["vendorDocument.create", "attachment.create"],
  });
  const status = "query ($id: ID!) { vendorDocument(id: $id) { status version } }";
  await steps.take({ name: "reviewVendorDocument", audit: ["vendorDocument.accept"] }, async () => {
    const { vendorDocument: now } = await staff.manager.run<{ vendorDocument: { status: string; version: number } }>(status, document);
    if (now.status === "ACCEPTED") return;
    const input = { ...document, decision: "ACCEPT", expectedVersion: now.version };
    await staff.manager.run("mutation ($input: ReviewVendorDocumentInput!) { reviewVendorDocument(input: $input) { document { id } } }", {
      input,
    });
  });
  expect(await staff.manager.run(missing, { id: vendorId })).toEqual({ vendor: { missingDocuments: [] } });
}

/** Uploads the vendor's policy, and returns the ID of the file. A repeated call returns another link. */
async function uploadPolicy(steps: KilledSteps, person: TestUser): Promise<string> {
  const bytes = Buffer.from("Bright Electric is insured.");
  const input = { name: "policy.txt", size: bytes.byteLength, type: "text/plain", idempotencyKey: "the policy" };
  const announce = async () => {
    const { createUpload } = await person.run<{ createUpload: { file: { id: string; status: string }; url: string } }>(
      "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id status } url } }",
      { input },
    );
    return createUpload;
  };
  const id = await steps.take({ name: "createUpload", audit: ["file.create"] }, async () => (await announce()).file.id);
  await steps.take({ name: "upload", audit: ["file.upload"] }, async () => {
    const { file, url } = await announce();
    if (file.status !== "PENDING") return;
    const response = await fetch(new URL(url, person.url), { method: "PUT", body: Uint8Array.from(bytes) });
    if (!response.ok) throw new Error(`The upload was refused with ${response.status}: ${await response.text()}`);
  });
  return id;
}

/** A request is offered to the vendor, which accepts it and does the work. The requester closes it and rates the vendor. */
export async function completeFirstAssignment({ steps, staff }: Stage, { id: vendorId, person }: Onboarded): Promise<void> {
  const { request } = await steps.mutate<{ request: { id: string; workflow: { id: string } } }>(staff.requester, "createRequest", {
    input: { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 400 } },
    returns: "request { id workflow { id } }",
    audit: ["request.create", "workflow.start"],
  });
  const { id: requestId, workflow } = request;
  const instanceId = workflow.id;
  await steps.mutate(staff.requester, "submitRequest", {
    input: { id: requestId },
    returns: "request { id state }",
    audit: ["workflow.fire"],
  });
  await fire(steps, staff.operations, { instanceId, transition: "approve", audit: ["workflow.fire"] });
  const { offer } = await steps.mutate<{ offer: { id: string } }>(staff.operations, "offerToVendor", {
    input: { requestId, vendorId, expiresInMinutes: 60, title: "Grinding elevator" },
    returns: "offer { id }",
    audit: ["vendorOffer.create"],
  });
  await steps.mutate(person, "acceptOffer", {
    input: offer,
    returns: "offer { id status request { id } }",
    audit: ["vendorOffer.accept", "request.assign", "workflow.assign"],
  });
  await fire(steps, person, { instanceId, transition: "start", audit: ["workflow.fire"] });
  await fire(steps, person, { instanceId, transition: "complete", input: { outcome: "A new bearing" }, audit: ["workflow.fire"] });
  await fire(steps, staff.requester, { instanceId, transition: "close", audit: ["workflow.fire"] });
  const rating = { requestId, stars: 5, comment: "On time" };
  await steps.mutate(staff.requester, "rateVendor", {
    input: rating,
    returns: "rating { id stars version }",
    audit: ["vendorRating.create"],
  });
}
