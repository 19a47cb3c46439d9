import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { prepareTestServer, type TestServer } from "./test-server.js";

/** What a worker gets from the run's process: where to ask for the server, and what the server is. */
declare module "vitest" {
  interface ProvidedContext {
    weftTestServer: string;
  }
}

/**
 * vitest's globalSetup. One PostgreSQL for the run, with one migrated template: made when the first test file asks for a database, so that
 * a run of pure tests does not wait for it. The workers ask over a loopback port.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let prepared: Promise<TestServer> | undefined;
  const path = `/${randomUUID()}`;
  const http = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === "POST") {
      // A file failed and left its database to look at.
      void prepared?.then((server) => server.keep());
      response.end();
      return;
    }
    prepared ??= prepareTestServer();
    prepared.then(
      (server) => response.end(JSON.stringify({ ownerUrl: server.ownerUrl, template: server.template })),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  });
  const port = await listen(http);
  project.provide("weftTestServer", `http://127.0.0.1:${port}${path}`);
  return async () => {
    http.closeAllConnections();
    http.close();
    // A failure to prepare was told to the test files that asked.
    const server = await prepared?.catch(() => undefined);
    await server?.stop();
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
