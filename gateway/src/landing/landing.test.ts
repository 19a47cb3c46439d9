import { tmpdir } from "node:os";
import { demoLogins } from "@weft/shared/demo";
import { cloneDatabase } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
let html: string;
beforeAll(async () => {
  weft = await startTestGateway(await cloneDatabase(), { gateway: () => ({ consoleSite: tmpdir() }) });
  html = await (await fetch(weft.url)).text();
});
afterAll(() => weft.stop());

test("the landing page offers the console first, as a link and for each demo login", () => {
  expect(/<nav[^>]*>.*?<a href="([^"]*)"/s.exec(html)?.[1]).toBe("/console/");
  const buttons = [...html.matchAll(/data-opens="(\w+)" data-login="([^"]*)"/g)].map(([, opens, login]) => [opens, login]);
  expect(buttons).toEqual(
    demoLogins.flatMap(({ email }) => [
      ["console", email],
      ["explorer", email],
    ]),
  );
});

test("each button says as whom it opens what", () => {
  const names = [...html.matchAll(/<button [^>]*aria-label="([^"]*)"/g)].map(([, name]) => name);
  expect(names).toHaveLength(2 * demoLogins.length);
  expect(names.slice(0, 2)).toEqual(["Open the console as Ada Admin", "Explorer as Ada Admin"]);
});

test("no secret is part of an address on the landing page", () => {
  for (const [, address = ""] of html.matchAll(/(?:href|src|action)="([^"]*)"/g))
    for (const { password } of demoLogins) expect(address).not.toContain(password);
});
