import { demoLogins } from "@weft/shared/demo";
import { loadConfig } from "@weft/platform/config";
import { expect, test } from "vitest";
import { welcome } from "./welcome.js";

test("the start's output lists every demo login with its password", () => {
  const text = welcome(loadConfig({}, {}), "http://127.0.0.1:4000", { startMs: 2_000, isPackaged: false, isPastComing: false });
  for (const { email, password } of demoLogins) expect(text).toMatch(new RegExp(`^ +${email} +${password} `, "m"));
});

test("the output lists no logins in production", () => {
  const text = welcome({ ...loadConfig({}, {}), mode: "production" }, "http://127.0.0.1:4000", {
    startMs: 2_000,
    isPackaged: false,
    isPastComing: false,
  });
  for (const { email, password } of demoLogins) {
    expect(text).not.toContain(email);
    expect(text).not.toContain(password);
  }
});

test("the output says that Acme's history is being created", () => {
  const told = (isPastComing: boolean) =>
    welcome(loadConfig({}, {}), "http://127.0.0.1:4000", { startMs: 2_000, isPackaged: false, isPastComing });
  expect(told(true)).toContain("Weft is creating three months of history for Acme");
  expect(told(false)).not.toContain("past");
});
