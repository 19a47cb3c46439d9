import { expect, test } from "vitest";
import { neededBy } from "./programs.ts";

test.each([
  ["main", [], ["main", "server"]],
  ["gateway", ["start"], ["gateway"]],
  ["weft", ["doctor"], ["weft"]],
  ["weft", ["start"], ["weft", "main", "server"]],
  ["weft", ["--url", "http://127.0.0.1:4000", "demo"], ["weft", "demo"]],
] as const)("%s with the arguments %j needs %j", (name, args, needed) => {
  expect(neededBy(name, args)).toEqual(needed);
});
