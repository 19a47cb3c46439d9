import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** A page of the gateway. Nothing in it comes from a request. */
export interface Page {
  readonly title: string;
  /** HTML between the heading and the script. */
  readonly body: string;
  /** The only script of the page. It shows texts of the server as text, never as markup. */
  readonly script: string;
  readonly style?: string;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Serves a page that runs only its own script, contacts no other host, and can be neither framed nor cached. */
export function servePage(app: FastifyInstance, path: string, page: Page): void {
  const html = htmlOf(page);
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src ${hashOf(page.script)}`,
    ...(page.style === undefined ? [] : [`style-src ${hashOf(page.style)}`]),
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  app.get(path, async (_request, reply) =>
    reply
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", contentSecurityPolicy)
      .header("cache-control", "no-store")
      .send(html),
  );
}

const htmlOf = ({ title, body, script, style }: Page): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} – Weft</title>
${style === undefined ? "" : `<style>${style}</style>\n<main>\n`}<h1>${title}</h1>
${body}
${style === undefined ? "" : "</main>\n"}<script>${script}</script>
</html>
`;
