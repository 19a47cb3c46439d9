import { decodeId } from "@weft/shared/ids";
import {
  acceptVendorDocument,
  newVendorDocument,
  requireVendorDocuments,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let bright: { readonly id: string; readonly user: TestUser };
let otis: { readonly id: string; readonly user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
  ({ admin } = acme);
  bright = await acme.vendor("Bright");
  otis = await acme.vendor("Otis");
});
afterAll(async () => {
  await sql.end();
});

const add = "mutation ($input: AddVendorDocumentInput!) { addVendorDocument(input: $input) { document { id status version } } }";
const update = "mutation ($input: UpdateVendorDocumentInput!) { updateVendorDocument(input: $input) { document { version number } } }";
const remove = "mutation ($input: VersionedIdInput!) { removeVendorDocument(input: $input) { id } }";
const review = "mutation ($input: ReviewVendorDocumentInput!) { reviewVendorDocument(input: $input) { document { status version } } }";
const setRequirements =
  "mutation ($input: SetVendorDocumentRequirementsInput!) { setVendorDocumentRequirements(input: $input) { requirements { version requirements { kind categories reminderDays } } } }";

interface Shown {
  readonly id: string;
  readonly title: string;
  readonly reason: string | null;
  readonly attachments: { readonly edges: { readonly node: { readonly file: { readonly name: string } } }[] };
}

async function documentsOf(who: TestUser, id: string): Promise<Shown[]> {
  const query =
    "query ($id: ID!) { vendor(id: $id) { documents { edges { node { id title reason attachments { edges { node { file { name } } } } } } } } }";
  const { vendor } = await who.run<{ vendor: { documents: { edges: { node: Shown }[] } } }>(query, { id });
  return vendor.documents.edges.map(({ node }) => node);
}

test("a document is added with its file, changed, reviewed and removed, with events and audit entries", async () => {
  const { id: vendorId } = await acme.vendor("Kone");
  const fileId = await uploadText(admin, { name: "policy.txt" });
  const input = { vendorId, kind: "INSURANCE", title: " Liability ", fileId, issuedOn: "2026-01-01", validUntil: "2099-12-31" };
  const { addVendorDocument } = await admin.run<{ addVendorDocument: { document: { id: string } } }>(add, { input });
  expect(addVendorDocument.document).toMatchObject({ status: "SUBMITTED", version: 1 });
  const { id } = addVendorDocument.document;
  expect(await documentsOf(admin, vendorId)).toMatchObject([
    { id, title: "Liability", attachments: { edges: [{ node: { file: { name: "policy.txt" } } }] } },
  ]);
  expect(await admin.run(update, { input: { id, number: " 12-3 ", expectedVersion: 1 } })).toEqual({
    updateVendorDocument: { document: { version: 2, number: "12-3" } },
  });
  expect(await admin.run(review, { input: { id, decision: "ACCEPT", note: "Checked by phone", expectedVersion: 2 } })).toEqual({
    reviewVendorDocument: { document: { status: "ACCEPTED", version: 3 } },
  });
  expect((await admin.refused(review, { input: { id, decision: "ACCEPT" } })).extensions).toMatchObject({
    code: "CONFLICT",
    currentState: "ACCEPTED",
  });
  for (const [mutation, more] of [
    [update, { title: "T" }],
    [review, { decision: "REJECT", reason: "R" }],
    [remove, {}],
  ] as const)
    expect((await admin.refused(mutation, { input: { id, expectedVersion: 1, ...more } })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 3,
    });
  await admin.run(remove, { input: { id, expectedVersion: 3 } });
  expect(await documentsOf(admin, vendorId)).toEqual([]);
  expect(await admin.refusal(review, { input: { id, decision: "REJECT", reason: "Gone" } })).toBe("NOT_FOUND");
  const log =
    await sql`select type from events.log where tenant_id = ${acme.id} and subject_id = ${decodeId("vendorDocument", id)} order by id`;
  expect(log.map(({ type }) => type as string)).toEqual(
    ["created", "updated", "accepted", "deleted"].map((verb) => `vendorDocument.${verb}`),
  );
  const audit =
    await sql`select action from audit.entries where tenant_id = ${acme.id} and entity_id = ${decodeId("vendorDocument", id)} order by id`;
  expect(audit.map(({ action }) => action as string)).toEqual(
    ["create", "update", "accept", "delete"].map((verb) => `vendorDocument.${verb}`),
  );
});

test("what does not describe a document is refused, with the place", async () => {
  const fileId = await uploadText(admin);
  const input = { vendorId: bright.id, kind: "INSURANCE", title: "T", fileId };
  for (const [wrong, path] of [
    [{ kind: "Insurance" }, "input.kind"],
    [{ title: " " }, "input.title"],
    [{ number: "x".repeat(101) }, "input.number"],
    [{ issuedOn: "2026-02-30" }, "input.issuedOn"],
    [{ issuedOn: "2026-02-01", validUntil: "2026-01-31" }, "input.validUntil"],
    [{ fileId: "fil_00000000000000000000000000" }, "input.fileId"],
  ] as const)
    expect((await admin.refused(add, { input: { ...input, ...wrong } })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path }],
    });
  const id = await newVendorDocument(admin, { vendorId: bright.id });
  for (const [wrong, path] of [
    [{ decision: "REJECT" }, "input.reason"],
    [{ decision: "ACCEPT", reason: "Fine" }, "input.reason"],
  ] as const)
    expect((await admin.refused(review, { input: { id, ...wrong } })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path }],
    });
  expect(
    await admin.refusal("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
      input: { fileId, objectId: id },
    }),
  ).toBe("BAD_USER_INPUT");
});

test("a document whose last day is over is taken with a warning, whoever adds, changes or accepts it", async () => {
  const { id: vendorId } = await acme.vendor("Late");
  const fileId = await uploadText(admin, { name: "policy.txt" });
  const warned = async (mutation: string, type: string, input: object) => {
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { document { id } warnings { path message code } } }`;
    const answer = await admin.run<Record<string, { document: { id: string }; warnings: unknown[] }>>(document, { input });
    return answer[mutation] ?? { document: { id: "" }, warnings: [] };
  };
  const about = { vendorId, kind: "INSURANCE", title: "Liability", fileId, validUntil: "2020-12-31" };
  const message = 'The document "Liability" was valid until 2020-12-31, so it does not count. Ask the vendor for a valid one.';
  const added = await warned("addVendorDocument", "AddVendorDocumentInput", about);
  expect(added.warnings).toEqual([{ path: "input.validUntil", message, code: "EXPIRED" }]);
  const { id } = added.document;
  const reviewed = (decision: object) => warned("reviewVendorDocument", "ReviewVendorDocumentInput", { id, ...decision });
  expect((await reviewed({ decision: "ACCEPT" })).warnings).toEqual([{ path: "input.id", message, code: "EXPIRED" }]);
  expect((await reviewed({ decision: "REJECT", reason: "Too old" })).warnings).toEqual([]);
  expect((await warned("updateVendorDocument", "UpdateVendorDocumentInput", { id, validUntil: "2126-12-31" })).warnings).toEqual([]);
});

test("the file of a document stays with it", async () => {
  const { id: vendorId } = await acme.vendor("Schindler");
  await newVendorDocument(admin, { vendorId });
  const query = "query ($id: ID!) { vendor(id: $id) { documents { edges { node { attachments { edges { node { id } } } } } } } }";
  interface Listed {
    readonly vendor: {
      readonly documents: {
        readonly edges: { readonly node: { readonly attachments: { readonly edges: { readonly node: object }[] } } }[];
      };
    };
  }
  const { vendor } = await admin.run<Listed>(query, { id: vendorId });
  const attachment = vendor.documents.edges[0]?.node.attachments.edges[0]?.node;
  expect(await admin.refusal("mutation ($input: IdInput!) { deleteAttachment(input: $input) { id } }", { input: attachment })).toBe(
    "CONFLICT",
  );
});

test("users of a vendor add and see documents of their own vendor only, without the notes of the review", async () => {
  const id = await newVendorDocument(bright.user, { vendorId: bright.id, title: "Ours" });
  await newVendorDocument(admin, { vendorId: bright.id, title: "Added for us" });
  await newVendorDocument(admin, { vendorId: otis.id, title: "Theirs" });
  await admin.run(review, { input: { id, decision: "REJECT", reason: "Unreadable", note: "Suspicious" } });
  const seen = await documentsOf(bright.user, bright.id);
  expect(seen.map(({ title }) => title)).toEqual(expect.arrayContaining(["Ours", "Added for us"]));
  expect(seen.find(({ title }) => title === "Ours")).toMatchObject({ reason: "Unreadable" });
  for (const { attachments } of seen) expect(attachments.edges).toHaveLength(1);
  for (const field of ["reviewNote", "reviewedBy { id }"])
    expect(await bright.user.refusal(`query ($id: ID!) { node(id: $id) { ... on VendorDocument { ${field} } } }`, { id })).toBe(
      "FORBIDDEN",
    );
  const fileId = await uploadText(bright.user);
  expect(await bright.user.refusal(add, { input: { vendorId: otis.id, kind: "INSURANCE", title: "Not ours", fileId } })).toBe("NOT_FOUND");
  expect(await bright.user.refusal("query ($id: ID!) { vendor(id: $id) { documents { totalCount } } }", { id: otis.id })).toBe("NOT_FOUND");
  expect(await bright.user.refusal(review, { input: { id, decision: "ACCEPT" } })).toBe("FORBIDDEN");
  expect(await bright.user.refusal(update, { input: { id, title: "Mine" } })).toBe("FORBIDDEN");
  expect(await bright.user.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
  expect(await bright.user.refusal("{ vendorDocumentRequirements { version } }")).toBe("FORBIDDEN");
});

test("the last day of a document can be as late as its end can be shown", async () => {
  const id = await newVendorDocument(admin, { vendorId: otis.id, validUntil: "9999-12-30" });
  expect(await admin.run("query ($id: ID!) { vendorDocument(id: $id) { expiresAt } }", { id })).toEqual({
    vendorDocument: { expiresAt: "9999-12-31T00:00:00.000Z" },
  });
  for (const [input, path] of [
    [{ validUntil: "9999-12-31" }, "input.validUntil"],
    [{ issuedOn: "0000-05-01" }, "input.issuedOn"],
  ] as const)
    expect((await admin.refused(update, { input: { id, ...input } })).extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path }],
    });
});

test("requirements are replaced as a whole, in the version that was read", async () => {
  const globex = await weft.tenant("Globex");
  const read = "{ vendorDocumentRequirements { version updatedAt requirements { kind } } }";
  expect(await globex.admin.run(read)).toEqual({ vendorDocumentRequirements: { version: 0, updatedAt: null, requirements: [] } });
  const input = { requirements: [{ kind: "INSURANCE", categories: ["hvac"], reminderDays: [1, 14] }, { kind: "TAX" }], expectedVersion: 0 };
  expect(await globex.admin.run(setRequirements, { input })).toEqual({
    setVendorDocumentRequirements: {
      requirements: {
        version: 1,
        requirements: [
          { kind: "INSURANCE", categories: ["hvac"], reminderDays: [14, 1] },
          { kind: "TAX", categories: [], reminderDays: [30, 7, 1] },
        ],
      },
    },
  });
  expect((await globex.admin.refused(setRequirements, { input })).extensions).toMatchObject({ code: "CONFLICT", currentVersion: 1 });
  const wrong = { requirements: [{ kind: "TAX", reminderDays: [0] }, { kind: "TAX" }, { kind: "tax" }] };
  expect((await globex.admin.refused(setRequirements, { input: wrong })).extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    problems: [{ path: "input.requirements.0.reminderDays" }, { path: "input.requirements.2.kind" }, { path: "input.requirements.1.kind" }],
  });
  const operations = await globex.user("operations");
  expect(await operations.refusal(setRequirements, { input })).toBe("FORBIDDEN");
  expect(await operations.run(read)).toMatchObject({ vendorDocumentRequirements: { version: 1 } });
});

test("of concurrent first requirements with the same version, one is set", async () => {
  const { admin: theirs } = await weft.tenant("Initech");
  const results = await Promise.all(
    ["TAX", "INSURANCE", "ISO_9001"].map((kind) =>
      theirs.send(setRequirements, { input: { requirements: [{ kind }], expectedVersion: 0 } }),
    ),
  );
  expect(results.map(({ errors }) => errors?.[0]?.extensions?.code ?? "OK").toSorted()).toEqual(["CONFLICT", "CONFLICT", "OK"]);
});

interface Listing {
  readonly vendorDocuments: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    readonly edges: { readonly node: { readonly title: string } }[];
  };
}
const listAll = `query ($filter: VendorDocumentFilter, $orderBy: VendorDocumentOrder, $first: Int, $after: String) {
  vendorDocuments(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { title } } } }`;

async function titles(who: TestUser, variables: Record<string, unknown> = {}): Promise<string[]> {
  const { vendorDocuments } = await who.run<Listing>(listAll, variables);
  expect(vendorDocuments.totalCount).toBe(vendorDocuments.edges.length);
  return vendorDocuments.edges.map(({ node }) => node.title);
}

test(
  "the documents of all vendors are found by status, kind, vendor, last day and words, in pages of each order",
  { tags: "slow" },
  async () => {
    const tenant = await weft.tenant();
    const { admin: reviewer } = tenant;
    const [one, other] = [await tenant.vendor("One"), await tenant.vendor("Other")];
    const ids = new Map<string, string>();
    for (const [title, vendor, more] of [
      ["Old policy", one, { validUntil: "2001-01-31" }],
      ["Policy", one, { validUntil: "2098-12-31" }],
      ["Tax form", other, { kind: "TAX", validUntil: undefined }],
      ["Their policy", other, { validUntil: "2099-06-30" }],
      ["Withdrawn", other, {}],
    ] as const)
      ids.set(title, await newVendorDocument(reviewer, { vendorId: vendor.id, kind: "INSURANCE", title, ...more }));
    await reviewer.run(remove, { input: { id: ids.get("Withdrawn") } });
    await acceptVendorDocument(reviewer, ids.get("Policy") ?? "");
    await acceptVendorDocument(reviewer, ids.get("Old policy") ?? "");

    expect(await titles(reviewer)).toEqual(["Their policy", "Tax form", "Policy", "Old policy"]);
    expect(await titles(reviewer, { filter: { status: { eq: "SUBMITTED" } } })).toEqual(["Their policy", "Tax form"]);
    expect(await titles(reviewer, { filter: { kind: { eq: "TAX" } } })).toEqual(["Tax form"]);
    expect(await titles(reviewer, { filter: { vendor: { eq: one.id } } })).toEqual(["Policy", "Old policy"]);
    expect(await titles(reviewer, { filter: { isExpired: { eq: true } } })).toEqual(["Old policy"]);
    expect(await titles(reviewer, { filter: { isExpired: { eq: false }, validUntil: { lt: "2099-01-01" } } })).toEqual(["Policy"]);
    expect(await titles(reviewer, { filter: { validUntil: { isNull: true } } })).toEqual(["Tax form"]);
    expect(await titles(reviewer, { filter: { validUntil: { gte: "2098-12-31" } } })).toEqual(["Their policy", "Policy"]);
    expect(await titles(reviewer, { filter: { search: { contains: "policy their" } } })).toEqual(["Their policy"]);

    for (const [field, direction, expected] of [
      ["VALID_UNTIL", "ASC", ["Old policy", "Policy", "Their policy", "Tax form"]],
      ["VALID_UNTIL", "DESC", ["Tax form", "Their policy", "Policy", "Old policy"]],
      ["CREATED_AT", "ASC", ["Old policy", "Policy", "Tax form", "Their policy"]],
    ] as const) {
      const found: string[] = [];
      for (let after: string | null = null, isMore = true; isMore;) {
        const { vendorDocuments: page }: Listing = await reviewer.run<Listing>(listAll, { orderBy: { field, direction }, first: 1, after });
        found.push(...page.edges.map(({ node }) => node.title));
        ({ endCursor: after, hasNextPage: isMore } = page.pageInfo);
      }
      expect(found).toEqual(expected);
    }
    const wrong = await reviewer.refused(listAll, { filter: { validUntil: { lt: "tomorrow" } } });
    expect(wrong.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "filter.validUntil.lt" }] });
  },
);

test("users of a vendor list the documents of their own vendor, and other users need the permission", async () => {
  const tenant = await weft.tenant();
  const [mine, theirs] = [await tenant.vendor(), await tenant.vendor()];
  await newVendorDocument(tenant.admin, { vendorId: mine.id, title: "Mine" });
  await newVendorDocument(tenant.admin, { vendorId: theirs.id, title: "Theirs" });
  expect(await titles(mine.user)).toEqual(["Mine"]);
  expect(await titles(mine.user, { filter: { vendor: { eq: theirs.id } } })).toEqual([]);
  expect(await titles(await tenant.user("viewer"))).toEqual(["Theirs", "Mine"]);
  expect(await (await tenant.user("requester")).refusal(listAll)).toBe("FORBIDDEN");
  expect(await titles((await weft.tenant()).admin)).toEqual([]);
});

test("a list of all documents costs as many statements for ten documents of ten vendors as for one", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  const query = "{ vendorDocuments { edges { node { id vendor { name } createdBy { name } attachments { edges { node { id } } } } } } }";
  const addOne = async () => newVendorDocument(tenant.admin, { vendorId: (await tenant.vendor()).id });
  await addOne();
  const one = await weft.statementCount(() => tenant.admin.run(query));
  for (let n = 0; n < 9; n++) await addOne();
  expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
});

test("another tenant sees and changes nothing", async () => {
  const id = await newVendorDocument(admin, { vendorId: bright.id });
  const { admin: theirs } = await weft.tenant();
  const fileId = await uploadText(theirs);
  expect(await theirs.refusal(add, { input: { vendorId: bright.id, kind: "TAX", title: "T", fileId } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(update, { input: { id, title: "T" } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(review, { input: { id, decision: "ACCEPT" } })).toBe("NOT_FOUND");
  expect(await theirs.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  expect(await theirs.refusal("query ($id: ID!) { node(id: $id) { id } }", { id })).toBe("NOT_FOUND");
});

test("a list of vendors reads all their documents in one statement each", { tags: "slow" }, async () => {
  const { tenant, admin: theirs } = await aTenantWithDocuments(1);
  const query =
    "{ vendors { edges { node { documents { edges { node { id expiresAt } } } missingDocuments { kind document { id } } } } } }";
  const one = await weft.statementCount(() => theirs.run(query));
  await moreDocuments(tenant, 3);
  expect(await weft.statementCount(() => theirs.run(query))).toBe(one);
});

async function aTenantWithDocuments(count: number): Promise<{ tenant: TestTenant; admin: TestUser }> {
  const tenant = await weft.tenant();
  await requireVendorDocuments(tenant.admin, [{ kind: "TAX" }, { kind: "INSURANCE" }]);
  await moreDocuments(tenant, count);
  return { tenant, admin: tenant.admin };
}

async function moreDocuments(tenant: TestTenant, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { id: vendorId } = await tenant.vendor();
    await acceptVendorDocument(tenant.admin, await newVendorDocument(tenant.admin, { vendorId }));
    await newVendorDocument(tenant.admin, { vendorId, kind: "TAX" });
  }
}
