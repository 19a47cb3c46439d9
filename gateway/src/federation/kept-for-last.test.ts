import { expect, test } from "vitest";
import { keptForLast } from "./kept-for-last.js";

test("reads a value once, and again only after another one", () => {
  const read: string[] = [];
  const lengthOf = keptForLast((text: string) => {
    read.push(text);
    return text.length;
  });
  expect(["one", "one", "three", "three", "one"].map(lengthOf)).toEqual([3, 3, 5, 5, 3]);
  expect(read).toEqual(["one", "three", "one"]);
});
