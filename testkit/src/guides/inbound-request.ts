import { createHmac } from "node:crypto";
import { expect } from "vitest";
import type { TestTenant } from "../test-tenant.js";

/** Returns the tenant's only inbound webhook. */
export async function inboundWebhookOf({ admin }: TestTenant): Promise<{ id: string; url: string }> {
  const { inboundWebhooks } = await admin.run<{ inboundWebhooks: { edges: { node: { id: string; url: string } }[] } }>(
    "{ inboundWebhooks { edges { node { id url } } } }",
  );
  const [edge] = inboundWebhooks.edges;
  if (!edge) throw new Error("The tenant has no inbound webhook.");
  return edge.node;
}

/** Sends a request of a page, with the signature of Standard Webhooks instead of its placeholders. */
export async function sendAsShown(
  baseUrl: string,
  request: string,
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<void> {
  const [head = "", body = ""] = request.trimEnd().split("\n\n");
  const [line = "", ...lines] = head.split("\n");
  expect(line).toBe("POST /inbound/<tenant>/<webhook>");
  const headers = new Map(lines.map((text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1).trim()]));
  const time = String(Math.floor(Date.now() / 1_000));
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key)
    .update(`${headers.get("webhook-id") ?? ""}.${time}.${body}`)
    .digest("base64");
  headers.set("webhook-timestamp", (headers.get("webhook-timestamp") ?? "").replace("<time>", time));
  headers.set("webhook-signature", (headers.get("webhook-signature") ?? "").replace("<signature>", signature));
  const answer = await fetch(new URL(new URL(url).pathname, baseUrl), { method: "POST", headers: [...headers], body });
  expect([answer.status, await answer.json()]).toEqual([202, { id: expect.stringMatching(/^inm_/) as string }]);
}
