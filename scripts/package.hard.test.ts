import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { TestUser } from "@weft/testkit/test-user";
import { until } from "@weft/testkit/until";
import { weftProcess } from "@weft/testkit/processes/weft-process";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
let folder: string;
let weft: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-package-"));
  const { stdout } = await run(process.execPath, ["scripts/package.ts", folder], { cwd: root });
  const installed = join(folder, "installed");
  mkdirSync(installed);
  await run("npm", ["install", "--prefix", installed, "--no-audit", "--no-fund", stdout.trim()], { cwd: installed });
  weft = join(installed, "node_modules/weft/bin/weft.js");
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the installed command creates the data of a demo without serving anybody, and repeated does nothing", async () => {
  const env = { ...process.env, WEFT_DATA_DIR: join(folder, "seeded"), WEFT_DEMO_DATA: "minimal", LOG_LEVEL: "warn" };
  for (let time = 0; time < 2; time++)
    expect((await run(process.execPath, [weft, "seed"], { env })).stdout).toBe("The demo data is complete.\n");
  expect(readPidFile(join(folder, "seeded/postgres")).kind).toBe("none");
}, 300_000);

test("the package runs Weft outside of the repository, with its own PostgreSQL, and answers over several subgraphs", async () => {
  const port = await findFreePort();
  const env = { PORT: String(port), WEFT_DATA_DIR: join(folder, "data"), WEFT_DEMO_DATA: "minimal", LOG_LEVEL: "warn" };
  const server = weftProcess({ name: "packaged Weft", program: weft, args: ["start"], env }, `http://127.0.0.1:${port}`);
  await server.start();
  try {
    const user = await TestUser.login(server.url, "operations@acme.com", "operations123");
    const answer = await user.run(
      "{ me { name roles { key } } definitions(first: 1) { edges { node { key } } } vendors(first: 1) { edges { node { name } } } }",
    );
    expect(answer).toMatchObject({ me: { name: "Olga Operations" }, vendors: { edges: [{ node: { name: "Northwind Lifts" } }] } });
    const { stdout } = await run(process.execPath, [weft, "doctor", "--json"], {
      env: { ...process.env, WEFT_DATA_DIR: env.WEFT_DATA_DIR },
    }).catch((error: unknown) => error as { stdout: string });
    expect(JSON.parse(stdout)).toMatchObject({
      checks: expect.arrayContaining([
        expect.objectContaining({ name: "port", status: "ok", message: `Weft runs at http://127.0.0.1:${port}.` }),
      ]) as unknown,
    });
    await until(() => fetch(`${server.url}/health/ready`).then(({ ok }) => ok), { what: "the packaged Weft is ready" });
  } finally {
    expect(await server.end("SIGTERM")).toBe(0);
  }
  expect(server.output()).not.toMatch(/Error:|ERR_/);
}, 300_000);

test("the package contains the composed schemas, so that its start does not compose", () => {
  for (const name of ["supergraph.graphql", "vendor-portal.graphql"]) {
    const text = readFileSync(join(weft, "../../dist", name), "utf8");
    expect(text).toBe(readFileSync(join(root, "dist", name), "utf8"));
    expect(text).toMatch(/SHA-256 [0-9a-f]{64}\n/);
  }
});

test("the installed command writes its version", async () => {
  expect((await run(process.execPath, [weft, "--version"])).stdout).toBe("0.1.0\n");
});
