import { expect, test } from "vitest";
import { canonicalLocale, localeChain } from "./locales.js";

test("locales are looked up from the most specific to English", () => {
  expect(localeChain("de-AT", "fr")).toEqual(["de-AT", "de", "fr", "en"]);
  expect(localeChain(null, "nl-BE")).toEqual(["nl-BE", "nl", "en"]);
  expect(localeChain("zh-hant-tw", "en-GB")).toEqual(["zh-Hant-TW", "zh-Hant", "zh", "en-GB", "en"]);
  expect(localeChain(null, null)).toEqual(["en"]);
});

test("tags are canonical, and what is no tag is refused", () => {
  expect(canonicalLocale("DE-at")).toBe("de-AT");
  for (const tag of ["", "deutsch!", "de_AT", "x".repeat(36)]) expect(canonicalLocale(tag), tag).toBeNull();
});
