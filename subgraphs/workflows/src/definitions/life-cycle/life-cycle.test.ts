import { inputTypeOf } from "@weft/testkit/input-type";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const text = (key: string, name = "Loan") => `# Who borrows what
weft: 1
key: ${key}
name: ${name}
initial: open # at first
states:
  open: { transitions: { close: { to: done } } }
  done: { final: completed }
`;

type Input = Readonly<Record<string, unknown>>;
interface Version {
  readonly id: string;
  readonly key: string;
  readonly number: number;
  readonly status: string;
  readonly version: number;
  readonly source: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly parent: { readonly id: string } | null;
}

let weft: TestWeft;
let acme: TestTenant;
let admin: TestUser;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await weft.tenant();
  ({ admin } = acme);
});
afterAll(() => weft.stop());

const operation = (verb: string) =>
  `mutation ($input: ${inputTypeOf(`${verb}Definition`)}!) { ${verb}Definition(input: $input) { definition { id key number name status version source message tags parent { id } } } }`;
const removal = "mutation ($input: KeyedVersionedIdInput!) { deleteDefinition(input: $input) { id } }";
const run = async (verb: string, input: Input, who = admin): Promise<Version> =>
  (await who.run<Record<string, { definition: Version }>>(operation(verb), { input }))[`${verb}Definition`]?.definition as Version;
const refused = async (verb: string, input: Input, who = admin) => {
  const { message, extensions } = await who.refused(verb === "delete" ? removal : operation(verb), { input });
  return `${extensions?.code}: ${message}`;
};
const published = async (key: string, name?: string): Promise<Version> =>
  run("publish", { id: (await run("create", { source: text(key, name) })).id });
const start = async (definitionKey: string) =>
  (
    await admin.run<{ startWorkflow: { instance: { id: string; definition: { number: number } } } }>(
      "mutation ($key: String!) { startWorkflow(input: { definitionKey: $key }) { instance { id definition { number } } } }",
      { key: definitionKey },
    )
  ).startWorkflow.instance;
const used = async ({ admin: who }: TestTenant): Promise<number> => {
  const { tenant } = await who.run<{ tenant: { usage: { limit: string; used: number }[] } }>("{ tenant { usage { limit used } } }");
  return tenant.usage.find(({ limit }) => limit === "definitions")?.used ?? -1;
};

describe("a draft", () => {
  test("can be rewritten any number of times; each version has its author's message, tags and parent", async () => {
    const first = await published("rewritten");
    const draft = await run("create", { source: text("rewritten", "Two"), message: "Because", tags: ["HR", " hr ", "Finance"] });
    expect(draft).toMatchObject({ number: 2, message: "Because", tags: ["hr", "finance"], parent: { id: first.id }, version: 1 });
    const again = await run("update", { id: draft.id, source: text("rewritten", "Three"), expectedVersion: 1 });
    expect(again).toMatchObject({ ...draft, source: text("rewritten", "Three"), name: "Three", version: 2 });
    expect(await run("update", { id: draft.id, source: text("rewritten", "Three"), tags: ["hr", "finance"] })).toEqual(again);
    expect(await run("update", { id: draft.id, message: "", tags: [] })).toMatchObject({ message: "", tags: [], version: 3 });
    const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
      "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }, first: 9) { edges { node { action } } } }",
      { id: draft.id },
    );
    expect(auditEntries.edges.map(({ node }) => node.action)).toEqual(["definition.update", "definition.update", "definition.create"]);
  });

  test("is refused if it would not be a definition of its key, or if another user has changed it meanwhile", async () => {
    const { id } = await run("create", { source: text("strict") });
    expect(await refused("update", { id, source: text("other") })).toMatch(/BAD_USER_INPUT: input.source: .*the draft has the key strict/);
    expect(await refused("update", { id, source: "weft: 1" })).toMatch(/DEFINITION_INVALID/);
    expect(await refused("update", { id, format: "JSON" })).toMatch(/BAD_USER_INPUT: input.format/);
    expect(await refused("update", { id, tags: Array.from({ length: 21 }, (_, index) => `t${index}`) })).toMatch(
      /BAD_USER_INPUT: input.tags/,
    );
    expect(await refused("update", { id, tags: ["", "x".repeat(41)] })).toMatch(/BAD_USER_INPUT: input.tags.0/);
    expect(await refused("update", { id, message: "x".repeat(2001) })).toMatch(/BAD_USER_INPUT: input.message/);
    expect(await refused("update", { id, message: "x", expectedVersion: 7 })).toMatch(/CONFLICT/);
    expect(await refused("delete", { id, expectedVersion: 7 })).toMatch(/CONFLICT/);
    const requester = await acme.user("requester");
    for (const verb of ["update", "delete", "clone", "deprecate", "retire"])
      expect(await refused(verb, { id }, requester)).toMatch(/FORBIDDEN/);
  });

  test("that is written and published at the same time becomes one or the other, and the late caller gets an error", async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await run("create", { source: text(`race-${round}`) });
      const answers = await Promise.all([
        admin.send(operation("update"), { input: { id, source: text(`race-${round}`, "Changed") } }),
        admin.send(operation("publish"), { input: { id, expectedVersion: 1 } }),
      ]);
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "done");
      expect([
        ["done", "CONFLICT"],
        ["CONFLICT", "done"],
        ["BAD_USER_INPUT", "done"],
      ]).toContainEqual(codes);
    }
  });

  test("can be deleted; with the last version of a key, the key becomes free and no longer counts", async () => {
    const tenant = await weft.tenant();
    const who = tenant.admin;
    const [one, two] = [await run("create", { source: text("gone") }, who), await run("create", { source: text("gone") }, who)];
    expect(await used(tenant)).toBe(1);
    expect(await who.run(removal, { input: { id: one.id } })).toEqual({ deleteDefinition: { id: one.id } });
    expect(await used(tenant)).toBe(1);
    expect(await who.refusal(removal, { input: { id: one.id } })).toBe("NOT_FOUND");
    const read = "query ($id: ID!) { definition(id: $id) { parent { id } } }";
    expect(await who.run(read, { id: two.id })).toEqual({ definition: { parent: null } });
    await who.run(removal, { input: { id: two.id } });
    expect(await used(tenant)).toBe(0);
    expect(await run("create", { source: text("gone") }, who)).toMatchObject({ number: 1 });
    expect(await used(tenant)).toBe(1);
  });

  test("is created and deleted by many callers at once, and the count of definitions stays exact", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    for (let round = 0; round < 4; round++) {
      const { id } = await run("create", { source: text("busy") }, tenant.admin);
      const made = await Promise.all([
        tenant.admin.send(removal, { input: { id } }),
        ...Array.from({ length: 4 }, () => tenant.admin.send(operation("create"), { input: { source: text("busy") } })),
      ]);
      expect(made.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      expect(await used(tenant)).toBe(1);
      const ids = made.slice(1).map(({ data }) => (data as { createDefinition: { definition: Version } }).createDefinition.definition.id);
      await Promise.all(ids.map((each) => tenant.admin.run(removal, { input: { id: each } })));
      expect(await used(tenant)).toBe(0);
    }
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  });
});

describe("a published version", () => {
  test("does not change except for its tags, and cannot be deleted", async () => {
    const { id } = await published("frozen");
    const answer = await refused("update", { id, source: text("frozen", "Other"), message: "x" });
    expect(answer).toMatch(/BAD_USER_INPUT: input.source: .*PUBLISHED.*cloneDefinition.*\(and 1 more/);
    expect(await refused("delete", { id })).toMatch(/BAD_USER_INPUT: .*retireDefinition/);
    expect(await run("update", { id, tags: ["kept"] })).toMatchObject({ tags: ["kept"], status: "PUBLISHED", source: text("frozen") });
  });

  test("starts only where no other version is published, once deprecated; starts nothing, once retired, while running instances continue", async () => {
    const one = await published("ageing");
    const two = await published("ageing");
    expect((await start("ageing")).definition.number).toBe(2);
    expect(await run("deprecate", { id: two.id, expectedVersion: 2 })).toMatchObject({ status: "DEPRECATED", version: 3 });
    const running = await start("ageing");
    expect(running.definition.number).toBe(1);
    await run("retire", { id: one.id });
    expect((await start("ageing")).definition.number).toBe(2);
    await run("retire", { id: two.id });
    expect(await admin.refusal('mutation { startWorkflow(input: { definitionKey: "ageing" }) { instance { id } } }')).toBe(
      "BAD_USER_INPUT",
    );
    const fire = 'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "close" }) { instance { status } } }';
    expect(await admin.run(fire, { id: running.id })).toEqual({ fireTransition: { instance: { status: "COMPLETED" } } });
    expect(await refused("retire", { id: two.id })).toMatch(
      /BAD_USER_INPUT: .*is RETIRED; to retire it, it must be PUBLISHED or DEPRECATED/,
    );
    expect(await refused("deprecate", { id: two.id })).toMatch(/BAD_USER_INPUT: .*must be PUBLISHED/);
    const draft = await run("create", { source: text("ageing") });
    expect(await refused("retire", { id: draft.id })).toMatch(/deleteDefinition/);
  });

  test("is retired by one of two simultaneous callers", async () => {
    const { id } = await published("contested");
    const codes = await Promise.all(
      ["retire", "deprecate", "retire"].map(
        async (verb) => (await admin.send(operation(verb), { input: { id, expectedVersion: 2 } })).errors?.[0]?.extensions?.code ?? "done",
      ),
    );
    expect(codes.toSorted()).toEqual(["CONFLICT", "CONFLICT", "done"]);
  });
});

describe("a copy", () => {
  test("is the next draft of its key, or the first of another, with comments and tags of the original", async () => {
    const original = await run("update", { id: (await published("copied")).id, tags: ["kept"] });
    const next = await run("clone", { id: original.id, message: "Back to one" });
    expect(next).toMatchObject({
      key: "copied",
      number: 2,
      status: "DRAFT",
      source: original.source,
      tags: ["kept"],
      parent: { id: original.id },
      message: "Back to one",
    });
    const other = await run("clone", { id: original.id, key: "copied-too", name: "A: copy" });
    expect(other).toMatchObject({ key: "copied-too", number: 1, parent: { id: original.id } });
    expect(other.source).toBe(text("copied-too", '"A: copy"'));
  });

  test("requires a key that is free and valid", async () => {
    const { id } = await published("template");
    await published("taken");
    expect(await refused("clone", { id, key: "taken" })).toMatch(/BAD_USER_INPUT: input.key: The definition "taken" already exists/);
    expect(await refused("clone", { id, key: "Not A Key" })).toMatch(/BAD_USER_INPUT: input.key/);
    expect(await refused("clone", { id, name: "" })).toMatch(/BAD_USER_INPUT: input.name/);
    const globex = await weft.tenant();
    for (const verb of ["update", "delete", "clone", "deprecate", "retire"])
      expect(await refused(verb, { id }, globex.admin)).toMatch(/NOT_FOUND/);
  });
});

test("definitions are found by tag, by text and by status; the versions of a key are a list, newest first", async () => {
  const tenant = await weft.tenant();
  const who = tenant.admin;
  const make = (key: string, tags: string[], name?: string) => run("create", { source: text(key, name), tags }, who);
  await make("leave", ["hr"], "Leave request");
  await make("hire", ["hr", "legal"]);
  for (let n = 0; n < 3; n++) await make("buy", [], "Purchase");
  const found = async (filter: string): Promise<string[]> => {
    const { definitions } = await who.run<{ definitions: { edges: { node: { key: string } }[] } }>(
      `{ definitions(filter: { ${filter} }, orderBy: { field: KEY }) { edges { node { key } } } }`,
    );
    return [...new Set(definitions.edges.map(({ node }) => node.key))];
  };
  expect(await found('tag: { eq: "HR" }')).toEqual(["hire", "leave"]);
  expect(await found('tag: { in: ["legal", "none"] }')).toEqual(["hire"]);
  expect(await found("tag: { isNull: true }")).toEqual(["buy"]);
  expect(await found('search: { contains: "request leave" }')).toEqual(["leave"]);
  expect(await found('search: { contains: "LEGAL" }, status: { eq: DRAFT }')).toEqual(["hire"]);
  expect(await found('search: { contains: "100%" }')).toEqual([]);
  const versions =
    "query ($key: String!, $after: String) { definitionVersions(key: $key, first: 2, after: $after) { totalCount edges { node { number } } pageInfo { endCursor hasNextPage } } }";
  type Page = { definitionVersions: { edges: { node: { number: number } }[]; pageInfo: { endCursor: string } } };
  const first = await who.run<Page>(versions, { key: "buy" });
  expect(first).toMatchObject({
    definitionVersions: { totalCount: 3, edges: [{ node: { number: 3 } }, { node: { number: 2 } }], pageInfo: { hasNextPage: true } },
  });
  const after = first.definitionVersions.pageInfo.endCursor;
  expect(await who.run(versions, { key: "buy", after })).toMatchObject({ definitionVersions: { edges: [{ node: { number: 1 } }] } });
  expect(await who.refusal(versions, { key: "hire", after })).toBe("BAD_USER_INPUT");
  expect(await admin.run(versions, { key: "buy" })).toMatchObject({ definitionVersions: { totalCount: 0, edges: [] } });
});
