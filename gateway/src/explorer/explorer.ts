import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { ruruHTML } from "ruru/server";
import { getStaticFile } from "ruru/static";
import type { ExampleOperation } from "./example-operations.js";
import { loginScript } from "./login-script.js";

const staticPath = "/explorer/static/";
// Without one the browser asks for /favicon.ico.
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Cpath d='M0 2h8M0 6h8M2 0v8M6 0v8' stroke='%23d60590' stroke-width='1.4'/%3E%3C/svg%3E";

export interface ExplorerOptions {
  readonly operations: readonly ExampleOperation[];
}

/** The explorer of demo mode: GraphiQL with the example operations in tabs. Everything comes from us, so it works offline and under a strict policy. */
export function explorerRoutes(app: FastifyInstance, options: ExplorerOptions): void {
  app.get("/explorer", async (request, reply) => {
    const nonce = randomBytes(16).toString("base64");
    const origin = `${request.protocol}://${request.host}`;
    return reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", contentSecurityPolicy(nonce, request.host))
      .header("cache-control", "no-store")
      .send(page(options, nonce, origin));
  });
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

/** Styles may be inline (the editor writes them), scripts may not, but for ours of this answer. No other site is loaded or called, none may frame us. */
function contentSecurityPolicy(nonce: string, host: string): string {
  // Not every browser takes 'self' for a WebSocket. What is no plain host name stays out of the header.
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

function page({ operations }: ExplorerOptions, nonce: string, origin: string): string {
  const html = ruruHTML({
    staticPath,
    endpoint: "/graphql",
    subscriptionEndpoint: "/graphql",
    htmlParts: {
      titleTag: `<title>Weft</title><link rel="icon" href="${icon}" />`,
      headerScripts: (original) => `${tabsScript(operations)}${loginScript}${original}`,
      bodyContent: (original) => original + footer(origin),
    },
  });
  return html.replaceAll("<script", `<script nonce="${nonce}"`);
}

/** Puts the operations into GraphiQL's own storage before it starts, at the first visit only: later the tabs are the visitor's. */
function tabsScript(operations: readonly ExampleOperation[]): string {
  if (operations.length === 0) return "";
  const tabs = operations.map(({ name, source, variables = null }, index) => ({
    id: `example-${index}`,
    hash: null,
    // GraphiQL renames a tab to its operation at the first edit: named so from the start, a tab keeps its name.
    title: /^(?:query|mutation|subscription)\s+(\w+)/m.exec(source)?.[1] ?? name,
    query: source,
    variables,
    headers: null,
    operationName: null,
    response: null,
  }));
  // JSON inside a script: nothing in it may end the script or open a comment.
  const state = JSON.stringify(JSON.stringify({ activeTabIndex: 0, tabs })).replaceAll("<", "\\u003c");
  return `<script>
if (!localStorage.getItem("graphiql:tabState")) {
  const state = ${state};
  localStorage.setItem("graphiql:tabState", state);
  const [first] = JSON.parse(state).tabs;
  localStorage.setItem("graphiql:query", first.query);
  if (first.variables) localStorage.setItem("graphiql:variables", first.variables);
}
</script>
`;
}

/** Who is logged in, the way back to the logins, and Apollo Sandbox, whose page calls back to us. */
function footer(origin: string): string {
  const href = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(`${origin}/graphql`)}`;
  return `<footer style="position:fixed;right:12px;bottom:8px;z-index:10;font:12px sans-serif;padding:2px 8px;border-radius:4px;background:#fffd;color:#333"><span id="weft-user" role="status">Not logged in</span> · <a href="/" style="color:#a80f6a">Logins</a> · <a href="${href}" rel="noreferrer" target="_blank" style="color:#a80f6a">Apollo Sandbox</a></footer>`;
}
