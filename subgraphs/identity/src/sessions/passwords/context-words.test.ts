import { expect, test } from "vitest";
import { containsContextWord } from "./context-words.js";

const names = ["Li Österberg", "li.osterberg@example.com", "Grand Hotel & Co", "grand-hotel"];

test.each([
  "österberg 2026",
  "my ÖSTERBERG river",
  "Li-Osterberg!!",
  "xx LIOSTERBERG xx",
  "o s t e r b e r g 1",
  "the grandhotel river",
  "Hotel12345",
  "Li 12345678",
  "I love Weft 42",
])("a password with a name is found: %s", (password) => {
  expect(containsContextWord(password, names)).toBe(true);
});

test.each([
  // The domain of an address is not about its user.
  "an example of a river",
  // Short names occur in other words.
  "the little company river",
  "a quiet river 42",
])("a password without a name is not: %s", (password) => {
  expect(containsContextWord(password, names)).toBe(false);
});
