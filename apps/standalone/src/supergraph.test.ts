import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { authenticated, staff } from "@weft/api/rules";
import type { Subgraph } from "@weft/api/subgraph";
import { afterEach, beforeEach, expect, test } from "vitest";
import { composedSupergraph, supergraphFile, supergraphOf, vendorPortalFile, vendorPortalFor } from "./supergraph.js";

const one = { name: "one", sdl: "type Query { a: Int }" };
const two = { name: "two", sdl: "type Query { b: Int }" };
const changed = { name: "two", sdl: "type Query { b: Int c: Int }" };
let path: string;
let folder: URL;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "weft-supergraph-"));
  folder = pathToFileURL(`${path}/dist/`);
});
afterEach(() => rm(path, { recursive: true }));

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(name, folder), text);
};
const read = (name: string): Promise<string> => readFile(new URL(name, folder), "utf8");

test("a start uses the file without composing if it was made from the same subgraphs, in any order", async () => {
  const written = `${composedSupergraph([one, two])}# not composed again\n`;
  await write(supergraphFile, written);
  expect(supergraphOf([one, two], folder)).toBe(written);
  expect(supergraphOf([two, one], folder)).toBe(written);
});

test("a start composes if a subgraph has changed, or if the file is missing or does not say what it was made from, and writes the file", async () => {
  expect(supergraphOf([one, two], folder)).toBe(composedSupergraph([one, two]));
  expect(await read(supergraphFile)).toBe(composedSupergraph([one, two]));
  expect(supergraphOf([one, changed], folder)).toBe(composedSupergraph([one, changed]));
  await write(supergraphFile, "type Query { a: Int }");
  expect(supergraphOf([one, changed], folder)).toBe(composedSupergraph([one, changed]));
  expect(await read(supergraphFile)).toBe(composedSupergraph([one, changed]));
  expect(await readdir(folder)).toEqual([supergraphFile]);
});

test("a start composes where it cannot write", async () => {
  await writeFile(join(path, "dist"), "a file where the folder would be");
  expect(supergraphOf([one, two], folder)).toBe(composedSupergraph([one, two]));
});

const subgraphs = (rule: Subgraph["rules"][number]["rule"]): readonly Subgraph[] => {
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])';
  const sdl = `${link} type Query { job: Job @tag(name: "vendor-portal") } type Job { id: ID! cost: Int }`;
  return [{ name: "one", sdl, rules: [{ type: "Job", field: "cost", rule, class: "guard" }] } as unknown as Subgraph];
};

test("the schema of the vendor portal is written, used, and made again if a rule has changed although no SDL has", async () => {
  expect(vendorPortalFor(subgraphs(authenticated), folder)).toContain("cost: Int");
  expect((await readdir(folder)).toSorted()).toEqual([supergraphFile, vendorPortalFile]);
  const written = `${await read(vendorPortalFile)}# not made again\n`;
  await write(vendorPortalFile, written);
  expect(vendorPortalFor(subgraphs(authenticated), folder)).toBe(written);
  expect(vendorPortalFor(subgraphs(staff), folder)).not.toContain("cost: Int");
  expect(await read(vendorPortalFile)).not.toContain("cost: Int");
});
