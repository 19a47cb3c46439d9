/** `/docs/api`: the description of the REST API as a page (Swagger UI), and as a document. All files come from this server. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gunzipSync, gzipSync } from "node:zlib";
import { negotiate } from "@fastify/accept-negotiator";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLSchema } from "graphql";
import { keptForLast } from "../federation/kept-for-last.js";
import { openApi, type OpenApiOptions } from "./openapi.js";
import { restPath } from "./rest-routes.js";
import { restRoutes } from "./route.js";

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

export interface DescriptionOptions extends Pick<OpenApiOptions, "examples"> {
  readonly schema: () => GraphQLSchema;
  readonly areaOf: () => OpenApiOptions["areaOf"];
  readonly openFields: () => OpenApiOptions["openFields"];
}

/** Content that is compressed once, because compressing it for each request would cost more than the request. */
interface Compressed {
  readonly gzip: Buffer;
  readonly etag: string;
}

function compressed(content: string | Buffer): Compressed {
  const etag = `W/"${createHash("sha256").update(content).digest("base64url").slice(0, 16)}"`;
  return { gzip: gzipSync(content), etag };
}

/** Serves the document and its page. Both are the same for everybody, and say no more than the source of this project. */
export function openApiRoutes(app: FastifyInstance, { schema, areaOf, openFields, examples }: DescriptionOptions): void {
  const documentOf = keptForLast((current: GraphQLSchema) => {
    const described = { routes: restRoutes(current), areaOf: areaOf(), openFields: openFields(), examples };
    return compressed(JSON.stringify(openApi(described)));
  });
  // The plugin that compresses responses leaves those alone that are compressed.
  const send = (request: FastifyRequest, reply: FastifyReply, type: string, { gzip, etag }: Compressed): FastifyReply => {
    void reply.headers({ "cache-control": "no-cache", etag, vary: "accept-encoding" });
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    void reply.header("content-type", type);
    const isGzip = negotiate(request.headers["accept-encoding"] ?? "", ["gzip"]) === "gzip";
    return isGzip ? reply.header("content-encoding", "gzip").send(gzip) : reply.send(gunzipSync(gzip));
  };
  app.get(documentPath, async (request, reply) => send(request, reply, "application/json; charset=utf-8", documentOf(schema())));
  app.get(pagePath, async (_request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", contentSecurityPolicy)
      .header("cache-control", "no-cache")
      .send(page),
  );
  for (const [name, { type, path }] of Object.entries(files)) {
    let content: Promise<Compressed> | undefined;
    app.get(`${pagePath}/${name}`, async (request, reply) =>
      send(request, reply, type, await (content ??= readFile(path).then(compressed))),
    );
  }
}
