import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { listenOnLoopback } from "../network/listen.js";
import { prepareRunFolders } from "./run-folder.js";
import { prepareTestServer, type TestServer } from "./test-server.js";

/** URL at which the workers get the test server from the main process. */
declare module "vitest" {
  interface ProvidedContext {
    weftTestServer: string;
  }
}

/**
 * vitest's globalSetup. Provides a temporary directory, and one PostgreSQL server with a migrated template per run. The server starts when the first
 * test file requests a database, so runs of pure tests do not wait for it. The workers request it over a loopback port.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { dataDir, temporary } = prepareRunFolders();
  // The workers inherit it, and so do the processes that they start.
  process.env["TMPDIR"] = temporary;
  let prepared: Promise<TestServer> | undefined;
  const path = `/${randomUUID()}`;
  const http = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === "POST") {
      // A file failed and kept its database for inspection.
      void prepared?.then((server) => server.keep());
      response.end();
      return;
    }
    prepared ??= prepareTestServer(dataDir);
    prepared.then(
      ({ ownerUrl, socketDir, template }) => response.end(JSON.stringify({ ownerUrl, socketDir, template })),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  });
  const port = await listenOnLoopback(http);
  project.provide("weftTestServer", `http://127.0.0.1:${port}${path}`);
  return async () => {
    http.closeAllConnections();
    http.close();
    // A failed preparation was already reported to the test files that requested the server.
    const server = await prepared?.catch(() => undefined);
    await server?.stop();
    rmSync(temporary, { recursive: true, force: true });
  };
}
