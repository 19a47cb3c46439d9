import type { FastifyInstance } from "fastify";

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Weft</title>
<h1>Weft</h1>
<p>The API is <code>POST /graphql</code>; subscriptions are at the same address over WebSocket (<code>graphql-transport-ws</code>).</p>
<p>The explorer is there in demo mode only: this installation does not show its schema to queries.</p>
</html>
`;

/** The landing page of an installation that shows no schema: an explorer there could neither complete nor document anything. */
export function plainPageRoutes(app: FastifyInstance): void {
  for (const url of ["/", "/explorer"]) {
    app.get(url, async (_request, reply) => reply.header("content-type", "text/html; charset=utf-8").send(html));
  }
}
