import { expect, test } from "vitest";
import { people, requests } from "../testing/subgraphs.js";
import { apiSchemaOf, composeSupergraph, createFederatedGateway } from "./federation.js";

test("the supergraph is the same text whatever the order of the subgraphs, and again", () => {
  const [one, other] = [people(), requests()];
  expect(composeSupergraph([one, other])).toBe(composeSupergraph([requests(), people()]));
  expect(composeSupergraph([one, other])).toBe(composeSupergraph([one, other]));
});

test("clients see neither the machinery of federation nor what is inaccessible", () => {
  const hidden = {
    name: "hidden",
    sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@inaccessible"]) type Query { seen: Int unseen: Int @inaccessible }',
  };
  const schema = apiSchemaOf(composeSupergraph([people(), hidden]));
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(expect.arrayContaining(["me", "seen"]));
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).not.toEqual(expect.arrayContaining(["unseen"]));
  expect(Object.keys(schema.getTypeMap()).filter((name) => /join__|link__|_Entity|_Service/.test(name))).toEqual([]);
});

test("everything that does not compose is said at once, with the subgraphs' names", () => {
  const federated = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';
  const one = { name: "one", sdl: `${federated} type Query { a: Int @shareable, b: Int @shareable }` };
  const two = { name: "two", sdl: `${federated} type Query { a: String @shareable, b: String @shareable }` };
  expect(() => composeSupergraph([one, two])).toThrow(/one, two do not compose[^]*Query\.a[^]*Query\.b/);
});

test("a supergraph with a subgraph that has no source is refused by name", async () => {
  const supergraphSdl = composeSupergraph([people(), requests()]);
  const gateway = createFederatedGateway({ supergraphSdl, clients: new Map(), onMessage: () => undefined });
  await expect(gateway.load({ apollo: {} })).rejects.toThrow('"people"');
});
