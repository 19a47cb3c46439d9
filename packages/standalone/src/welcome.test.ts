import { demoLogins, loadConfig } from "@weft/shared";
import { expect, test } from "vitest";
import { welcome } from "./welcome.js";

test("the start's output names every demo login with its password", () => {
  const text = welcome(loadConfig({}, {}), "http://127.0.0.1:4000", 2_000);
  for (const { email, password } of demoLogins) expect(text).toMatch(new RegExp(`^ +${email} +${password} `, "m"));
});

test("in production it names none", () => {
  const text = welcome({ ...loadConfig({}, {}), mode: "production" }, "http://127.0.0.1:4000", 2_000);
  for (const { email, password } of demoLogins) {
    expect(text).not.toContain(email);
    expect(text).not.toContain(password);
  }
});
