import { expect, test } from "vitest";
import { partsOf, textWithLink } from "./text-message.js";

const url = "https://app.example";

test("a short text is followed by its link, and counts in parts of its alphabet", () => {
  expect(textWithLink("Grüße", url)).toBe("Grüße\nhttps://app.example");
  expect([partsOf("a".repeat(160)), partsOf("a".repeat(161)), partsOf("€".repeat(80)), partsOf("€".repeat(81))]).toEqual([1, 2, 1, 2]);
  expect([partsOf("👋".repeat(35)), partsOf("👋".repeat(36)), partsOf("ж".repeat(70))]).toEqual([1, 2, 1]);
});

test.each([
  ["a", 300],
  ["€", 220],
  ["ж", 178],
  ["👋", 89],
])("a long text of %s is cut so that it and its link fit into three parts", (character, kept) => {
  const text = textWithLink(character.repeat(1000), url);
  expect(text.endsWith(`...\n${url}`)).toBe(true);
  expect(text.isWellFormed()).toBe(true);
  expect(partsOf(text)).toBe(3);
  expect(Array.from(text.slice(0, -url.length - 4)).length).toBeLessThanOrEqual(kept);
});

test("a link that leaves no room is omitted", () => {
  expect(textWithLink("Hello", `https://app.example/${"x".repeat(400)}`)).toBe("Hello");
});
