import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { runProgram } from "@weft/testkit/processes/weft-process";
import { TestUser } from "@weft/testkit/test-user";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { isProgramName, programs } from "./programs.ts";

const root = join(import.meta.dirname, "../..");
const inOneProcess: readonly string[] = ["main", "server", "demo"];
let folder: string;
let installation: Installation;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-processes-"));
  for (const program of Object.keys(programs).filter(isProgramName))
    if (!inOneProcess.includes(program)) await bundle({ root, program, folder });
  installation = await startInstallation({ bundles: folder });
});
afterAll(async () => {
  await installation?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the bundles of all processes make an installation", async () => {
  const password = "a quiet river 42";
  const args = ["create", "--slug", "acme", "--name", "Acme", "--admin-email", "ada@acme.example"];
  const made = await runProgram({ program: join(folder, "tenant-cli.js"), args, env: installation.env }, `${password}\n`);
  expect(made).toMatchObject({ code: 0 });
  const admin = await TestUser.login(installation.gateways[0]?.url ?? "", "ada@acme.example", password);
  expect(
    await admin.run("{ me { email } requests(first: 1) { edges { node { id } } } definitions(first: 1) { edges { node { id } } } }"),
  ).toEqual({ me: { email: "ada@acme.example" }, requests: { edges: [] }, definitions: { edges: [] } });
  expect(
    await admin.run("{ vendors(first: 1) { edges { node { id } } } auditEntries(first: 1) { edges { node { action } } } }"),
  ).toMatchObject({
    vendors: { edges: [] },
    auditEntries: { edges: [{}] },
  });
});
