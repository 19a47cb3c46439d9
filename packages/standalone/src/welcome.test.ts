import { demoLogins, loadConfig } from "@weft/shared";
import { expect, test } from "vitest";
import { welcome } from "./welcome.js";

test("the start's output names every demo login with its password", () => {
  const text = welcome(loadConfig({}, {}), "http://127.0.0.1:4000", { startMs: 2_000, isPastComing: false });
  for (const { email, password } of demoLogins) expect(text).toMatch(new RegExp(`^ +${email} +${password} `, "m"));
});

test("in production it names none", () => {
  const text = welcome({ ...loadConfig({}, {}), mode: "production" }, "http://127.0.0.1:4000", { startMs: 2_000, isPastComing: false });
  for (const { email, password } of demoLogins) {
    expect(text).not.toContain(email);
    expect(text).not.toContain(password);
  }
});

test("while Acme's past is made, it says so", () => {
  const told = (isPastComing: boolean) => welcome(loadConfig({}, {}), "http://127.0.0.1:4000", { startMs: 2_000, isPastComing });
  expect(told(true)).toContain("Acme's past of three months is being made now");
  expect(told(false)).not.toContain("past");
});
