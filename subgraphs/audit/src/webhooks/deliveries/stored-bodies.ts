/** Bodies with a payload that a webhook's query selected. They are stored encrypted, because they can contain data about anybody. */
import type { Tx } from "@weft/platform/db";
import type { TenantSecrets } from "@weft/platform/secrets";
import { webhookBodyField } from "@weft/platform/webhooks";

interface StoredBody {
  readonly id: string;
  readonly webhookId: string;
  /** Null for a test, whose body is not encrypted. */
  readonly eventId: string | null;
  readonly body: string | null;
}

/** Returns the bodies of deliveries by their IDs, as far as they are stored and can be decrypted. At most one statement, and none if the tenant's key is cached. */
export async function openBodies(
  tx: Tx,
  secrets: TenantSecrets,
  tenantId: string,
  deliveries: readonly StoredBody[],
): Promise<Map<string, string>> {
  const tests = deliveries.flatMap(({ id, eventId, body }) => (eventId === null && body !== null ? [[id, body] as const] : []));
  const sealed = deliveries.flatMap(({ id, webhookId, eventId, body }) =>
    eventId !== null && body !== null ? [{ id, field: webhookBodyField(webhookId, eventId), value: body }] : [],
  );
  const opened = await secrets.openReadable(tx, tenantId, sealed);
  const readable = sealed.flatMap(({ id }, at) => (typeof opened[at] === "string" ? [[id, opened[at]] as const] : []));
  return new Map([...tests, ...readable]);
}
