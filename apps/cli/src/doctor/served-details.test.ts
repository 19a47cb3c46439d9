import { loadConfig } from "@weft/platform/config";
import { expect, test } from "vitest";
import { checkServedDetails } from "./security.js";

/** Names of the warnings about a demo with these settings, if it were in production. */
const warnings = (settings: Record<string, string>): string[] =>
  checkServedDetails({ ...loadConfig({}, settings), mode: "production" }).map(({ name }) => name);

test("a console where nobody can log in is a warning", () => {
  expect(warnings({})).toContain("console");
  expect(warnings({ WEFT_PUBLIC_URL: "http://weft.example.com" })).toContain("console");
  for (const settings of [
    { WEFT_PUBLIC_URL: "https://weft.example.com" },
    { WEFT_COOKIE_ORIGINS: "https://weft.example.com" },
    { WEFT_CONSOLE: "off" },
  ])
    expect(warnings(settings)).not.toContain("console");
});
