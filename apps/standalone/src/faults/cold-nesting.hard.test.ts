import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { weftProcess } from "@weft/testkit/processes/weft-process";
import { expect, test } from "vitest";
import { findFreePort } from "../postgres/free-port.js";

/** Uses a gateway that has not parsed anything yet, because uncompiled code uses several times as much stack. Its subgraphs need not run. */
async function firstAnswer(body: string): Promise<{ status: number; body: unknown }> {
  const folder = mkdtempSync(join(tmpdir(), "weft-cold-"));
  const [database, port, away] = [await cloneDatabase(), await findFreePort(), await findFreePort()];
  const gateway = weftProcess(
    {
      name: "cold gateway",
      program: "gateway/dist/main.js",
      env: {
        PORT: String(port),
        WEFT_DATA_DIR: folder,
        LOG_LEVEL: "warn",
        DATABASE_URL: database.appUrl,
        DATABASE_AUTH_URL: database.authUrl,
        DATABASE_WORKER_URL: database.workerUrl,
        DATABASE_POOL_SIZE: "2",
        DATABASE_AUTH_POOL_SIZE: "1",
        ...Object.fromEntries(
          ["IDENTITY", "WORKFLOWS", "REQUESTS", "VENDORS", "AUDIT"].map((name) => [
            `WEFT_SUBGRAPH_${name}_URL`,
            `http://127.0.0.1:${away}`,
          ]),
        ),
      },
    },
    `http://127.0.0.1:${port}`,
  );
  try {
    await gateway.start();
    const response = await fetch(`${gateway.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: response.status, body: await response.json() };
  } finally {
    await gateway.end("SIGTERM");
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const levels = 1_300;
const nested = (open: string, middle: string, close: string): string => open.repeat(levels) + middle + close.repeat(levels);

test.each([
  ["inline fragments", `{ ${nested("... {", "__typename", "}")} }`],
  ["lists", `{ node(id: ${nested("[", "", "]")}) { id } }`],
  ["the type of a variable", `query ($ids: ${nested("[", "ID", "]")}) { __typename }`],
])("a process whose first request is %s nested 1,300 times refuses it", async (_what, query) => {
  const { status, body } = await firstAnswer(JSON.stringify({ query }));
  expect(body).toMatchObject({ errors: [{ extensions: { code: "QUERY_LIMIT_EXCEEDED", limit: "nesting", max: 100 } }] });
  expect(status).toBe(400);
});

test("a process whose first request has variables nested 20,000 times refuses it", async () => {
  const data = "[".repeat(20_000) + "]".repeat(20_000);
  const { status, body } = await firstAnswer(`{"query": "query ($data: JSON) { __typename }", "variables": {"data": ${data}}}`);
  expect(body).toMatchObject({
    errors: [{ extensions: { code: "BAD_USER_INPUT", problems: [{ path: expect.stringMatching(/^data/) as string }] } }],
  });
  expect(status).toBe(400);
});
