import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { filled, namesOf } from "./names.ts";
import { registrations, subgraphs } from "./registrations.ts";

const root = new URL("../../", import.meta.url);

test.for(subgraphs)("the places in which a new aggregate of %s is registered occur once", (subgraph) => {
  const names = namesOf("floorPlan", { subgraph });
  const unclear = registrations(subgraph)
    .map(({ file, anchor }) => ({ file: filled(file, names), anchor: filled(anchor, names) }))
    .filter(({ file, anchor }) => readFileSync(new URL(file, root), "utf8").split(anchor).length !== 2);
  expect(unclear).toEqual([]);
});
