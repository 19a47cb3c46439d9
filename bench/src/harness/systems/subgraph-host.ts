import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";

/** Subgraphs behind plain HTTP, for measuring gateways. */
export interface SubgraphHost {
  urlOf(name: string): string;
  /** Number of calls so far, by subgraph. */
  readonly calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * Serves subgraphs to any gateway, each on a port of its own. Requires no signature, uses the given viewer for every call, and repeats the text of
 * earlier answers, so that the gateway is measured and not the subgraph. Health checks are answered as Weft's subgraphs do: after a slow call, Weft's
 * gateway asks for the name, and without an answer it refuses all further calls.
 */
export async function hostSubgraphs(subgraphs: readonly Subgraph[], services: Services, viewer: Viewer): Promise<SubgraphHost> {
  const calls = new Map<string, number>(subgraphs.map(({ name }) => [name, 0]));
  const call = { viewer, requestId: newId(), address: null, userAgent: null, traceId: null };

  async function host(subgraph: Subgraph): Promise<HostedSubgraph> {
    const { name } = subgraph;
    const answers = new Map<string, Promise<string>>();
    const answerTo = async (body: string): Promise<string> => {
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      return JSON.stringify(await subgraph.execute({ services, call, query, variables }));
    };
    const server = createServer((request, response) => {
      if (request.url === "/health/live") {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ status: "live", subgraph: name }));
        return;
      }
      if (request.url !== "/graphql") {
        response.writeHead(404).end();
        return;
      }
      calls.set(name, (calls.get(name) ?? 0) + 1);
      void read(request).then(async (body) => {
        let answer = answers.get(body);
        if (answer === undefined) answers.set(body, (answer = answerTo(body)));
        response.writeHead(200, { "content-type": "application/json" }).end(await answer);
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return { name, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
  }

  const hosted = await Promise.all(subgraphs.map(host));
  return {
    urlOf: (name) => {
      const found = hosted.find((each) => each.name === name);
      if (found === undefined) throw new Error(`There is no subgraph ${name}.`);
      return found.url;
    },
    calls,
    close: async () => {
      for (const { server } of hosted) server.closeAllConnections();
      await Promise.all(hosted.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

interface HostedSubgraph {
  readonly name: string;
  readonly server: Server;
  readonly url: string;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
