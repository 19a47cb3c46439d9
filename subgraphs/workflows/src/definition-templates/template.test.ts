import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const list = `query ($filter: DefinitionTemplateFilter, $first: Int, $after: String) { definitionTemplates(filter: $filter, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { key name description category version contents { states tasks steps } references { kind name } } } } }`;
const one = `query ($key: String!) { definitionTemplate(key: $key) {
  key name format source document diagram(format: MERMAID) contents { states transitions tasks forms timers steps scenarios } } }`;
const preview = `query ($template: String!, $key: String, $name: String) { previewDefinitionTemplate(template: $template, key: $key, name: $name) {
  key name canImport isKeyTaken existing { number status } template { key }
  requirements { kind name isAvailable template { key } } problems { code path line } warnings { code message line } } }`;
const doImport = `mutation ($input: ImportDefinitionTemplateInput!) { importDefinitionTemplate(input: $input) {
  definition { id key name number status message tags source version } } }`;

type Template = {
  readonly key: string;
  readonly description: string;
  readonly category: string;
  readonly version: string;
  readonly contents: { readonly states: number; readonly tasks: number; readonly steps: number };
};
type List = {
  definitionTemplates: { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: Template }[] };
};
type Draft = { readonly id: string; readonly key: string; readonly message: string; readonly source: string };

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
  ({ admin } = acme);
});
afterAll(async () => {
  await owner.end();
});

const templates = async (variables: Record<string, unknown>): Promise<List["definitionTemplates"]> =>
  (await admin.run<List>(list, variables)).definitionTemplates;
const keysOf = ({ edges }: List["definitionTemplates"]): string[] => edges.map(({ node }) => node.key);
const imported = async (input: Record<string, unknown>, who = admin): Promise<Draft> =>
  (await who.run<{ importDefinitionTemplate: { definition: Draft } }>(doImport, { input })).importDefinitionTemplate.definition;

describe("the library", () => {
  test("is a page with contents, and can be filtered by category and words", async () => {
    const all = await templates({ first: 100 });
    expect(all.totalCount).toBe(all.edges.length);
    for (const { node } of all.edges) {
      expect(node).toMatchObject({
        description: expect.stringMatching(/\w+/) as string,
        version: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      });
      expect(node.contents.states + node.contents.steps).toBeGreaterThan(0);
    }
    expect(all.edges[0]?.node).toMatchObject({
      key: "maintenance-request",
      category: "FACILITIES",
      references: expect.arrayContaining([{ kind: "ROLE", name: "operations" }]) as unknown,
    });
    const first = await templates({ first: 2 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await templates({ first: 2, after: first.pageInfo.endCursor });
    expect([...keysOf(first), ...keysOf(second)]).toEqual(keysOf(all).slice(0, 4));
    expect(keysOf(await templates({ filter: { category: { eq: "PROJECTS" }, search: { contains: "PHASE project" } } }))).toEqual([
      "project-phase",
      "phased-project",
    ]);
    expect((await templates({ filter: { category: { ne: "AUTOMATION" } } })).totalCount).toBe(15);
    expect(await admin.refusal(list, { filter: { category: { eq: null } } })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(list, { filter: { search: { contains: "a b c d e f g h i" } } })).toBe("BAD_USER_INPUT");
  });

  test("is searched like other lists: a text of punctuation matches nothing, and a blank one everything", async () => {
    expect((await templates({ filter: { search: { contains: "%_%" } } })).totalCount).toBe(0);
    expect((await templates({ filter: { search: { contains: " " } } })).totalCount).toBe((await templates({})).totalCount);
  });

  test("shows one template as definitions are shown, without a statement of its own", async () => {
    const { definitionTemplate } = await admin.run<{ definitionTemplate: Record<string, unknown> }>(one, { key: "maintenance-request" });
    expect(definitionTemplate).toMatchObject({
      format: "YAML",
      source: expect.stringMatching(/^weft: 1\nkey: maintenance-request/) as string,
      document: { key: "maintenance-request" },
      diagram: expect.stringContaining("Triage") as string,
      contents: { states: 10, tasks: 2, timers: 1, steps: 0 },
    });
    const statements = await weft.statements(() => admin.run(one, { key: "purchase-approval" }));
    expect(statements.filter((text) => text.includes("definitions"))).toEqual([]);
    expect(await admin.refusal(one, { key: "nothing" })).toBe("NOT_FOUND");
  });

  test("is readable for everybody who reads definitions; previews and imports need the right to create them", async () => {
    const requester = await acme.user("requester");
    expect((await requester.run<List>(list)).definitionTemplates.totalCount).toBe(22);
    expect(await requester.refusal(preview, { template: "project" })).toBe("FORBIDDEN");
    expect(await requester.refusal(doImport, { input: { template: "project" } })).toBe("FORBIDDEN");
  });
});

describe("a preview", () => {
  test("says what exists, what is missing and which template provides it", async () => {
    const tenant = await weft.tenant();
    const read = async (variables: Record<string, unknown>) =>
      (await tenant.admin.run<{ previewDefinitionTemplate: Record<string, unknown> }>(preview, variables)).previewDefinitionTemplate;
    const phase = { kind: "DEFINITION", name: "project-phase", template: { key: "project-phase" } };
    expect(await read({ template: "phased-project" })).toMatchObject({
      key: "phased-project",
      canImport: true,
      isKeyTaken: false,
      existing: null,
      requirements: expect.arrayContaining([{ ...phase, isAvailable: false }]) as unknown,
      problems: [],
      warnings: expect.arrayContaining([
        expect.objectContaining({ code: "UNKNOWN_DEFINITION", line: expect.any(Number) as number }),
      ]) as unknown,
    });
    await tenant.definition((await imported({ template: "project-phase" })).source);
    expect(await read({ template: "phased-project", key: "my-project", name: "Mine" })).toMatchObject({
      key: "my-project",
      name: "Mine",
      requirements: expect.arrayContaining([{ ...phase, isAvailable: true }]) as unknown,
    });
    expect(await read({ template: "project-phase" })).toMatchObject({
      canImport: false,
      isKeyTaken: true,
      existing: { number: 1, status: "PUBLISHED" },
    });
    expect(await read({ template: "answer-enquiry" })).toMatchObject({
      requirements: expect.arrayContaining([{ kind: "AGENT", name: "triage", isAvailable: false, template: null }]) as unknown,
    });
    expect(await read({ template: "project", key: "Not a key" })).toMatchObject({ canImport: false, problems: [{ path: "key" }] });
  });

  test("names the roles that the tenant does not have, and the import lists them with their lines", async () => {
    const tenant = await weft.tenant();
    await owner`update identity.roles set key = 'lawyers' where tenant_id = ${tenant.id} and key = 'legal_team'`;
    expect(await tenant.admin.run(preview, { template: "contract-approval" })).toMatchObject({
      previewDefinitionTemplate: {
        canImport: false,
        requirements: expect.arrayContaining([{ kind: "ROLE", name: "legal_team", isAvailable: false, template: null }]) as unknown,
        problems: expect.arrayContaining([
          expect.objectContaining({ code: "UNKNOWN_ROLE", line: expect.any(Number) as number }),
        ]) as unknown,
        warnings: [],
      },
    });
    const error = await tenant.admin.refused(doImport, { input: { template: "contract-approval" } });
    expect(error.extensions).toMatchObject({
      code: "DEFINITION_INVALID",
      problems: expect.arrayContaining([expect.objectContaining({ code: "UNKNOWN_ROLE" })]) as unknown,
    });
  });
});

describe("an import", () => {
  test("creates a draft that can be published, with its event and its audit entry", async () => {
    const tenant = await weft.tenant();
    const draft = await imported({ template: "purchase-approval" }, tenant.admin);
    expect(draft).toMatchObject({ key: "purchase-approval", name: "Purchase approval", number: 1, status: "DRAFT", tags: [] });
    expect(draft.message).toMatch(/^From the template purchase-approval, version [0-9a-f]{12}\.$/);
    await tenant.admin.run(
      "mutation ($id: ID!) { publishDefinition(input: { id: $id, acceptWarnings: true }) { definition { status } } }",
      { id: draft.id },
    );
    expect(
      await tenant.admin.run(
        `query ($id: ID!) { definition(id: $id) { status auditTrail(last: 1) { edges { node { action } } } }
          events(filter: { type: { eq: "definition.created" } }) { edges { node { payload } } } }`,
        { id: draft.id },
      ),
    ).toEqual({
      definition: { status: "PUBLISHED", auditTrail: { edges: [{ node: { action: "definition.create" } }] } },
      events: { edges: [{ node: { payload: { key: "purchase-approval", number: 1 } } }] },
    });
  });

  test("never adds a version to a definition: the error names the one that has the key, and another key is free", async () => {
    const globex = await weft.tenant();
    await imported({ template: "incident" });
    const { extensions, message } = await admin.refused(doImport, { input: { template: "incident" } });
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [
        { path: "input.key", message: expect.stringMatching(/"incident" already exists \("[^"]+", version 1, DRAFT\)/) as string },
      ],
    });
    expect(message).not.toBe("");
    const input = { template: "incident", key: "outage", name: "Outage", message: "Ours", tags: ["IT", "it"] };
    expect(await imported(input)).toMatchObject({
      key: "outage",
      name: "Outage",
      message: "Ours",
      tags: ["it"],
      source: expect.stringContaining("key: outage\nname: Outage\n") as string,
    });
    // Another tenant's definitions are in nobody's way.
    expect(await imported({ template: "incident" }, globex.admin)).toMatchObject({ key: "incident", number: 1 });
    expect(await admin.refusal(doImport, { input: { template: "incident", key: "No key" } })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(doImport, { input: { template: "nothing" } })).toBe("NOT_FOUND");
  });

  test("happens once for an idempotency key, also at the same time", async () => {
    const input = { template: "leave-request", idempotencyKey: "leave" };
    const [a, b] = await Promise.all([imported(input), imported(input)]);
    expect(a.id).toBe(b.id);
    expect(await admin.refusal(doImport, { input: { ...input, key: "vacation" } })).toBe("CONFLICT");
  });

  test("is possible for every template in a new tenant", async () => {
    const tenant = await weft.tenant();
    for (const template of keysOf(await templates({ first: 100 })))
      expect(await tenant.admin.run(preview, { template })).toMatchObject({ previewDefinitionTemplate: { canImport: true, problems: [] } });
  });
});
