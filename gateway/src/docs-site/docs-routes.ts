import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type BuiltSite, findBuiltSite } from "./built-site.js";
import { beingBuiltPage, notBuiltPage } from "./not-built-page.js";

/** File types that the site's generator writes. Other files are not served. */
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

export interface DocsSite {
  readonly folder: string;
  readonly build?: (() => void) | undefined;
}

/**
 * Serves the documentation at `/docs/`. Only paths listed in the built site are read, so a request cannot reach other files.
 *
 * @param folder the output folder of `pnpm run docs:site`; it need not exist yet
 * @param build builds the site if its pages have changed; called when somebody opens a page of it
 */
export function docsRoutes(app: FastifyInstance, { folder, build }: DocsSite): void {
  const builtSite = findBuiltSite(folder);
  app.get("/docs", async (_request, reply) => reply.redirect("/docs/", 308));
  app.get<{ Params: { "*": string } }>("/docs/*", async (request, reply) => {
    build?.();
    const site = await builtSite();
    if (!site) return sendNotBuilt(reply, build ? beingBuiltPage : notBuiltPage);
    const path = request.params["*"];
    if (site.files.has(`${path}/index.html`)) return reply.redirect(`/docs/${path}/`, 308);
    const file = [path, `${path}.html`, `${path}index.html`].find((name) => site.files.has(name));
    return sendFile({ request, reply, site, folder, file: file ?? "404.html" });
  });
}

interface Sending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly site: BuiltSite;
  readonly folder: string;
  readonly file: string;
}

async function sendFile({ request, reply, site, folder, file }: Sending): Promise<FastifyReply> {
  const contentType = contentTypes[extname(file)];
  if (contentType === undefined || !site.files.has(file)) return reply.callNotFound() as unknown as FastifyReply;
  // Names in `assets` contain a hash of the content.
  const cacheControl = file.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  // Weak, because the same content is sent with and without compression.
  const etag = `W/"${site.fingerprint}"`;
  void reply.headers({
    "content-type": contentType,
    "content-security-policy": contentSecurityPolicy(site),
    "cache-control": cacheControl,
    etag,
  });
  if (file === "404.html") void reply.code(404);
  else if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  return reply.send(await readFile(join(folder, file)));
}

/** The style element that the site's theme (VueUse) adds to prevent color transitions while a user switches between light and dark. */
const switchingStyle = "'sha256-skqujXORqzxt1aE0NNXxujEanPTX6raoqSscTV/Ww/Y='";

/**
 * Allows the site's own scripts and style sheets, and two small inline scripts by their hashes. Other hosts cannot be loaded or called. Highlighted
 * code and diagrams have their colors in `style` attributes.
 */
function contentSecurityPolicy({ scripts }: BuiltSite): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.map((hash) => `'sha256-${hash}'`).join(" ")}`,
    `style-src 'self' ${switchingStyle}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function sendNotBuilt(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .code(503)
    .headers({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "retry-after": "5" })
    .send(page);
}
