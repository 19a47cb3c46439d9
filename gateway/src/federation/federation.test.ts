import { expect, test } from "vitest";
import { people, requests } from "../testing/subgraphs.js";
import { apiSchemaOf, composeSupergraph, createFederatedGateway } from "./federation.js";

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
  const gateway = createFederatedGateway({ supergraphSdl, clients: new Map(), onMessage: () => undefined });
  await expect(gateway.load({ apollo: {} })).rejects.toThrow('"people"');
});
