import type { FastifyInstance } from "fastify";
import { type BuiltSite, findBuiltSite } from "../sites/built-site.js";
import type { NotBuilt } from "../sites/not-built-page.js";
import { sendNotBuilt, sendSiteFile, type SiteFolder } from "../sites/send-site.js";

const notBuilt: NotBuilt = {
  name: "Documentation",
  byHand:
    "To build it yourself, run <code>npx --yes pnpm run docs:site</code>. The same pages are Markdown files in the <code>docs</code> folder. Start with <code>docs/index.md</code>.",
};

/** Serves the documentation at `/docs/`, from the output folder of `pnpm run docs:site`. */
export function docsRoutes(app: FastifyInstance, { folder, build }: SiteFolder): void {
  const builtSite = findBuiltSite(folder, "site.json");
  app.get("/docs", async (_request, reply) => reply.redirect("/docs/", 308));
  app.get<{ Params: { "*": string } }>("/docs/*", async (request, reply) => {
    build?.();
    const site = await builtSite();
    if (!site) return sendNotBuilt(reply, notBuilt, { isBeingBuilt: build !== undefined });
    const path = request.params["*"];
    if (site.files.has(`${path}/index.html`)) return reply.redirect(`/docs/${path}/`, 308);
    const file = [path, `${path}.html`, `${path}index.html`].find((name) => site.files.has(name)) ?? "404.html";
    const status = file === "404.html" ? 404 : 200;
    return sendSiteFile({ request, reply, site, folder, file, status, notBuilt, contentSecurityPolicy: contentSecurityPolicy(site) });
  });
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
