import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { weftProcess } from "@weft/testkit/processes/weft-process";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const subgraphs = ["IDENTITY", "WORKFLOWS", "REQUESTS", "VENDORS", "AUDIT"];

test("the bundled gateway of the distributed mode finds the supergraph and the examples", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-bundle-"));
  await bundle({ root: join(import.meta.dirname, "../.."), program: "gateway", folder });
  const [database, port, away] = [await cloneDatabase(), await findFreePort(), await findFreePort()];
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    WEFT_DATA_DIR: join(folder, "data"),
    LOG_LEVEL: "warn",
    DATABASE_URL: database.appUrl,
    DATABASE_AUTH_URL: database.authUrl,
    DATABASE_WORKER_URL: database.workerUrl,
    DATABASE_POOL_SIZE: "2",
    DATABASE_AUTH_POOL_SIZE: "1",
    // They need not run.
    ...Object.fromEntries(subgraphs.map((name) => [`WEFT_SUBGRAPH_${name}_URL`, `http://127.0.0.1:${away}`])),
  };
  const gateway = weftProcess({ name: "bundled gateway", program: join(folder, "gateway.js"), env }, url);
  try {
    await gateway.start();
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query: "{ __typename }" }) });
    expect([answer.status, await answer.json()]).toEqual([200, { data: { __typename: "Query" } }]);
    expect(await (await fetch(`${url}/explorer`)).text()).toContain("examples");
  } finally {
    await gateway.end("SIGKILL");
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
