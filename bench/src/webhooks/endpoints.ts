import type { ServerResponse } from "node:http";
import { newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { appendEvents, headPosition, startConsuming, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { newWebhookSecret } from "@weft/platform/webhooks";
import { serveHttp } from "@weft/testkit/network/http-server";
import type { postgres } from "@weft/pg-driver";

/** The HTTP server behind all endpoints. */
export interface Receiver {
  readonly url: string;
  /** Called for each request, except those to the endpoint that hangs. */
  onEvent: (subjectId: string) => void;
  /** Requests that the endpoint that hangs has received. */
  hung: number;
  close(): Promise<void>;
}

export const HANGING = "/hangs";

/** Starts a server that answers every request with 204, except those to the path that hangs. */
export async function startReceiver(): Promise<Receiver> {
  const held: ServerResponse[] = [];
  const server = await serveHttp((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      if (request.url === HANGING) {
        receiver.hung += 1;
        return void held.push(response);
      }
      const { data } = JSON.parse(body) as { data: { subject: { id: string } } };
      receiver.onEvent(data.subject.id);
      return void response.writeHead(204).end();
    });
  });
  const receiver: Receiver = {
    url: server.url,
    onEvent: () => undefined,
    hung: 0,
    close: () => server.close(),
  };
  return receiver;
}

/** What the writers of events pass. The actor is not a user of the tenant. */
export const metaOf = ({ keyring }: Services, tenantId: string): WriteMeta => ({
  tenantId,
  actorId: newId(),
  onBehalfOf: null,
  requestId: "bench",
  sessionId: null,
  address: null,
  traceId: null,
  keyring,
});

export interface WebhookTenant {
  readonly tenantId: string;
  /** Number of endpoints. Each receives the events of one version of subjects, from 1 on. */
  readonly endpoints: number;
}

/** Creates a tenant whose webhooks each receive a share of its events. */
export async function aWebhookTenant(
  services: Services,
  owner: postgres.Sql,
  { endpoints, url }: { readonly endpoints: number; readonly url: string },
): Promise<WebhookTenant> {
  const tenantId = newId();
  await owner`insert into identity.tenants (tenant_id, slug, name, plan) values (${tenantId}, ${`hooks-${tenantId}`}, 'Hooks', 'ENTERPRISE')`;
  for (let number = 1; number <= endpoints; number++)
    await addWebhook(services, owner, { tenantId, url: `${url}/${number}`, condition: `event.subject.version == ${number}` });
  await asTenant(services.databases.app, { tenantId }, "write", async (tx) => {
    await startConsuming(tx, "webhooks");
    // The consumer learns from this event that it runs in the tenant.
    await appendEvents(tx, metaOf(services, tenantId), [{ type: "webhook.created", subjectId: newId(), subjectVersion: 1, payload: {} }]);
  });
  return { tenantId, endpoints };
}

/** Adds a webhook as `createWebhook` does, without its event. Returns its UUID. */
export async function addWebhook(
  { databases, secrets }: Services,
  owner: postgres.Sql,
  { tenantId, url, condition }: { readonly tenantId: string; readonly url: string; readonly condition: string },
): Promise<string> {
  const id = newId();
  const [secret, position] = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: `events.webhooks.secret/${id}`, value: newWebhookSecret() }]);
    return [sealed, await headPosition(tx)] as const;
  });
  await owner`insert into events.webhooks (tenant_id, id, name, url, event_types, condition, secret, status_changed_at, after_position, created_by, created_at, updated_at)
    values (${tenantId}, ${id}, 'Hook', ${url}, ${["building.updated"]}, ${condition}, ${secret}, now(), ${position}, ${newId()}, now(), now())`;
  await owner`insert into events.webhook_states (tenant_id, webhook_id) values (${tenantId}, ${id})`;
  return id;
}
