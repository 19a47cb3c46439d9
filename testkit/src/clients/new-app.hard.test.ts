import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser } from "../browser/open-browser.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { linkCodeGenerator, pack, root, run } from "./packed.js";

const initializer = join(root, "packages/create-weft-app");
const visit = `weft: 1
key: visit
name: Visit
initial: open
states:
  open: { task: { title: Visit, candidates: { roles: [operations] } }, transitions: { close: { title: Close the visit, to: done } } }
  done: { title: Done, final: completed }
`;

let weft: TestWeft;
let browser: TestBrowser;
let folder: string;
let server: ChildProcess | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-new-app-"));
  mkdirSync(join(folder, "packages"));
  await pack(["client", "react"], join(folder, "packages"));
  weft = await startTestWeft({ alone: "A browser keeps connections open." });
  browser = await openBrowser();
});
afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  await browser.close();
  await weft.stop();
  rmSync(folder, { recursive: true });
});

/** Starts the development server of an application. Returns its URL, when it serves. */
async function startVite(app: string): Promise<string> {
  // Its own program instead of `npm run dev`, so that ending the process ends the server.
  const args = [join(app, "node_modules/vite/bin/vite.js"), "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"];
  server = spawn(process.execPath, args, { cwd: app, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NO_COLOR: "1" } });
  if (!server.stdout) throw new Error("The development server has no output.");
  for await (const line of createInterface(server.stdout)) {
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("The development server has ended.");
}

test("a newcomer creates an application, starts it, changes it, and sees what others do", { timeout: 400_000 }, async () => {
  const times: string[] = [];
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    times.push(`${what} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return result;
  };
  const tenant = await weft.tenant();
  await tenant.definition(visit);
  const colleague = await tenant.user("workflow_manager");
  const newcomer = await tenant.user("operations");
  const start = async (): Promise<void> =>
    void (await colleague.run('mutation { startWorkflow(input: { definitionKey: "visit" }) { instance { id } } }'));

  const app = join(folder, "my-app");
  const create = [join(initializer, "dist/main.js"), "my-app", "--url", weft.url, "--packages", "packages"];
  await timed("create", () => run(process.execPath, create, folder));
  await timed("install", () => run("npm", ["install", "--no-audit", "--no-fund"], app));
  const url = await timed("start", () => startVite(app));
  const page = await browser.page();
  await timed("log in", async () => {
    await page.goto(url);
    await page.fill("[name=login]", newcomer.login);
    await page.fill("[name=password]", newcomer.password);
    await page.click("button.primary");
    await page.untilText("main", "There is nothing to do for you.");
    await page.untilText("[role=status]", "Live");
  });

  await page.evaluate("globalThis.isSamePage = true");
  await timed("see a colleague's task", async () => {
    await start();
    await page.untilText(".list strong", "Visit");
  });
  const source = join(app, "src/inbox/inbox.tsx");
  const code = readFileSync(source, "utf8");
  await timed("change the source", async () => {
    const changed = code.replace("<strong>{title}</strong>", "<strong>To do: {title}</strong>");
    expect(changed).not.toBe(code);
    writeFileSync(source, changed);
    await page.untilText(".list strong", "To do: Visit");
  });
  await start();
  await page.until("document.querySelectorAll('.list li').length === 2", "there are two tasks");

  await page.click(".list a");
  await page.untilText("main", "What do you decide?");
  await page.click("main ::-p-text(Close the visit)");
  await page.untilText("main", "Close the visit: done.");
  await page.evaluate("location.hash = '#/inbox'");
  await page.until("document.querySelectorAll('.list li').length === 1", "there is one task");
  expect(await page.evaluate("globalThis.isSamePage"), "the page was never loaded again").toBe(true);
  expect([page.consoleErrors, page.externalRequests]).toEqual([[], []]);

  // They expect the titles as they were.
  writeFileSync(source, code);
  await timed("its tests", () => run("npm", ["test"], app));
  await timed("build", () => run("npm", ["run", "build"], app));
  expect(readdirSync(join(app, "dist"))).toContain("index.html");
  console.log(times.join(", "));
});

test("the types of the template are those that its code generator writes for the schema", async () => {
  const copy = join(folder, "template");
  cpSync(join(initializer, "template"), copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  const written = (): string[] => readdirSync(join(copy, "src/gql")).map((name) => readFileSync(join(copy, "src/gql", name), "utf8"));
  const committed = written();
  mkdirSync(join(copy, "node_modules"));
  linkCodeGenerator(join(copy, "node_modules"));
  const config = join(copy, "codegen/codegen.json");
  const { schema, ...rest } = JSON.parse(readFileSync(config, "utf8")) as { readonly schema: string };
  expect(schema).toBe("../node_modules/@weft/client/schema.graphql");
  writeFileSync(config, JSON.stringify({ ...rest, schema: join(root, "schema.graphql") }));
  rmSync(join(copy, "src/gql"), { recursive: true });
  await run(process.execPath, ["../node_modules/@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json"], join(copy, "codegen"));
  expect(written()).toEqual(committed);
});
