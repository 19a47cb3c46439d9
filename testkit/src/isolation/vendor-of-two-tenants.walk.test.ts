import { parseAnyId } from "@weft/shared/ids";
import { ApiClient, seedOperations } from "@weft/standalone";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestUser } from "../test-user.js";
import { composedApi, type RootField } from "./api-schema.js";
import type { Fixture } from "./fixture.js";
import { Sights, tour } from "./schema-tour.js";
import { lookupTries, type Variables } from "./tries.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";

// A company that works for two tenants, with the same name and address in both, and a user with the same email address and password in both.

const email = "anna@lifts.example";
const password = "a quiet river 42";
const company = { name: "Lift Company", email: "office@lifts.example" };

const schema = composedApi();
let two: TwoTenants;
let users: Readonly<Record<"acme" | "globex", TestUser>>;
let sights: Readonly<Record<"acme" | "globex", Sights>>;

beforeAll(async () => {
  two = await startTwoTenants();
  for (const tenant of [two.acme, two.globex]) await hire(tenant);
  users = { acme: await logIn(two.acme), globex: await logIn(two.globex) };
  const [acme, globex] = await Promise.all([sightsOf(two.acme, users.acme), sightsOf(two.globex, users.globex)]);
  sights = { acme, globex };
}, 200_000);
afterAll(() => two.stop());

const pairs = [
  ["acme", "globex"],
  ["globex", "acme"],
] as const;

test("a login needs the tenant, and a session belongs to one tenant", async () => {
  const { errors } = await new ApiClient(two.weft.url).send(login, { input: { login: email, password } });
  expect(errors).toMatchObject([
    { message: expect.stringContaining("Send the slug of your organization") as string, extensions: { code: "BAD_USER_INPUT" } },
  ]);
  for (const name of ["acme", "globex"] as const) {
    const { tenant, me } = await users[name].run<{ tenant: { slug: string }; me: { email: string } }>("{ tenant { slug } me { email } }");
    expect([tenant.slug, me.email]).toEqual([two[name].tenant.slug, email]);
  }
});

test.each(pairs)("the company sees its work for %s with the login of this tenant, and nothing of its work for %s", (own, other) => {
  const text = sights[own].texts.join("\n");
  expect(text).toContain(two[own].given.requestId);
  for (const type of ["Vendor", "Request", "Contract", "VendorDocument", "VendorOffer", "ProjectTask"])
    expect([type, sights[own].objects.get(type)?.size ?? 0]).toSatisfy(([, count]: [string, number]) => count > 0);
  const hidden = [users[other].id, ...[...two[other].ids.values()].flat()];
  expect(hidden.length).toBeGreaterThan(100);
  expect(hidden.filter((id) => text.includes(id) || text.includes(parseAnyId(id)?.uuid ?? id))).toEqual([]);
});

test.each(pairs)("with the login of %s, no ID that the company sees in %s leads anywhere", async (own, other) => {
  const ids = [...sights[other].objects.values()].flatMap((seen) => [...seen.keys()]);
  expect(await nodesOf(users[own], ids)).toEqual([]);
  expect((await nodesOf(users[other], ids)).length).toBeGreaterThan(20);
});

test("a change of the company's data in one tenant does not change the other", async () => {
  const add = "mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }";
  const input = { vendorId: two.acme.vendorId, name: "Only Acme" };
  expect(await users.globex.refusal(add, { input })).toBe("NOT_FOUND");
  await users.acme.run(add, { input });
  const contacts = "{ vendors { edges { node { code contacts { name } } } } }";
  expect(JSON.stringify(await users.acme.run(contacts))).toContain("Only Acme");
  expect(JSON.stringify(await users.globex.run(contacts))).not.toContain("Only Acme");
});

const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";

async function logIn({ tenant }: Fixture): Promise<TestUser> {
  const { url } = two.weft;
  const session = await new ApiClient(url).run<{ login: { accessToken: string } }>(login, {
    input: { login: email, password, tenant: tenant.slug },
  });
  return TestUser.withToken(url, session.login.accessToken);
}

/** Makes the vendor of a tenant the company, with its user. */
async function hire({ admin, vendorId }: Fixture): Promise<void> {
  await admin.run("mutation ($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { id } } }", {
    input: { id: vendorId, name: company.name, email: company.email },
  });
  await admin.run(seedOperations.createUser, {
    input: { email, password, name: "Anna Lift", type: "VENDOR", vendorId, roleKeys: ["vendor_user"] },
  });
}

/** Everything that a user finds on every path through the schema. */
async function sightsOf(fixture: Fixture, user: TestUser): Promise<Sights> {
  const found = new Sights();
  const variables = (root: RootField): Variables => {
    const { viewId: _, ...mine } = lookupTries(fixture, root, { user }).mine ?? {};
    return mine;
  };
  await tour(schema, { who: user, sights: found, variables });
  return found;
}

/** Returns those of the IDs that lead to an object. */
async function nodesOf(user: TestUser, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const { data } = await user.send<{ node: { id: string } | null }>("query ($id: ID!) { node(id: $id) { id } }", { id });
    if (data?.node) found.push(data.node.id);
  }
  return found;
}
