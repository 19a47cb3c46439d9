import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { mailPage, outboxPage, outboxStyle } from "./outbox-page.js";
import { readMail, readOutbox } from "./outbox.js";

const styleHash = createHash("sha256").update(outboxStyle).digest("base64");
/** Allows the style sheet of a demo page by its hash. Nothing else runs or is loaded. */
export const ownPage = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
/** The HTML of a mail has styles of its own. It runs no script, loads nothing, and only the page of the mail can frame it. */
const mailHtml =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

interface ById {
  readonly Params: { readonly id: string };
}

/**
 * Serves the mails that a demo writes to files, at `/outbox`. Mails contain links that log people in, so installations that send mail, and all in
 * production, must not have it.
 *
 * @param folder of the mails; it need not exist yet
 */
export function outboxRoutes(app: FastifyInstance, folder: string): void {
  const send = (reply: FastifyReply, html: string, policy = ownPage): FastifyReply =>
    reply
      .headers({ "content-type": "text/html; charset=utf-8", "content-security-policy": policy, "cache-control": "no-store" })
      .send(html);
  app.get("/outbox", async (_request, reply) => send(reply, outboxPage(await readOutbox(folder))));
  app.get<ById>("/outbox/:id", async ({ params: { id } }, reply) => {
    const mail = await readMail(folder, id);
    return mail ? send(reply, mailPage(mail)) : reply.callNotFound();
  });
  app.get<ById>("/outbox/:id/html", async ({ params: { id } }, reply) => {
    const mail = await readMail(folder, id);
    if (mail?.email.html === undefined) return reply.callNotFound();
    return send(reply.header("x-frame-options", "SAMEORIGIN"), mail.email.html, mailHtml);
  });
}
