import type { FastifyInstance } from "fastify";
import { HttpRefusal } from "../http/refusal.js";
import { findBuiltSite } from "../sites/built-site.js";
import type { NotBuilt } from "../sites/not-built-page.js";
import { sendNotBuilt, sendSiteFile, type SiteFolder } from "../sites/send-site.js";

/**
 * Allows the console's own files, and calls of this server; bytes of files come from this server, too, wherever they are stored. Text cannot become
 * markup or a script (Trusted Types).
 */
export const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // `blob:` for previews of files that a user is about to upload.
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const notBuilt: NotBuilt = { name: "Console", byHand: "To build it yourself, run <code>npx --yes pnpm run console</code>." };

/**
 * Serves the console at `/console/`, from the output folder of `pnpm run console`. Paths that are not files are routes of the application, which gets
 * its only page for all of them.
 */
export function consoleRoutes(app: FastifyInstance, { folder, build }: SiteFolder): void {
  const builtSite = findBuiltSite(folder, "build.json");
  void app.register(async (scope) => {
    scope.addHook("onRequest", (request, reply, done) => {
      void reply.header("content-security-policy", consolePolicy);
      if (request.method === "GET" || request.method === "HEAD") return done();
      void reply.header("allow", "GET, HEAD");
      done(new HttpRefusal(405, "The console only answers GET and HEAD. The API is POST /graphql."));
    });
    scope.get("/console", async (_request, reply) => reply.redirect("/console/", 308));
    scope.get<{ Params: { "*": string } }>("/console/*", async (request, reply) => {
      build?.();
      const site = await builtSite();
      if (!site) return sendNotBuilt(reply, notBuilt, { isBeingBuilt: build !== undefined });
      const path = request.params["*"];
      // A missing script must not be answered with a page: it belonged to an earlier build, and the console reloads, or offers it.
      const isFile = site.files.has(path) || path.startsWith("assets/");
      const file = isFile ? path : "index.html";
      return sendSiteFile({ request, reply, site, folder, file, notBuilt, contentSecurityPolicy: consolePolicy });
    });
    // The hook refuses them.
    for (const url of ["/console", "/console/*"])
      scope.route({ method: ["POST", "PUT", "PATCH", "DELETE"], url, handler: async (_request, reply) => reply.callNotFound() });
  });
}
