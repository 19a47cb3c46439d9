import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { ruruHTML } from "ruru/server";
import { getStaticFile } from "ruru/static";
import type { ExampleOperation } from "./example-operations.js";
import { startScript } from "./examples-plugin.js";
import { explorerStyle } from "./explorer-style.js";
import { loginScript } from "./login-script.js";
import { storedTabsScript } from "./stored-tabs-script.js";

const staticPath = "/explorer/static/";
// Without an icon, browsers request /favicon.ico.
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Cpath d='M0 2h8M0 6h8M2 0v8M6 0v8' stroke='%23d60590' stroke-width='1.4'/%3E%3C/svg%3E";

export interface ExplorerOptions {
  readonly operations: readonly ExampleOperation[];
}

/**
 * Adds the demo mode's explorer: GraphiQL with a list of example operations. All files come from this server, so it works offline and under a strict
 * policy.
 */
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

function page({ operations }: ExplorerOptions, nonce: string, origin: string): string {
  const html = ruruHTML({
    staticPath,
    endpoint: "/graphql",
    subscriptionEndpoint: "/graphql",
    htmlParts: {
      metaTags: (original) => `${original}\n<meta name="viewport" content="width=device-width, initial-scale=1">`,
      titleTag: `<title>Weft</title><link rel="icon" href="${icon}" />`,
      styleTags: (original) => `${original}\n<style>${explorerStyle}</style>`,
      // This makes Monaco available as `monaco`, so that the list of examples can fill its models.
      headerScripts: (original) =>
        `${storedTabsScript(operations)}${loginScript}${original}<script type="module">globalThis.MonacoEnvironment.globalAPI = true;</script>`,
      bodyContent: (original) =>
        bar(origin) + original.replace("Ruru is loading, this should only take a moment...", "The explorer is loading."),
      bodyInitScript: startScript(operations, `${staticPath}ruru.js`),
    },
  });
  return html.replaceAll("<script", `<script nonce="${nonce}"`);
}

/** The signed-in user, a link to the other logins, and a link to Apollo Sandbox, whose page calls back to this server. */
function bar(origin: string): string {
  const href = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(`${origin}/graphql`)}`;
  return `<header class="weft-bar"><a class="weft-name" href="/">Weft</a> <span id="weft-user" role="status">Not signed in</span> <a id="weft-logins" href="/#demo">Sign in</a> <a href="${href}" rel="noreferrer" target="_blank">Apollo Sandbox</a></header>`;
}
