import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { negotiate } from "@fastify/accept-negotiator";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BuiltSite } from "./built-site.js";
import { beingBuiltPage, type NotBuilt, notBuiltPage } from "./not-built-page.js";

/** A folder with a built site. */
export interface SiteFolder {
  /** It need not exist yet. */
  readonly folder: string;
  /** Builds the site if its sources have changed. Called when somebody opens a page of it. Absent: nothing builds it. */
  readonly build?: (() => void) | undefined;
}

/** File types that sites consist of. Other files are not served. */
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

interface Sending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly site: BuiltSite;
  readonly folder: string;
  /** Path in the site. */
  readonly file: string;
  readonly contentSecurityPolicy: string;
  readonly notBuilt: NotBuilt;
  /** 404 for the page that says so. Default: 200. */
  readonly status?: 200 | 404;
}

/** Sends a file of a site. Only paths that the site lists are read, so that a request cannot reach other files. */
export async function sendSiteFile({ request, reply, site, folder, file, ...answer }: Sending): Promise<FastifyReply> {
  const { contentSecurityPolicy, notBuilt, status = 200 } = answer;
  const contentType = contentTypes[extname(file)];
  if (contentType === undefined || !site.files.has(file)) return reply.callNotFound() as unknown as FastifyReply;
  const isBrotli = site.brotli.has(file) && negotiate(request.headers["accept-encoding"] ?? "", ["br"]) === "br";
  const content = await contentOf(join(folder, isBrotli ? `${file}.br` : file));
  // A build is replacing the files. The answer must not be kept.
  if (content === null) return sendNotBuilt(reply, notBuilt, { isBeingBuilt: true });
  // Weak, because the same content is sent with and without compression.
  const etag = `W/"${site.fingerprint}"`;
  void reply.code(status).headers({
    "content-type": contentType,
    "content-security-policy": contentSecurityPolicy,
    // Names in `assets` contain a hash of the content.
    "cache-control": file.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
    ...(site.brotli.has(file) && { vary: "accept-encoding" }),
    ...(isBrotli && { "content-encoding": "br" }),
  });
  if (status === 200 && request.headers["if-none-match"] === etag) return reply.code(304).send();
  return reply.send(content);
}

/** Returns the content of a file. Null if it is not there. */
function contentOf(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

/** Answers for a site that is not built. @param isBeingBuilt whether it appears without anybody's doing */
export function sendNotBuilt(reply: FastifyReply, site: NotBuilt, { isBeingBuilt }: { readonly isBeingBuilt: boolean }): FastifyReply {
  return reply
    .code(503)
    .headers({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "retry-after": "2" })
    .send(isBeingBuilt ? beingBuiltPage(site, addressOf(reply.request.url)) : notBuiltPage(site));
}

/** Returns the path and the query of a request's target. It never names another host: `//host/path` would. */
const addressOf = (target: string): string => target.replace(/^https?:\/\/[^/]*/i, "").replace(/^[/\\]+/, "/");
