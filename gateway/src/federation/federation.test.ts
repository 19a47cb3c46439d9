import { expect, test } from "vitest";
import { people, requests } from "../testing/subgraphs.js";
import { isComposed, markComposed } from "./composed.js";
import { apiSchemaOf, composeSupergraph, createFederation } from "./federation.js";

test("the supergraph is the same text for any order of the subgraphs and on every composition", () => {
  const [one, other] = [people(), requests()];
  expect(composeSupergraph([one, other])).toBe(composeSupergraph([requests(), people()]));
  expect(composeSupergraph([one, other])).toBe(composeSupergraph([one, other]));
});

test("clients see neither federation's internals nor inaccessible fields", () => {
  const hidden = {
    name: "hidden",
    sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@inaccessible"]) type Query { seen: Int unseen: Int @inaccessible }',
  };
  const schema = apiSchemaOf(composeSupergraph([people(), hidden]));
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(expect.arrayContaining(["me", "seen"]));
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).not.toEqual(expect.arrayContaining(["unseen"]));
  expect(Object.keys(schema.getTypeMap()).filter((name) => /join__|link__|_Entity|_Service/.test(name))).toEqual([]);
});

test("reports all composition errors at once, with the subgraphs' names", () => {
  const federated = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';
  const one = { name: "one", sdl: `${federated} type Query { a: Int @shareable, b: Int @shareable }` };
  const two = { name: "two", sdl: `${federated} type Query { a: String @shareable, b: String @shareable }` };
  expect(() => composeSupergraph([one, two])).toThrow(/one, two cannot be composed[^]*Query\.a[^]*Query\.b/);
});

test("refuses a supergraph with a subgraph that has no source, and reports its name", async () => {
  const supergraphSdl = composeSupergraph([people(), requests()]);
  const { api } = createFederation({ supergraphSdl, clients: new Map(), onMessage: () => undefined });
  await expect(api.load({ apollo: {} })).rejects.toThrow('"people"');
});

test("a supergraph that was changed after it was composed is validated", async () => {
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
  const named = {
    name: "named",
    sdl: `${link}
      interface Named { name: String }
      type Person implements Named @key(fields: "id") { id: ID! name: String }
      type Query { person: Person }`,
  };
  const other = { name: "other", sdl: `${link} type Person @key(fields: "id") { id: ID! age: Int }` };
  const load = (supergraphSdl: string): Promise<unknown> => {
    const clients = new Map([named, other].map(({ name }) => [name, {} as never]));
    const { api } = createFederation({ supergraphSdl, clients, onMessage: () => undefined });
    return api.load({ apollo: {} }).finally(() => api.stop());
  };
  const composed = `# a comment\n${composeSupergraph([named, other])}`;
  // The supergraph as a whole is still valid, but the subgraph "named" no longer is.
  const changed = composed.replace(/(type Person[^}]*name: String @join__field\(graph: )NAMED/, "$1OTHER");
  expect([isComposed(composed), isComposed(changed), isComposed(changed.replace(/^#.*\n/gm, ""))]).toEqual([true, false, false]);
  await expect(load(composed)).resolves.toBeDefined();
  await expect(load(changed)).rejects.toThrow("Named.name");
  // The mark is what makes the difference.
  await expect(load(markComposed(changed.replace(/^#.*\n/gm, "")))).resolves.toBeDefined();
});
