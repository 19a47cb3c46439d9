import { loadExampleDefinition, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const create = `mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id document format } } }`;
const diff = `query ($from: ID!, $to: ID!) { diffDefinitions(from: $from, to: $to) { from { number } to { number } totalChanges changes { kind part path before after } } }`;
const exported = `query ($id: ID!, $format: DefinitionFormat!) { exportDefinition(id: $id, format: $format) { source format fileName } }`;

type Created = { createDefinition: { definition: { id: string; document: unknown; format: string } } };
type Exported = { exportDefinition: { source: string; format: string; fileName: string } };

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const save = async (who: TestUser, source: string, format?: string) =>
  (await who.run<Created>(create, { input: { source, ...(format && { format }) } })).createDefinition.definition;

test("two versions are compared part by part, and each difference has its path", async () => {
  const { admin } = await weft.tenant();
  // The scenarios refer to parts that are removed here.
  const [withoutScenarios = ""] = (await loadExampleDefinition("maintenance-request")).split("scenarios:\n");
  const source = `# Version one\n${withoutScenarios}`;
  const { id: from } = await save(admin, source);
  const { id: to } = await save(
    admin,
    source
      .replace("# Version one", "# Version two")
      .replace('"data.estimate <= 5000"', '"data.estimate <= 9000"')
      .replace("estimate: { type: number, minimum: 0 }", "estimate: { type: number, minimum: 0 }\n    urgent: { type: boolean }")
      .replace("      reopen: { to: in_progress, allow: { owner: true }, comment: required }\n", ""),
  );
  expect(await admin.run(diff, { from, to })).toEqual({
    diffDefinitions: {
      from: { number: 1 },
      to: { number: 2 },
      totalChanges: 3,
      changes: [
        { kind: "ADDED", part: "FIELD", path: "data.properties.urgent", before: null, after: { type: "boolean" } },
        {
          kind: "CHANGED",
          part: "CONDITION",
          path: "states.triage.transitions.approve.when",
          before: "data.estimate <= 5000",
          after: "data.estimate <= 9000",
        },
        {
          kind: "REMOVED",
          part: "TRANSITION",
          path: "states.done.transitions.reopen",
          before: { to: "in_progress", allow: { owner: true }, comment: "required" },
          after: null,
        },
      ],
    },
  });
  expect(await admin.run(diff, { from, to: from })).toMatchObject({ diffDefinitions: { totalChanges: 0, changes: [] } });
  const { admin: stranger } = await weft.tenant();
  expect(await stranger.refusal(diff, { from, to })).toBe("NOT_FOUND");
  expect(await admin.refusal(diff, { from, to: admin.id })).toBe("BAD_USER_INPUT");
});

test("an operation that would read megabytes of definitions is refused", { tags: "slow" }, async () => {
  const { admin } = await weft.tenant();
  const states = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [
      `s${index}`,
      { description: "x".repeat(2000), transitions: { go: { to: index === 399 ? "done" : `s${index + 1}` } } },
    ]),
  );
  const ids: string[] = [];
  for (const name of ["One", "Two", "Three", "Four"]) {
    const document = { weft: 1, key: "big", name, initial: "s0", states: { ...states, done: { final: "completed" } } };
    ids.push((await save(admin, JSON.stringify(document))).id);
  }
  const many = (count: number) =>
    `{ ${Array.from({ length: count }, (_, n) => `e${n}: exportDefinition(id: "${ids[n % ids.length]}", format: JSON) { fileName }`).join(" ")} }`;
  expect((await admin.send(many(2))).errors).toBeUndefined();
  expect(await admin.refusal(many(4))).toBe("QUERY_LIMIT_EXCEEDED");
});

test("a definition can be moved from one tenant to another as YAML with its comments, or as JSON, with the same meaning there", async () => {
  const [{ admin }, { admin: other }] = [await weft.tenant(), await weft.tenant()];
  const source = `# How we mend things\n${await loadExampleDefinition("maintenance-request")}`;
  const ours = await save(admin, source);
  const { exportDefinition: yaml } = await admin.run<Exported>(exported, { id: ours.id, format: "YAML" });
  expect(yaml).toEqual({ source, format: "YAML", fileName: "maintenance-request-1.yaml" });
  expect((await save(other, yaml.source, yaml.format)).document).toEqual(ours.document);
  const { exportDefinition: json } = await admin.run<Exported>(exported, { id: ours.id, format: "JSON" });
  expect(json.fileName).toBe("maintenance-request-1.json");
  const theirs = await save(other, json.source, json.format);
  expect(theirs).toMatchObject({ document: ours.document, format: "JSON" });
  const { exportDefinition: back } = await other.run<Exported>(exported, { id: theirs.id, format: "YAML" });
  expect((await save(other, back.source, "YAML")).document).toEqual(ours.document);
  expect(await other.run(diff, { from: theirs.id, to: theirs.id })).toMatchObject({ diffDefinitions: { changes: [] } });
  expect(await other.refusal(exported, { id: ours.id, format: "YAML" })).toBe("NOT_FOUND");
});
