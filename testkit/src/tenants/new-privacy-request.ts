import { fresh } from "../fresh.js";
import type { TestTenant } from "../test-tenant.js";
import { TestUser } from "../test-user.js";

/** Creates an administrator whose account the tenant's administrator has not created, so that each of them can be the second person for the other. */
export async function otherAdministrator(tenant: Pick<TestTenant, "user">): Promise<TestUser> {
  const creator = await tenant.user("admin");
  const [email, password] = [`${fresh("other")}@example.com`.toLowerCase(), "a quiet river 42"];
  await creator.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
    input: { email, username: email.replace("@", "."), name: "Other Administrator", password, roleKeys: ["admin"], type: "EMPLOYEE" },
  });
  return TestUser.firstLogin(creator.url, email, password);
}

/** Creates a person: a contact of a vendor, because erasing a user would end what other cases use. */
export async function newPerson(who: Pick<TestUser, "run">, vendorId: string): Promise<string> {
  const { addVendorContact } = await who.run<{ addVendorContact: { contact: { id: string } } }>(
    "mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }",
    { input: { vendorId, name: fresh("contact") } },
  );
  return addVendorContact.contact.id;
}

/** Requests to erase a new person. Returns the ID of the request. */
export async function newErasure(who: Pick<TestUser, "run">, personId: string): Promise<string> {
  const { erasePerson } = await who.run<{ erasePerson: { privacyRequest: { id: string } } }>(
    "mutation ($input: PersonInput!) { erasePerson(input: $input) { privacyRequest { id } } }",
    { input: { personId, reason: "Letter of 3 March" } },
  );
  return erasePerson.privacyRequest.id;
}

/** Places a legal hold. Returns its ID. */
export async function newHold(who: Pick<TestUser, "run">, objectId: string): Promise<string> {
  const { createLegalHold } = await who.run<{ createLegalHold: { legalHold: { id: string } } }>(
    "mutation ($input: CreateLegalHoldInput!) { createLegalHold(input: $input) { legalHold { id } } }",
    { input: { objectId, reason: "Case 7" } },
  );
  return createLegalHold.legalHold.id;
}
