/** `/docs/api`: the description of the REST API as a page (Swagger UI), and as a document. All files come from this server. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { FastifyInstance } from "fastify";
import { openApi, type OpenApiOptions } from "./openapi.js";
import { restPath } from "./rest-routes.js";

/** Address of the document. */
const documentPath = `${restPath}/openapi.json`;
const pagePath = "/docs/api";

const require = createRequire(import.meta.url);
const files = {
  "swagger-ui-bundle.js": { type: "text/javascript; charset=utf-8", path: require.resolve("swagger-ui-dist/swagger-ui-bundle.js") },
  "swagger-ui.css": { type: "text/css; charset=utf-8", path: require.resolve("swagger-ui-dist/swagger-ui.css") },
} as const;

const script = `SwaggerUIBundle({ url: ${JSON.stringify(documentPath)}, dom_id: "#api", deepLinking: true, docExpansion: "none", filter: true, persistAuthorization: false, validatorUrl: null });
if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark-mode");`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  // Swagger UI writes inline styles.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weft: REST API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${pagePath}/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="${pagePath}/swagger-ui-bundle.js"></script>
<script>${script}</script>
</body>
</html>
`;

/** @param description what the document is made of; asked for once, when somebody reads it first */
export function openApiRoutes(app: FastifyInstance, description: () => OpenApiOptions): void {
  let document: { readonly text: string; readonly etag: string } | undefined;
  app.get(documentPath, async (request, reply) => {
    if (!document) {
      const text = JSON.stringify(openApi(description()));
      document = { text, etag: `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 16)}"` };
    }
    void reply.header("cache-control", "no-cache").header("etag", document.etag);
    if (request.headers["if-none-match"] === document.etag) return reply.code(304).send();
    return reply.header("content-type", "application/json; charset=utf-8").send(document.text);
  });
  app.get(pagePath, async (_request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", contentSecurityPolicy)
      .header("cache-control", "no-cache")
      .send(page),
  );
  for (const [name, { type, path }] of Object.entries(files)) {
    const content = readOnce(() => readFile(path));
    app.get(`${pagePath}/${name}`, async (_request, reply) =>
      reply
        .header("content-type", type)
        .header("cache-control", "public, max-age=3600")
        .send(await content()),
    );
  }
}

function readOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}
