// An anchor: Hive Gateway with its native query planner (router-runtime), with the supergraph SUPERGRAPH, on port PORT. It is installed apart from the
// workspace, in bench/hive-gateway. Without logs, pages, and request IDs, which would cost it time. It passes the caller's token on, as the subgraphs
// need it to answer; without it, Hive Gateway would join equal calls of different callers. Everything else is its default.
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { SUPERGRAPH = "", PORT = "" } = process.env;

/** The parts of the packages that are used here. */
interface Runtime {
  readonly createGatewayRuntime: (options: Readonly<Record<string, unknown>>) => RequestListener;
}
interface RouterRuntime {
  readonly unifiedGraphHandler: unknown;
}

const { resolve } = createRequire(new URL("../../hive-gateway/package.json", import.meta.url));
const load = async (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href);

const { createGatewayRuntime } = (await load("@graphql-hive/gateway")) as Runtime;
const { unifiedGraphHandler } = (await load("@graphql-hive/router-runtime")) as RouterRuntime;
const gateway = createGatewayRuntime({
  supergraph: SUPERGRAPH,
  unifiedGraphHandler,
  logging: "error",
  landingPage: false,
  graphiql: false,
  requestId: false,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }: { readonly request: Request }) => ({ authorization: request.headers.get("authorization") }),
  },
});
createServer(gateway).listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
