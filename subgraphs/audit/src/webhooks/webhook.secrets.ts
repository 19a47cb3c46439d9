/** Secrets and custom headers of webhooks, which the database contains in encrypted form only. */
import type { Tx } from "@weft/platform/db";
import type { TenantSecrets } from "@weft/platform/secrets";
import type { WebhookRow } from "./webhook.store.js";

type Column = "secret" | "previous_secret" | "headers";
type Headers = Readonly<Record<string, string>>;

const field = (id: string, column: Column): string => `events.webhooks.${column}/${id}`;

/** Returns the ciphertext of a value of a webhook's column. */
export async function sealed(
  tx: Tx,
  secrets: TenantSecrets,
  { tenantId, id }: Pick<WebhookRow, "tenantId" | "id">,
  values: readonly { readonly column: Column; readonly value: string }[],
): Promise<string[]> {
  return secrets.seal(
    tx,
    tenantId,
    values.map(({ column, value }) => ({ field: field(id, column), value })),
  );
}

/** What a sender needs of a webhook. */
export interface OpenedWebhook {
  /** The current secret, and the previous one until it expires. */
  readonly secrets: readonly string[];
  readonly headers: Headers;
}

/** Columns that `openWebhook` reads. The previous secret is null if it has expired. */
export type SealedWebhook = Pick<WebhookRow, "id" | "secret" | "previousSecret" | "headers">;

/**
 * Decrypts the secrets and headers of webhooks of one tenant. Webhooks whose current secret or headers cannot be decrypted are absent from the result. A
 * previous secret that cannot be decrypted is omitted. At most one statement, and none if the tenant's key is cached.
 */
export async function openWebhooks(
  tx: Tx,
  secrets: TenantSecrets,
  tenantId: string,
  webhooks: readonly SealedWebhook[],
): Promise<Map<string, OpenedWebhook>> {
  const columns = webhooks.flatMap(({ id, secret, previousSecret, headers }) => [
    { field: field(id, "secret"), value: secret },
    ...(previousSecret === null ? [] : [{ field: field(id, "previous_secret"), value: previousSecret }]),
    ...(headers === null ? [] : [{ field: field(id, "headers"), value: headers }]),
  ]);
  const opened = (await secrets.openReadable(tx, tenantId, columns)).values();
  const next = (): string | null => opened.next().value ?? null;
  const found = new Map<string, OpenedWebhook>();
  for (const { id, previousSecret, headers } of webhooks) {
    const current = next();
    const previous = previousSecret === null ? null : next();
    const openedHeaders = headers === null ? "{}" : next();
    if (current === null || openedHeaders === null) continue;
    found.set(id, { secrets: previous === null ? [current] : [current, previous], headers: JSON.parse(openedHeaders) as Headers });
  }
  return found;
}
