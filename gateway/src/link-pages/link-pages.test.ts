import { createHash } from "node:crypto";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway } from "../testing/start-gateway.js";
import type { TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase());
});
afterAll(() => weft.stop());

describe.each([
  "/invitation",
  "/verify-email",
  "/reset-password",
  "/asset",
  "/request",
  "/vendor-registration",
  "/notifications/unsubscribe",
])("the page %s", (path) => {
  test("runs only its own script, contacts no other host, and can be neither framed nor cached", async () => {
    const response = await fetch(weft.url + path);
    const html = await response.text();
    const script = /<script>([^]*)<\/script>/.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    expect(response.headers.get("content-security-policy")).toBe(
      `default-src 'none'; script-src 'sha256-${hash}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/https?:|\/\/\w|\son\w+=|style=|innerHTML/);
  });

  test("is the same for every request and contains nothing from the URL", async () => {
    const plain = await (await fetch(weft.url + path)).text();
    const odd = await fetch(`${weft.url}${path}?token=%3Cscript%3Ealert(1)%3C/script%3E`, {
      headers: { "x-forwarded-host": "evil.example" },
    });
    expect(await odd.text()).toBe(plain);
  });
});

test("the page /task runs only its own script, with its own style", async () => {
  const response = await fetch(`${weft.url}/task`);
  const html = await response.text();
  const hashOf = (name: string): string =>
    createHash("sha256")
      .update(new RegExp(`<${name}>([^]*)</${name}>`).exec(html)?.[1] ?? "")
      .digest("base64");
  expect(response.headers.get("content-security-policy")).toBe(
    `default-src 'none'; script-src 'sha256-${hashOf("script")}'; style-src 'sha256-${hashOf("style")}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(html).not.toMatch(/https?:|\son\w+=|style=|innerHTML/);
});

describe.each(["/invitation", "/verify-email", "/reset-password", "/task"])("the page %s", (path) => {
  test("sends one mutation that accepts a token", async () => {
    const html = await (await fetch(weft.url + path)).text();
    const { definitions } = parse(/data-mutation="([^"]*)"/.exec(html)?.[1] ?? "");
    expect(definitions).toMatchObject([{ kind: "OperationDefinition", operation: "mutation" }]);
    expect(html).toContain("token: $token");
  });
});
