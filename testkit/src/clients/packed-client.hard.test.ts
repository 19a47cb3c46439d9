import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { checkPacked, filesIn, pack, run } from "./packed.js";

const program = `
import { createWeftClient } from "@weft/client";
import { MyTasksDocument } from "@weft/client/operations";
import WebSocket from "ws";
const [url, login, password] = process.argv.slice(2);
// Node 20 has none of its own.
const weft = createWeftClient({ url, ...(globalThis.WebSocket ? {} : { webSocket: WebSocket }) });
await weft.session.logIn({ login, password });
const { liveCursor } = await weft.query(MyTasksDocument, {});
const { me } = await weft.query("{ me { id } }");
await weft.mutate("mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }", { input: { definitionKey: "visit" } });
const changes = "subscription ($after: String) { taskChanged(after: $after) { cursor task { title } } }";
for await (const { taskChanged } of weft.events(changes, { after: liveCursor })) {
  console.log(JSON.stringify({ schema: import.meta.resolve("@weft/client/schema.graphql").endsWith("/schema.graphql"), node: process.versions.node.split(".")[0], id: me.id, title: taskChanged.task.title }));
  break;
}
await weft.session.logOut();
weft.close();
`;
const visit = `weft: 1
key: visit
name: Visit
initial: open
states:
  open: { task: { title: Visit, candidates: { roles: [workflow_manager] } }, transitions: { close: { to: done } } }
  done: { final: completed }
`;

let folder: string;
let tarball: string;
let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
  folder = mkdtempSync(join(tmpdir(), "weft-packed-"));
  [tarball = ""] = await pack(["client"], folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("publint and arethetypeswrong find nothing", async () => {
  const { publint, attw } = await checkPacked(tarball, folder);
  expect(publint).toContain("All good");
  expect(attw).toContain('"@weft/client/urql"');
});

test("the package has its sources, and neither tests nor what belongs to this machine", async () => {
  const listed = await filesIn(tarball, folder);
  expect(listed).toEqual(
    expect.arrayContaining([
      "package/dist/index.js",
      "package/dist/apollo.d.ts",
      "package/src/client.ts",
      "package/src/operations/tasks.graphql",
      "package/schema.graphql",
      "package/CHANGELOG.md",
    ]),
  );
  expect(listed.filter((path) => /\.test\.|tsbuildinfo|node_modules/.test(path))).toEqual([]);
});

test("an application with the package runs on Node 20, 22 and 24", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(visit);
  const { login, password, id } = await tenant.user("workflow_manager");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(folder, "program.js"), program);
  for (const version of ["20", "22", "24"]) {
    await run("npm", ["install", "--no-audit", "--no-fund", tarball, `node@${version}`, "ws@8", "graphql@16"], folder);
    const said = await run(join(folder, "node_modules/.bin/node"), ["program.js", weft.url, login, password], folder);
    expect(JSON.parse(said)).toEqual({ schema: true, node: version, id, title: "Visit" });
  }
}, 240_000);
