import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { composeSupergraph } from "@weft/gateway";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composeWithHash, supergraphOf } from "./supergraph.js";

const one = { name: "one", sdl: "type Query { a: Int }" };
const two = { name: "two", sdl: "type Query { b: Int }" };
let folder: string;
let file: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-supergraph-"));
  file = pathToFileURL(join(folder, "supergraph.graphql"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a start uses the file without composing if it was made from the same subgraphs, in any order", async () => {
  const written = `${composeWithHash([one, two])}# not composed again\n`;
  await writeFile(file, written);
  expect(supergraphOf([one, two], file)).toBe(written);
  expect(supergraphOf([two, one], file)).toBe(written);
});

test("a start composes if a subgraph has changed, or if the file is missing or does not say what it was made from", async () => {
  const changed = { name: "two", sdl: "type Query { b: Int c: Int }" };
  await writeFile(file, composeWithHash([one, two]));
  expect(supergraphOf([one, changed], file)).toBe(composeSupergraph([one, changed]));
  expect(supergraphOf([one], file)).toBe(composeSupergraph([one]));
  await writeFile(file, composeSupergraph([one, two]));
  expect(supergraphOf([one, changed], file)).toBe(composeSupergraph([one, changed]));
  expect(supergraphOf([one, two], new URL("none.graphql", file))).toBe(composeSupergraph([one, two]));
});
