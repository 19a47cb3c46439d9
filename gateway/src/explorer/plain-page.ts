import type { FastifyInstance } from "fastify";
import { graphqlPath } from "../http/graphql-route.js";
import { vendorPortalPage, vendorPortalPath } from "../variants/paths.js";

const pageOf = (path: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Weft</title>
<h1>Weft</h1>
<p>The API is <code>POST ${path}</code>. Subscriptions use the same URL over WebSocket (<code>graphql-transport-ws</code>).</p>
<p>The explorer is available only in demo mode. Introspection is disabled on this installation.</p>
</html>
`;

/** Adds the landing page of an installation without introspection. The explorer could offer neither completion nor documentation there. */
export function plainPageRoutes(app: FastifyInstance, { hasVendorPortal }: { readonly hasVendorPortal: boolean }): void {
  const pages = { "/": graphqlPath, "/explorer": graphqlPath, ...(hasVendorPortal && { [vendorPortalPage]: vendorPortalPath }) };
  for (const [url, path] of Object.entries(pages)) {
    app.get(url, async (_request, reply) => reply.header("content-type", "text/html; charset=utf-8").send(pageOf(path)));
  }
}
