import { createHash } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let ada: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  ada = acme.admin;
});

const push =
  "mutation ($input: PushOperationsInput!) { pushOperations(input: $input) { manifest { id environment number label documentCount retiredAt version } } }";
const retire = "mutation ($input: VersionedIdInput!) { retireOperations(input: $input) { manifest { id retiredAt } } }";
const manifestsOf =
  "query ($id: ID!, $environment: Environment) { application(id: $id) { manifests(environment: $environment) { number environment retiredAt } } }";
const documentsOf =
  "query ($manifestId: ID!) { storedDocuments(manifestId: $manifestId) { edges { node { id name kind text } } totalCount } }";

interface Manifest {
  readonly id: string;
  readonly number: number;
  readonly retiredAt: string | null;
  readonly version: number;
}
interface Listed {
  readonly application: { readonly manifests: readonly (Manifest & { readonly environment: string })[] };
}

async function anApplication(user = ada): Promise<string> {
  const { createApplication } = await user.run<{ createApplication: { application: { id: string } } }>(
    "mutation ($input: CreateApplicationInput!) { createApplication(input: $input) { application { id } } }",
    { input: { key: `a${newId().slice(-12)}`, name: "Application" } },
  );
  return createApplication.application.id;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
/** In the format of GraphQL Code Generator. */
const manifestOf = (...texts: string[]): string => JSON.stringify(Object.fromEntries(texts.map((text) => [hashOf(text), text])));
const mine = "query Mine { me { id } }";
const logout = "mutation End { logout { sessionId } }";

async function pushed(applicationId: string, manifest: string, more: object = {}, user = ada): Promise<Manifest> {
  const { pushOperations } = await user.run<{ pushOperations: { manifest: Manifest } }>(push, {
    input: { applicationId, manifest, ...more },
  });
  return pushOperations.manifest;
}
const problemsOf = async (applicationId: string, manifest: string, more: object = {}): Promise<string[]> => {
  const { extensions } = await ada.refused(push, { input: { applicationId, manifest, ...more } });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return ((extensions?.["problems"] ?? []) as { path: string; message: string }[]).map(({ path, message }) => `${path}: ${message}`);
};
const numbersOf = async (id: string): Promise<(number | string)[][]> =>
  (await ada.run<Listed>(manifestsOf, { id })).application.manifests.map(({ number, environment, retiredAt }) => [
    environment,
    number,
    retiredAt === null ? "active" : "retired",
  ]);

describe("operations are stored", () => {
  test("with the name and the kind of each", async () => {
    const id = await anApplication();
    const manifest = await pushed(id, manifestOf(mine, logout), { label: "3f2a1b" });
    expect(manifest).toMatchObject({ environment: "PROD", number: 1, label: "3f2a1b", documentCount: 2, retiredAt: null });
    const { storedDocuments } = await ada.run<{ storedDocuments: { edges: { node: { name: string } }[]; totalCount: number } }>(
      documentsOf,
      { manifestId: manifest.id },
    );
    expect(storedDocuments.totalCount).toBe(2);
    expect(storedDocuments.edges.map(({ node }) => node).toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { id: hashOf(logout), name: "End", kind: "MUTATION", text: logout },
      { id: hashOf(mine), name: "Mine", kind: "QUERY", text: mine },
    ]);
  });

  test("from a manifest of Apollo", async () => {
    const id = await anApplication();
    const operations = [{ id: "custom", name: "Mine", type: "query", body: mine }];
    const { id: manifestId } = await pushed(id, JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations }));
    expect(await ada.run(documentsOf, { manifestId })).toMatchObject({
      storedDocuments: { edges: [{ node: { id: "custom", name: "Mine" } }] },
    });
  });

  test("in versions, which are numbered in each environment and stay active", async () => {
    const id = await anApplication();
    await pushed(id, manifestOf(mine));
    await pushed(id, manifestOf(mine, logout));
    await pushed(id, manifestOf(mine), { environment: "STAGING" });
    expect(await numbersOf(id)).toEqual([
      ["STAGING", 1, "active"],
      ["PROD", 2, "active"],
      ["PROD", 1, "active"],
    ]);
    const { application } = await ada.run<Listed>(manifestsOf, { id, environment: "STAGING" });
    expect(application.manifests).toMatchObject([{ environment: "STAGING", number: 1 }]);
  });

  test("once, if an active version has the same", async () => {
    const id = await anApplication();
    const first = await pushed(id, manifestOf(mine, logout));
    expect(await pushed(id, manifestOf(logout, mine))).toEqual(first);
    expect(await numbersOf(id)).toHaveLength(1);
  });

  test("once, if the call is repeated with its idempotency key", async () => {
    const id = await anApplication();
    const more = { idempotencyKey: newId() };
    const first = await pushed(id, manifestOf(mine), more);
    await pushed(id, manifestOf(logout));
    expect(await pushed(id, manifestOf(mine), more)).toEqual(first);
  });

  test("and older versions are retired if only some are kept", async () => {
    const id = await anApplication();
    for (const text of [mine, logout, "query A { __typename }"]) await pushed(id, manifestOf(text));
    await pushed(id, manifestOf("query B { __typename }"), { keep: 2 });
    expect(await numbersOf(id)).toEqual([
      ["PROD", 4, "active"],
      ["PROD", 3, "active"],
      ["PROD", 2, "retired"],
      ["PROD", 1, "retired"],
    ]);
  });

  test("with an audit entry for the upload and for the retirement", async () => {
    const { id } = await pushed(await anApplication(), manifestOf(mine));
    await ada.run(retire, { input: { id } });
    const { auditEntries } = await ada.run<{ auditEntries: { edges: { node: { action: string; actor: { id: string } } }[] } }>(
      "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter, first: 10) { edges { node { action actor { id } } } } }",
      { filter: { entityId: { eq: id } } },
    );
    expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual(["operationManifest.create", "operationManifest.retire"]);
    expect(auditEntries.edges[0]?.node.actor.id).toBe(ada.id);
  });

  test("by developers and keys of builds, which cannot retire them", async () => {
    const id = await anApplication();
    const dev = await acme.user("developer");
    const manifest = await pushed(id, manifestOf(mine), {}, dev);
    expect(await dev.refusal(retire, { input: { id: manifest.id } })).toBe("FORBIDDEN");
    const olga = await acme.user("operations");
    expect(await olga.refusal(push, { input: { applicationId: id, manifest: manifestOf(mine) } })).toBe("FORBIDDEN");
  });
});

describe("nothing is stored", () => {
  test("if documents are wrong, and every problem is listed", async () => {
    const id = await anApplication();
    const manifest = JSON.stringify({
      good: mine,
      unknown: "query X {\n  me { name nothing }\n}",
      syntax: "query {",
      two: "query A { me { id } } query B { me { id } }",
      none: "fragment F on User { id }",
      deep: `query D { ${Array.from({ length: 40 }, (_, n) => `a${n}: __typename`).join(" ")} }`,
    });
    expect(await problemsOf(id, manifest)).toEqual([
      'input.manifest: Document "unknown": Line 2, column 13: Cannot query field "nothing" on type "User".',
      expect.stringMatching(/^input\.manifest: Document "syntax": Line 1, column 8: Syntax Error/),
      'input.manifest: Document "two": It has 2 operations, but must have exactly one.',
      'input.manifest: Document "none": It has 0 operations, but must have exactly one.',
      expect.stringMatching(/^input\.manifest: Document "deep": The operation exceeds the limit (aliases|rootFields)/),
    ]);
    expect(await numbersOf(id)).toEqual([]);
  });

  test("if it is no manifest", async () => {
    expect(await problemsOf(await anApplication(), mine)).toEqual([expect.stringContaining("This is not a manifest.") as string]);
  });

  test("if an active version has another text with the same ID, until it is retired", async () => {
    const id = await anApplication();
    const first = await pushed(id, JSON.stringify({ getMine: mine }));
    const changed = JSON.stringify({ getMine: "query Mine { me { name } }" });
    expect(await problemsOf(id, changed)).toEqual([
      expect.stringContaining('Document "getMine": an active version has another text with this ID.') as string,
    ]);
    await pushed(id, changed, { environment: "DEV" });
    await ada.run(retire, { input: { id: first.id } });
    expect(await pushed(id, changed)).toMatchObject({ number: 2 });
  });

  test("if the number of versions to keep makes no sense, or the label is too long", async () => {
    expect(await problemsOf(await anApplication(), manifestOf(mine), { keep: 0, label: "x".repeat(101) })).toEqual([
      expect.stringContaining("input.label") as string,
      "input.keep: 0 is not from 1 to 50.",
    ]);
  });

  test("if there are too many active versions", { tags: "slow" }, async () => {
    const id = await anApplication();
    for (let n = 0; n < 50; n++) await pushed(id, manifestOf(`query Q${n} { me { id } }`));
    expect(await ada.refusal(push, { input: { applicationId: id, manifest: manifestOf(mine) } })).toBe("LIMIT_EXCEEDED");
    expect(await pushed(id, manifestOf("query Q49 { me { id } }"), { keep: 1 })).toMatchObject({ number: 50 });
  });
});

describe("a retired version", () => {
  test("has no documents, and is not retired again", async () => {
    const { id } = await pushed(await anApplication(), manifestOf(mine));
    expect(await ada.run(retire, { input: { id, expectedVersion: 1 } })).toMatchObject({
      retireOperations: { manifest: { id, retiredAt: expect.any(String) as string } },
    });
    expect(await ada.run(documentsOf, { manifestId: id })).toEqual({ storedDocuments: { edges: [], totalCount: 0 } });
    expect(await ada.refusal(retire, { input: { id } })).toBe("CONFLICT");
  });

  test("can be uploaded again, as a new version", async () => {
    const id = await anApplication();
    await ada.run(retire, { input: { id: (await pushed(id, manifestOf(mine))).id } });
    expect(await pushed(id, manifestOf(mine))).toMatchObject({ number: 2, retiredAt: null });
  });
});

describe("another tenant", () => {
  test("neither reads nor changes what an application has stored", async () => {
    const id = await anApplication();
    const manifest = await pushed(id, manifestOf(mine));
    const globex = (await weft.tenant("Globex")).admin;
    expect(await globex.refusal(push, { input: { applicationId: id, manifest: manifestOf(mine) } })).toBe("NOT_FOUND");
    expect(await globex.refusal(retire, { input: { id: manifest.id } })).toBe("NOT_FOUND");
    expect(await globex.refusal(documentsOf, { manifestId: manifest.id })).toBe("NOT_FOUND");
  });
});
