import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { ApiClient, startTestWeft, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seedDemo } from "../seed/seed.js";

const root = new URL("../../../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const scripts = (JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: Record<string, string> }).scripts;
const blocks = [...readme.matchAll(/^```sh\n([^`]*)^```$/gm)].map(([, text = ""]) => text);

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It seeds the tenants of the demo." });
  await seedDemo(weft.weft.services, new ApiClient(weft.url));
}, 60_000);
afterAll(() => weft.stop());

test("the README's first command starts Weft, and every pnpm command it mentions exists", () => {
  expect(blocks[0]?.trim()).toBe("npx --yes pnpm start");
  const named = [...readme.matchAll(/pnpm (?:run )?([a-z]+(?::[a-z]+)?)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("the README's curl commands work as written, in sequence in a shell", async () => {
  const curls = blocks.filter((block) => block.includes("curl "));
  expect(curls.length).toBeGreaterThan(0);
  const script = curls.join("\n").replaceAll("http://127.0.0.1:4000", weft.url);
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script]);
  expect(JSON.parse(stdout)).toEqual({ data: { requests: { edges: expect.any(Array) as unknown } } });
});
