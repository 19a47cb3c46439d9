import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { aMaintenanceTenant } from "@weft/testkit";
import { expectAccessible, expectNoOverflow, expectQuiet, logIn, openConsole, type TestConsole } from "@weft/testkit/browser/open-console";
import { afterAll, beforeAll, test } from "vitest";

const folder = fileURLToPath(new URL("../../../console/", import.meta.url));

let site: TestConsole;
let server: ChildProcess | undefined;
beforeAll(async () => {
  // The build has also written the types of the operations, as `pnpm dev` does first.
  site = await openConsole();
}, 240_000);
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  await site?.stop();
});

/** Starts the development server as `pnpm dev` does. Returns its URL, when it serves. */
async function startVite(): Promise<string> {
  const args = [`${folder}node_modules/vite/bin/vite.js`, "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"];
  const env = { ...process.env, NODE_ENV: "development", NO_COLOR: "1", WEFT_URL: site.weft.url };
  server = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"], env });
  if (!server.stdout) throw new Error("The development server has no output.");
  for await (const line of createInterface(server.stdout)) {
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("The development server has ended.");
}

test("the development server opens the console logged in, and the gallery, which is accessible in both colors and sizes", async () => {
  const { operations } = await aMaintenanceTenant(site.weft);
  const url = await startVite();
  const page = await site.opened();
  await page.goto(`${url}/console/gallery`);
  await logIn(page, operations);
  await page.untilText("h1", "Gallery");
  await expectAccessible(page);
  await expectNoOverflow(page);
  expectQuiet(page);
}, 240_000);
