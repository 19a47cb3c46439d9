import { demoLogins } from "@weft/shared/demo";
import type { ApiClient } from "../api-client.js";
import type { DemoReceiver } from "./demo-receiver.js";

/** Name by which the webhook is found again. */
const NAME = "Receiver of the demo";

interface Webhooks {
  readonly webhooks: { edges: { node: { id: string } }[] };
}

/** Logs in Acme's administrator. `api` is an anonymous client. Fails if somebody has changed the password. */
export async function asAcmeAdmin(api: ApiClient): Promise<ApiClient> {
  const admin = demoLogins.find(({ email }) => email === "admin@acme.com");
  if (admin === undefined) throw new Error("The demo has no administrator of Acme.");
  const { login } = await api.run<{ login: { accessToken: string } }>(
    "mutation DemoLogin($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken } }",
    { login: admin.email, password: admin.password },
  );
  return api.as(login.accessToken);
}

/**
 * Lets a webhook of the administrator's organization send its events to the receiver. The receiver has another port after each start, and knows the
 * secret of this start only, so an existing webhook gets both anew.
 */
export async function connectReceiver(admin: ApiClient, { url, verifyWith }: Pick<DemoReceiver, "url" | "verifyWith">): Promise<void> {
  const { webhooks } = await admin.run<Webhooks>(
    "query DemoWebhook($name: String!) { webhooks(first: 1, filter: { name: { eq: $name } }) { edges { node { id } } } }",
    { name: NAME },
  );
  const id = webhooks.edges[0]?.node.id;
  if (id === undefined) {
    const { createWebhook } = await admin.run<{ createWebhook: { secret: string } }>(
      "mutation DemoWebhook($input: CreateWebhookInput!) { createWebhook(input: $input) { secret } }",
      { input: { name: NAME, url } },
    );
    return verifyWith(createWebhook.secret);
  }
  const { rotateWebhookSecret } = await admin.run<{ rotateWebhookSecret: { secret: string } }>(
    `mutation DemoWebhook($id: ID!, $url: String!) {
      updateWebhook(input: { id: $id, url: $url }) { webhook { id } }
      rotateWebhookSecret(input: { id: $id }) { secret }
    }`,
    { id, url },
  );
  return verifyWith(rotateWebhookSecret.secret);
}
