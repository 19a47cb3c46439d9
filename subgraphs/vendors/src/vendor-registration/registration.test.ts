import { decodeId } from "@weft/shared/ids";
import { ApiClient, loadExampleDefinition, sharedWeft, type TestTenant, type SharedWeft } from "@weft/testkit";
import { newVendorRegistrationLink } from "@weft/testkit/tenants/new-vendor-registration-link";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let nobody: ApiClient;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  await acme.definition(await loadExampleDefinition("vendor-onboarding"));
  nobody = new ApiClient(weft.url);
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

const create = "mutation ($input: CreateVendorRegistrationLinkInput!) { createVendorRegistrationLink(input: $input) { link { id } } }";
const revoke = "mutation ($input: VersionedIdInput!) { revokeVendorRegistrationLink(input: $input) { link { version revokedAt url } } }";
const register = "mutation ($input: RegisterVendorInput!) { registerVendor(input: $input) { receivedAt } }";
const linkOf = "query ($id: ID!) { vendorRegistrationLink(id: $id) { registrationCount lastUsedAt version url createdBy { id } } }";
const links =
  "{ vendorRegistrationLinks(filter: { isRevoked: { eq: false } }, first: 100) { totalCount edges { node { id note email url } } } }";
const vendorsNamed = `query ($name: String!) { vendors(filter: { name: { eq: $name } }) { edges { node {
  id code name email phone categories status onboarding { state data owner { id } } contacts { name email phone isPrimary }
  auditTrail(first: 10) { edges { node { action actor { id } } } } } } } }`;

interface Registered {
  readonly id: string;
  readonly code: string;
}
async function vendors(name: string): Promise<Registered[]> {
  const found = await acme.admin.run<{ vendors: { edges: { node: Registered }[] } }>(vendorsNamed, { name });
  return found.vendors.edges.map(({ node }) => node);
}

let made = 0;
const newName = (): string => `Company ${(made += 1)}`;

/** The code and the message of the refusal, or "received". */
async function answerTo(token: string, more: object = {}): Promise<string> {
  const { errors } = await nobody.send(register, { input: { token, name: "Shine", email: "office@shine.example", ...more } });
  return errors === undefined ? "received" : `${errors[0]?.extensions?.["code"] as string}: ${errors[0]?.message ?? ""}`;
}

const REFUSED = "UNAUTHENTICATED: This link is invalid or has expired. Ask the organization for another one.";

describe("a registration link", () => {
  test("lets a company register as a vendor in onboarding, with its contact, and answers nothing about it", async () => {
    const { id, token } = await newVendorRegistrationLink(acme.admin, { note: "On our website" });
    const input = {
      token,
      name: "Śhine & Co",
      email: "office@shine.example",
      phone: "+49 1",
      contactName: "Sara",
      categories: ["cleaning"],
    };
    const { data, errors } = await nobody.send(register, { input });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ registerVendor: { receivedAt: expect.any(String) as string } });
    const [vendor, ...others] = await vendors("Śhine & Co");
    expect(others).toEqual([]);
    expect(vendor).toMatchObject({
      code: expect.stringMatching(/^SHINE-CO-[2-9A-Z]{6}$/) as string,
      email: "office@shine.example",
      phone: "+49 1",
      categories: ["cleaning"],
      status: "ONBOARDING",
      onboarding: { state: "draft", owner: { id: acme.admin.id }, data: { vendorName: "Śhine & Co", contactPhone: "+49 1" } },
      contacts: [{ name: "Sara", email: "office@shine.example", phone: "+49 1", isPrimary: true }],
      auditTrail: {
        edges: ["workflow.assign", "vendor.create", "workflow.start"].map((action) => ({ node: { action, actor: { id: acme.admin.id } } })),
      },
    });
    expect(await acme.admin.run(linkOf, { id })).toMatchObject({
      vendorRegistrationLink: {
        registrationCount: 1,
        lastUsedAt: expect.any(String) as string,
        version: 1,
        createdBy: { id: acme.admin.id },
      },
    });
    const linkId = decodeId("vendorRegistrationLink", id);
    const actions = await owner<
      { action: string; vendor: string | null }[]
    >`select action, after->>'vendorId' as vendor from audit.entries where entity_id = ${linkId} order by id`;
    expect(actions.map(({ action, vendor: about }) => [action, about])).toEqual([
      ["vendorRegistrationLink.create", null],
      ["vendorRegistrationLink.use", decodeId("vendor", vendor?.id ?? "")],
    ]);
    const events = await owner`select type from events.log where subject_id = ${linkId} order by id`;
    expect(events.map(({ type }) => type as string)).toEqual(["vendorRegistrationLink.created", "vendorRegistrationLink.used"]);
    // The token is not written down anywhere.
    const [stored] = await owner`select (select count(*) from audit.entries e where e::text like ${`%${token.slice(4, 60)}%`})
      + (select count(*) from vendors.registration_links l where l::text like ${`%${token.slice(4, 60)}%`}) as count`;
    expect(Number(stored?.["count"])).toBe(0);
  });

  test("is named in the audit entry of the vendor by its ID", async () => {
    const { id, token } = await newVendorRegistrationLink(acme.admin);
    const name = newName();
    expect(await answerTo(token, { name })).toBe("received");
    const trail =
      "query ($name: String!) { vendors(filter: { name: { eq: $name } }) { edges { node { auditTrail { edges { node { action after } } } } } } }";
    interface Trail {
      readonly vendors: {
        readonly edges: readonly {
          readonly node: {
            readonly auditTrail: { readonly edges: readonly { readonly node: { action: string; after: Record<string, unknown> } }[] };
          };
        }[];
      };
    }
    const { vendors: found } = await acme.admin.run<Trail>(trail, { name });
    const entries = found.edges.flatMap(({ node }) => node.auditTrail.edges.map((edge) => edge.node));
    expect(entries.find(({ action }) => action === "vendor.create")?.after).toMatchObject({ registrationLinkId: id });
  });

  test("gives the same answer whether another vendor has the same name or not", async () => {
    const { token } = await newVendorRegistrationLink(acme.admin);
    const name = newName();
    expect(await answerTo(token, { name })).toBe("received");
    expect(await answerTo(token, { name })).toBe("received");
    const [one, other] = await vendors(name);
    expect(one?.code).not.toBe(other?.code);
  });

  test("takes names in every script, also if their code is cut", async () => {
    const { token } = await newVendorRegistrationLink(acme.admin);
    // Characters of two UTF-16 units: the twentieth unit is the first half of one.
    const name = `A${"𠮷".repeat(20)}`;
    expect(await answerTo(token, { name })).toBe("received");
    expect((await vendors(name))[0]?.code).toMatch(/^A(?:𠮷){9}-[2-9A-Z]{6}$/u);
  });

  test("names what is wrong with the input, and does not count such attempts", async () => {
    const { id, token } = await newVendorRegistrationLink(acme.admin);
    const { errors } = await nobody.send(register, { input: { token, name: " ", email: "nobody", categories: ["x".repeat(61)] } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.name" }, { path: "input.email" }, { path: "input.categories.0" }],
    });
    const long = await nobody.send(register, { input: { token, name: "A", email: "a@b.example", contactName: "x".repeat(201) } });
    expect(long.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.contactName" }] });
    expect(await acme.admin.run(linkOf, { id })).toMatchObject({ vendorRegistrationLink: { registrationCount: 0, lastUsedAt: null } });
  });

  test("is refused in the same words if it is forged, revoked or expired, or its user or the definition can no longer be used", async () => {
    const tenant = await weft.tenant();
    await tenant.definition(await loadExampleDefinition("vendor-onboarding"));
    const { token } = await newVendorRegistrationLink(tenant.admin);
    const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    for (const forged of ["", "wvr_", flipped, token.replace("wvr_", "wrl_"), `${token}A`]) expect(await answerTo(forged)).toBe(REFUSED);
    const revoked = await newVendorRegistrationLink(tenant.admin);
    expect(await tenant.admin.run(revoke, { input: { id: revoked.id, expectedVersion: 1 } })).toMatchObject({
      revokeVendorRegistrationLink: { link: { version: 2, revokedAt: expect.any(String) as string, url: null } },
    });
    // Again: it stays as it is.
    expect(await tenant.admin.run(revoke, { input: { id: revoked.id } })).toMatchObject({
      revokeVendorRegistrationLink: { link: { version: 2 } },
    });
    const expired = await newVendorRegistrationLink(tenant.admin, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await owner`update vendors.registration_links set expires_at = now() - interval '1 second' where id = ${decodeId("vendorRegistrationLink", expired.id)}`;
    const leaving = await tenant.user("admin");
    const ofLeaving = await newVendorRegistrationLink(leaving);
    await tenant.admin.run("mutation ($id: ID!) { updateUser(input: { id: $id, roleIds: [] }) { user { id } } }", {
      id: leaving.id,
    });
    for (const each of [revoked, expired, ofLeaving]) expect(await answerTo(each.token)).toBe(REFUSED);
    await owner`update workflows.definitions set status = 'RETIRED' where tenant_id = ${tenant.id}`;
    expect(await answerTo(token)).toBe(REFUSED);
    expect(await tenant.admin.run("{ vendors { totalCount } }")).toEqual({ vendors: { totalCount: 0 } });
  });

  test("accepts a limited number of registrations per hour and in total, also at the same time", async () => {
    const hourly = await newVendorRegistrationLink(acme.admin, { registrationsPerHour: 2 });
    const answers = await Promise.all([1, 2, 3].map(() => answerTo(hourly.token, { name: newName() })));
    expect(answers.filter((answer) => answer === "received")).toHaveLength(2);
    expect(answers.filter((answer) => answer.startsWith("RATE_LIMITED: Too many vendors registered with this link."))).toHaveLength(1);
    await owner`update vendors.registration_links set hour_started_at = now() - interval '1 hour' where id = ${decodeId("vendorRegistrationLink", hourly.id)}`;
    expect(await answerTo(hourly.token, { name: newName() })).toBe("received");
    const limited = await newVendorRegistrationLink(acme.admin, { maxRegistrations: 2 });
    const inTotal = await Promise.all([1, 2, 3].map(() => answerTo(limited.token, { name: newName() })));
    expect(inTotal.toSorted()).toEqual([REFUSED, "received", "received"]);
  });

  test("registers one vendor for several attempts with the same key, also if that uses it up", async () => {
    const { token } = await newVendorRegistrationLink(acme.admin, { maxRegistrations: 1 });
    const name = newName();
    const answers = await Promise.all([1, 2, 3].map(() => answerTo(token, { name, idempotencyKey: token.slice(0, 40) })));
    expect(answers).toEqual(["received", "received", "received"]);
    expect(await answerTo(token, { name: newName(), idempotencyKey: token.slice(0, 40) })).toContain("CONFLICT");
    expect(await vendors(name)).toHaveLength(1);
  });

  test("is created only with limits in range, a time in the future, and a definition with which onboardings can start", async () => {
    for (const [input, path] of [
      [{ registrationsPerHour: 0 }, "input.registrationsPerHour"],
      [{ registrationsPerHour: 1_001 }, "input.registrationsPerHour"],
      [{ maxRegistrations: 0 }, "input.maxRegistrations"],
      [{ expiresAt: "2020-01-01T00:00:00Z" }, "input.expiresAt"],
    ] as const)
      expect((await acme.admin.refused(create, { input })).extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
    const tenant = await weft.tenant();
    expect((await tenant.admin.refused(create, { input: {} })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input", message: expect.stringContaining('the definition "vendor-onboarding"') as string }],
    });
  });

  test("is seen, made and revoked only by users who can create vendors", async () => {
    const { id } = await newVendorRegistrationLink(acme.admin);
    const vendor = await acme.vendor();
    for (const user of [await acme.user("viewer"), vendor.user]) {
      expect(await user.refusal(links)).toBe("FORBIDDEN");
      expect(await user.refusal(linkOf, { id })).toBe("FORBIDDEN");
      expect(await user.refusal(create, { input: {} })).toBe("FORBIDDEN");
      expect(await user.refusal(revoke, { input: { id } })).toBe("FORBIDDEN");
    }
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(linkOf, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(revoke, { input: { id } })).toBe("NOT_FOUND");
    expect(await globex.admin.run(links)).toMatchObject({ vendorRegistrationLinks: { totalCount: 0 } });
  });
});

describe("the list of registration links", () => {
  const listed = `query ($filter: VendorRegistrationLinkFilter, $first: Int) { vendorRegistrationLinks(filter: $filter) { edges { node {
    id status createdBy { id } vendors(first: $first) { totalCount pageInfo { hasNextPage } edges { node { name } } } } } } }`;
  interface Listed {
    readonly vendorRegistrationLinks: { readonly edges: { readonly node: { readonly id: string; readonly status: string } }[] };
  }
  const origin = "query ($id: ID!) { vendor(id: $id) { registrationMethod registrationLink { id status } } }";

  test("says what became of each link, who made it, and which vendors registered with it", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    await tenant.definition(await loadExampleDefinition("vendor-onboarding"));
    const colleague = await tenant.user("admin");
    const open = await newVendorRegistrationLink(tenant.admin);
    const used = await newVendorRegistrationLink(colleague, { maxRegistrations: 1 });
    const expired = await newVendorRegistrationLink(tenant.admin, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await owner`update vendors.registration_links set expires_at = now() - interval '1 second' where id = ${decodeId("vendorRegistrationLink", expired.id)}`;
    const revoked = await newVendorRegistrationLink(tenant.admin, { maxRegistrations: 1 });
    for (const [{ token }, name] of [
      [open, "One"],
      [open, "Two"],
      [used, "Three"],
      [revoked, "Four"],
    ] as const)
      expect(await answerTo(token, { name })).toBe("received");
    await tenant.admin.run(revoke, { input: { id: revoked.id } });

    const nodes = async (variables: Record<string, unknown> = {}) =>
      (await tenant.admin.run<Listed>(listed, variables)).vendorRegistrationLinks.edges.map(({ node }) => node);
    const vendorsOf = (...names: string[]) => ({ totalCount: names.length, edges: names.map((name) => ({ node: { name } })) });
    expect(await nodes()).toMatchObject([
      { id: revoked.id, status: "REVOKED", createdBy: { id: tenant.admin.id }, vendors: vendorsOf("Four") },
      { id: expired.id, status: "EXPIRED", vendors: vendorsOf() },
      { id: used.id, status: "USED", createdBy: { id: colleague.id }, vendors: vendorsOf("Three") },
      { id: open.id, status: "OPEN", vendors: vendorsOf("Two", "One") },
    ]);
    expect((await nodes({ filter: { status: { in: ["OPEN", "EXPIRED"] } } })).map(({ id }) => id)).toEqual([expired.id, open.id]);
    expect((await nodes({ filter: { createdBy: { eq: colleague.id } } })).map(({ id }) => id)).toEqual([used.id]);
    expect((await nodes({ first: 1 })).at(-1)).toMatchObject({
      vendors: { totalCount: 2, pageInfo: { hasNextPage: true }, edges: [{ node: { name: "Two" } }] },
    });
    const one = await weft.statementCount(() => nodes({ filter: { createdBy: { eq: colleague.id } } }));
    expect(await weft.statementCount(() => nodes())).toBe(one + 3); // The counts of the three other links.
  });

  test("leads from a vendor to its link, and not from one that a user created", async () => {
    const { id, token } = await newVendorRegistrationLink(acme.admin);
    const name = newName();
    expect(await answerTo(token, { name })).toBe("received");
    const [vendor] = await vendors(name);
    expect(await acme.admin.run(origin, { id: vendor?.id })).toEqual({
      vendor: { registrationMethod: "LINK", registrationLink: { id, status: "OPEN" } },
    });
    const other = await acme.vendor();
    expect(await acme.admin.run(origin, { id: other.id })).toEqual({ vendor: { registrationMethod: null, registrationLink: null } });
    const viewer = await acme.user("viewer");
    expect(await viewer.run("query ($id: ID!) { vendor(id: $id) { registrationMethod } }", { id: vendor?.id })).toEqual({
      vendor: { registrationMethod: "LINK" },
    });
    expect(await viewer.refusal(origin, { id: vendor?.id })).toBe("FORBIDDEN");
    expect(await other.user.refusal("query ($id: ID!) { vendor(id: $id) { registrationMethod } }", { id: other.id })).toBe("FORBIDDEN");
  });
});

describe("an invitation of a vendor", () => {
  const invite =
    "mutation ($input: InviteVendorInput!) { inviteVendor(input: $input) { link { id email url maxRegistrations expiresAt } } }";

  test("is an email with a link that works once, and that only the email contains", async () => {
    const email = "boss@spark.example";
    const input = { email, message: "Please register.\nThank you", idempotencyKey: "spark" };
    const { inviteVendor } = await acme.admin.run<{ inviteVendor: { link: { id: string } } }>(invite, { input });
    expect(inviteVendor.link).toMatchObject({ email, url: null, maxRegistrations: 1, expiresAt: expect.any(String) as string });
    expect(await acme.admin.run(invite, { input })).toEqual({ inviteVendor });
    const [mail, ...more] = await weft.mails(email);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Acme invites you to register as a vendor");
    expect(mail?.text).toContain("> Please register.\n> Thank you");
    expect(mail?.text).toContain("within 14 days");
    expect(mail?.text).toContain("/vendor-registration#token=wvr_");
    const name = newName();
    const token = mail?.token ?? "";
    const answers = await Promise.all([1, 2].map(() => answerTo(token, { name, email })));
    expect(answers.toSorted()).toEqual([REFUSED, "received"]);
    expect(await vendors(name)).toMatchObject([{ email, status: "ONBOARDING" }]);
    // Written down only encrypted, with a key of its own.
    const [stored] =
      await owner`select count(*) from audit.entries e where e::text like ${`%${email}%`} and entity_type = 'vendorRegistrationLink'`;
    expect(Number(stored?.["count"])).toBe(0);
  });

  test("can be revoked, and expires after its days", async () => {
    const [one, other] = ["one@spark.example", "other@spark.example"] as const;
    const ids: string[] = [];
    for (const email of [one, other]) {
      const { inviteVendor } = await acme.admin.run<{ inviteVendor: { link: { id: string } } }>(invite, { input: { email, days: 1 } });
      ids.push(inviteVendor.link.id);
    }
    const tokenOf = async (email: string) => (await weft.mails(email)).at(-1)?.token ?? "";
    await acme.admin.run(revoke, { input: { id: ids[0] } });
    expect(await answerTo(await tokenOf(one))).toBe(REFUSED);
    await owner`update vendors.registration_links set expires_at = expires_at - interval '25 hours' where id = ${decodeId("vendorRegistrationLink", ids[1] ?? "")}`;
    expect(await answerTo(await tokenOf(other))).toBe(REFUSED);
  });

  test("needs a valid address and message, users who can create vendors, and a verified organization", async () => {
    for (const [input, path] of [
      [{ email: "nobody" }, "input.email"],
      [{ email: "a@b.example", message: "x".repeat(1_001) }, "input.message"],
      [{ email: "a@b.example", days: 91 }, "input.days"],
    ] as const)
      expect((await acme.admin.refused(invite, { input })).extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
    const input = { email: "a@b.example" };
    expect(await (await acme.user("operations")).refusal(invite, { input })).toBe("FORBIDDEN");
    const tenant = await weft.tenant();
    await tenant.definition(await loadExampleDefinition("vendor-onboarding"));
    await owner`update identity.tenants set is_verified = false where tenant_id = ${tenant.id}`;
    expect(await tenant.admin.refusal(invite, { input })).toBe("FORBIDDEN");
  });
});
