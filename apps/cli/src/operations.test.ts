import { createHash } from "node:crypto";
import { sharedWeft, type SharedWeft, type TestTenant } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTerminal, type TestTerminal } from "./cli.fixture.js";
import type { PushOutput } from "./output/outputs.js";

let weft: SharedWeft;
let tenant: TestTenant;
let at: TestTerminal;

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  at = openTerminal({ WEFT_URL: weft.url, WEFT_PASSWORD: tenant.admin.password });
  await at.weft(["login", "--user", tenant.admin.login]);
});
afterAll(() => at.close());

const mine = "query Mine { me { name } }";
const hash = createHash("sha256").update(mine).digest("hex");

test("a manifest is pushed, and its operations run by their IDs", async () => {
  at.write("documents.json", JSON.stringify({ [hash]: mine }));
  const args = ["operations", "push", "documents.json", "--application", "field-app", "--environment", "STAGING"];
  const { code, out } = await at.weft([...args, "--create", "--label", "3f2a1b"]);
  expect(code).toBe(0);
  expect(out).toContain("Stored 1 operation of field-app as version 1 in STAGING.");
  const application = /Weft-Application: (\S+)/.exec(out)?.[1] ?? "";
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tenant.admin.token}`, "weft-application": application },
    body: JSON.stringify({ documentId: hash }),
  });
  expect(await response.json()).toMatchObject({ data: { me: {} } });
  const { data } = await at.json<PushOutput>("operations-push", args);
  expect(data).toMatchObject({ application: { key: "field-app" }, environment: "STAGING", manifest: { number: 1 }, documents: 1 });
});

test("every problem of a manifest is shown, and nothing is stored", async () => {
  at.write("wrong.json", JSON.stringify({ a: "query A { me { nothing } }", b: "query B {" }));
  const { code, err } = await at.weft(["operations", "push", "wrong.json", "--application", "wrong-app", "--create"]);
  expect(code).toBe(1);
  expect(err).toContain('Document "a": Line 1, column 16: Cannot query field "nothing" on type "User".');
  expect(err).toContain('Document "b": Line 1, column 10: Syntax Error');
});

test.each([
  ["a file that does not exist", ["nowhere.json", "--application", "field-app"], 2, "cannot be read"],
  ["no application", ["documents.json"], 2, "--application"],
  ["an application that does not exist", ["documents.json", "--application", "other-app"], 1, "pass --create"],
  ["a number that makes no sense", ["documents.json", "--application", "field-app", "--keep", "0"], 2, "--keep 0"],
])("%s is refused", async (_what, args, code, message) => {
  at.write("documents.json", JSON.stringify({ [hash]: mine }));
  const finished = await at.weft(["operations", "push", ...args]);
  expect(finished.code).toBe(code);
  expect(finished.err).toContain(message);
});
