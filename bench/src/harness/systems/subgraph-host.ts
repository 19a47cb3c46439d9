import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { newId, type Services, type Subgraph, type Viewer } from "@weft/shared";

/** Subgraphs behind plain HTTP at `/<name>`, for measuring gateways. */
export interface SubgraphHost {
  urlOf(name: string): string;
  /** Number of calls so far, by subgraph. */
  readonly calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * Serves subgraphs to any gateway. Requires no signature, uses the given viewer for every call, and repeats the text of earlier answers, so that the
 * gateway is measured and not the subgraph.
 */
export async function hostSubgraphs(subgraphs: readonly Subgraph[], services: Services, viewer: Viewer): Promise<SubgraphHost> {
  const byPath = new Map(subgraphs.map((subgraph) => [`/${subgraph.name}`, subgraph]));
  const answers = new Map<string, Promise<string>>();
  const calls = new Map<string, number>(subgraphs.map(({ name }) => [name, 0]));
  const call = { viewer, requestId: newId(), address: null, userAgent: null, traceId: null };

  async function answerTo(subgraph: Subgraph, body: string): Promise<string> {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    return JSON.stringify(await subgraph.execute({ services, call, query, variables }));
  }

  const server = createServer((request, response) => {
    const subgraph = byPath.get(request.url ?? "");
    if (subgraph === undefined) {
      // A health check, or an unknown path.
      response.writeHead(request.url?.startsWith("/health") ? 200 : 404).end();
      return;
    }
    calls.set(subgraph.name, (calls.get(subgraph.name) ?? 0) + 1);
    void read(request).then(async (body) => {
      const key = `${subgraph.name} ${body}`;
      let answer = answers.get(key);
      if (answer === undefined) answers.set(key, (answer = answerTo(subgraph, body)));
      response.writeHead(200, { "content-type": "application/json" }).end(await answer);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    urlOf: (name) => `${origin}/${name}`,
    calls,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
