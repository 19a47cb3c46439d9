import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedWeft } from "../shared-weft.js";
import { aWorker, becomes, sending, started } from "../tenants/external-worker.js";
import type { SharedWeft } from "../test-weft.js";
import { checkPacked, filesIn, pack, run } from "./packed.js";

/** A server of an author: a worker, and a route whose caller is verified. It calls the route itself, and ends when the worker has done a step. */
const program = `
import { createServer } from "node:http";
import { createWeftClient } from "@weft/client";
import { createWorker, weftCaller } from "@weft/server";
const [url, apiKey, token] = process.argv.slice(2);
const verify = weftCaller({ url });
const server = createServer((request, response) => verify(request, response, async () => {
  response.end(JSON.stringify(await request.caller.weft.query("{ me { id } }")));
})).listen(0, "127.0.0.1", async () => {
  const address = "http://127.0.0.1:" + server.address().port;
  const answered = await fetch(address, { headers: { authorization: "Bearer " + token } });
  const refused = await fetch(address);
  const { me } = await answered.json();
  const worker = createWorker(createWeftClient({ url, apiKey }), {
    send: async ({ input }) => {
      console.log(JSON.stringify({ node: process.versions.node.split(".")[0], me: me.id, refused: refused.status, invoice: input.invoice }));
      setTimeout(() => worker.stop(), 0);
      server.close();
      return { receipt: "R" + input.invoice };
    },
  });
});
`;

let folder: string;
let tarballs: readonly string[];
let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
  folder = mkdtempSync(join(tmpdir(), "weft-packed-server-"));
  tarballs = await pack(["client", "server"], folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const tarball = (): string => tarballs[1] ?? "";

test("publint and arethetypeswrong find nothing", async () => {
  const { publint, attw } = await checkPacked(tarball(), folder);
  expect(publint).toContain("All good");
  expect(attw).toContain('"@weft/server"');
});

test("the package has its sources, and neither tests nor what belongs to this machine", async () => {
  const listed = await filesIn(tarball(), folder);
  expect(listed).toEqual(expect.arrayContaining(["package/dist/index.js", "package/src/worker/worker.ts", "package/CHANGELOG.md"]));
  expect(listed.filter((path) => /\.test\.|tsbuildinfo|node_modules/.test(path))).toEqual([]);
});

test("a server with the package runs on Node 20, 22 and 24", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(sending("packed", ""));
  const user = await tenant.user("operations");
  const { user: worker } = await aWorker(tenant);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  writeFileSync(join(folder, "program.js"), program);
  for (const version of ["20", "22", "24"]) {
    await run("npm", ["install", "--no-audit", "--no-fund", ...tarballs, `node@${version}`], folder);
    const instanceId = await started(tenant.admin, "packed", { invoice: 7 });
    const said = await run(join(folder, "node_modules/.bin/node"), ["program.js", weft.url, worker.token, user.token], folder);
    expect(JSON.parse(said)).toEqual({ node: version, me: user.id, refused: 401, invoice: 7 });
    const done = await becomes(tenant.admin, instanceId, "the run has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(done.steps[0]?.outputs).toEqual({ receipt: "R7" });
  }
}, 240_000);
