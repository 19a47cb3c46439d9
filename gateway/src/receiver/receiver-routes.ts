import type { FastifyInstance } from "fastify";
import { ownPage } from "../outbox/outbox-routes.js";
import { receiverPage, type ReceivedWebhook } from "./receiver-page.js";

/**
 * Shows what the demo's receiver of webhooks got, at `/receiver`. Everybody who reaches the demo can read it, so only a demo must have it.
 *
 * @param received returns the requests, newest first
 */
export function receiverRoutes(app: FastifyInstance, received: () => readonly ReceivedWebhook[]): void {
  app.get("/receiver", async (_request, reply) =>
    reply
      .headers({ "content-type": "text/html; charset=utf-8", "content-security-policy": ownPage, "cache-control": "no-store" })
      .send(receiverPage(received())),
  );
}
