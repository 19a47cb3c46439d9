import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { ruruHTML } from "ruru/server";
import { getStaticFile } from "ruru/static";
import { parse, validate } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { Area } from "@weft/api/subgraph";
import { keptForLast } from "../federation/kept-for-last.js";
import { graphqlPath } from "../http/graphql-route.js";
import { vendorPortalPage, vendorPortalPath } from "../variants/paths.js";
import type { ExampleOperation } from "./example-operations.js";
import { startScript } from "./examples-plugin.js";
import { explorerStyle } from "./explorer-style.js";
import { type OperationsOfArea, rootOperations } from "./root-operations.js";
import { loginScript } from "./login-script.js";
import { storedTabsScript } from "./stored-tabs-script.js";

const staticPath = "/explorer/static/";
// Without an icon, browsers request /favicon.ico.
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Cpath d='M0 2h8M0 6h8M2 0v8M6 0v8' stroke='%23d60590' stroke-width='1.4'/%3E%3C/svg%3E";

export interface ExplorerOptions {
  readonly operations: readonly ExampleOperation[];
  /** Area of a root field, by `Type.field`. */
  readonly areaOf: () => ReadonlyMap<string, Area>;
}

/** The schemas that have a page. */
interface ExploredSchemas {
  readonly schema: () => GraphQLSchema;
  /** Of the vendor portal, which has a page of its own. */
  readonly vendorPortal?: (() => GraphQLSchema) | undefined;
}

/** An API, and the examples that it can run. */
interface Explored {
  readonly title: string;
  readonly endpoint: string;
  readonly operations: readonly ExampleOperation[];
  /** URL of the operations by area. */
  readonly rootOperations: string;
}

/**
 * Adds the demo mode's explorer: GraphiQL with a list of example operations, and one of all operations by area. All files come from this server, so it works offline and under a strict
 * policy.
 */
export function explorerRoutes(app: FastifyInstance, { operations, areaOf }: ExplorerOptions, schemas: ExploredSchemas): void {
  const { schema, vendorPortal } = schemas;
  const servePage = (url: string, explored: () => Explored): void => {
    app.get(url, async (request, reply) => {
      const nonce = randomBytes(16).toString("base64");
      const origin = `${request.protocol}://${request.host}`;
      return reply
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", contentSecurityPolicy(nonce, request.host))
        .header("cache-control", "no-store")
        .send(page(explored(), nonce, origin));
    });
  };
  const serveOperations = (url: string, of: () => GraphQLSchema): string => {
    const operationsOf = keptForLast((explored: GraphQLSchema): OperationsOfArea[] => rootOperations(explored, areaOf()));
    app.get(url, async (_request, reply) => reply.header("cache-control", "no-cache").send(operationsOf(of())));
    return url;
  };
  const all = serveOperations("/explorer/operations", schema);
  servePage("/explorer", () => ({ title: "Weft", endpoint: graphqlPath, operations, rootOperations: all }));
  if (vendorPortal) {
    const fitting = keptForLast((portal: GraphQLSchema) =>
      operations.filter(({ source }) => validate(portal, parse(source), undefined, { maxErrors: 1 }).length === 0),
    );
    const portalOperations = serveOperations("/explorer/vendor-portal-operations", vendorPortal);
    servePage(vendorPortalPage, () => {
      const examples = fitting(vendorPortal());
      return { title: "Weft: vendor portal", endpoint: vendorPortalPath, operations: examples, rootOperations: portalOperations };
    });
  }
  app.get(`${staticPath}*`, async (request, reply) => {
    const file = await getStaticFile({
      staticPath,
      urlPath: request.url,
      acceptEncoding: request.headers["accept-encoding"],
      disallowDevAssets: true,
    });
    if (!file) return reply.callNotFound();
    return reply.headers(file.headers).header("cache-control", "public, max-age=3600").send(file.content);
  });
}

/**
 * Inline styles are allowed because the editor writes them. Inline scripts are not, except those of this response. Other sites cannot be loaded or
 * called, or embed the page.
 */
function contentSecurityPolicy(nonce: string, host: string): string {
  // Not every browser applies 'self' to WebSockets. Anything that is not a plain host name is left out of the header.
  const sockets = /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function page({ title, endpoint, operations, rootOperations: urlOfOperations }: Explored, nonce: string, origin: string): string {
  const html = ruruHTML({
    staticPath,
    endpoint,
    subscriptionEndpoint: endpoint,
    htmlParts: {
      metaTags: (original) => `${original}\n<meta name="viewport" content="width=device-width, initial-scale=1">`,
      titleTag: `<title>${title}</title><link rel="icon" href="${icon}" />`,
      styleTags: (original) => `${original}\n<style>${explorerStyle}</style>`,
      // This makes Monaco available as `monaco`, so that the list of examples can fill its models.
      headerScripts: (original) =>
        `${storedTabsScript(operations)}${loginScript}${original}<script type="module">globalThis.MonacoEnvironment.globalAPI = true;</script>`,
      bodyContent: (original) =>
        bar(title, `${origin}${endpoint}`) +
        original.replace("Ruru is loading, this should only take a moment...", "The explorer is loading."),
      bodyInitScript: startScript(operations, { ruruUrl: `${staticPath}ruru.js`, operationsUrl: urlOfOperations }),
    },
  });
  return html.replaceAll("<script", `<script nonce="${nonce}"`);
}

/** The signed-in user, a link to the other logins, and a link to Apollo Sandbox, whose page calls back to this server. */
function bar(title: string, endpoint: string): string {
  const href = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(endpoint)}`;
  return `<header class="weft-bar"><a class="weft-name" href="/">${title}</a> <span id="weft-user" role="status">Not signed in</span> <a id="weft-logins" href="/#demo">Sign in</a> <a href="${href}" rel="noreferrer" target="_blank">Apollo Sandbox</a></header><p id="weft-note" role="status"></p>`;
}
