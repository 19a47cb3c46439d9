import { expect, test } from "vitest";
import { keptPerSupergraph } from "./kept-per-supergraph.js";

test("reads a supergraph once, and again only after another one", () => {
  const read: string[] = [];
  const lengthOf = keptPerSupergraph((supergraphSdl) => {
    read.push(supergraphSdl);
    return supergraphSdl.length;
  });
  expect(["one", "one", "three", "three", "one"].map(lengthOf)).toEqual([3, 3, 5, 5, 3]);
  expect(read).toEqual(["one", "three", "one"]);
});
