import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { InboundScheme, InboundSchemeSettings } from "./verify.js";

export interface ReceivingWebhook {
  readonly id: string;
  readonly scheme: InboundScheme;
  readonly settings: InboundSchemeSettings;
  /** Encrypted. */
  readonly secret: string;
  /** Encrypted. Null if there is none, or if it has expired. */
  readonly previousSecret: string | null;
  readonly headerNames: readonly string[];
  readonly userId: string;
  readonly version: number;
}

/** Returns an inbound webhook that is active, in a tenant that is active. */
export async function findReceivingWebhook(tx: Tx, id: string): Promise<ReceivingWebhook | null> {
  const rows = await tx.execute<{
    scheme: InboundScheme;
    settings: InboundSchemeSettings;
    secret: string;
    previous_secret: string | null;
    header_names: string[];
    user_id: string;
    version: number;
  }>(
    named(
      "findReceivingWebhook",
      sql`select w.scheme, w.settings, w.secret, w.header_names, w.user_id, w.version,
          case when w.previous_secret_expires_at > now() then w.previous_secret end as previous_secret
        from events.inbound_webhooks w join identity.tenants t on t.tenant_id = w.tenant_id and t.status = 'ACTIVE'
       where w.tenant_id = app.tenant() and w.id = ${id}::uuid and w.status = 'ACTIVE'`,
    ),
  );
  const [row] = rows;
  if (!row) return null;
  const { scheme, settings, secret, version } = row;
  return { id, scheme, settings, secret, previousSecret: row.previous_secret, headerNames: row.header_names, userId: row.user_id, version };
}

export interface NewInboundMessage {
  readonly id: string;
  readonly webhookId: string;
  readonly messageId: string;
  readonly replayKey: string | null;
  /** Encrypted. */
  readonly content: string;
  readonly size: number;
}

/**
 * Inserts a message of a webhook that is still active. Returns false if it is not, or if the message is known. A concurrent transaction with the same
 * message is waited for.
 */
export async function insertInboundMessage(tx: Tx, message: NewInboundMessage): Promise<boolean> {
  const { id, webhookId, messageId, replayKey, content, size } = message;
  const rows = await tx.execute<{ id: string }>(
    named(
      "insertInboundMessage",
      sql`insert into events.inbound_messages (tenant_id, id, webhook_id, message_id, replay_key, content, size, received_at)
      select w.tenant_id, ${id}::uuid, w.id, ${messageId}, ${replayKey}::text, ${content}, ${size}::int, app.weft_now()
        from events.inbound_webhooks w join identity.tenants t on t.tenant_id = w.tenant_id and t.status = 'ACTIVE'
       where w.tenant_id = app.tenant() and w.id = ${webhookId}::uuid and w.status = 'ACTIVE'
      on conflict do nothing returning id`,
    ),
  );
  return rows.length > 0;
}

/** Returns the ID of a message that was received before. */
export async function findInboundMessageId(
  tx: Tx,
  { webhookId, messageId, replayKey }: Pick<NewInboundMessage, "webhookId" | "messageId" | "replayKey">,
): Promise<string | null> {
  const rows = await tx.execute<{ id: string }>(
    named(
      "findInboundMessageId",
      sql`select id from events.inbound_messages
       where tenant_id = app.tenant() and webhook_id = ${webhookId}::uuid and (message_id = ${messageId} or replay_key = ${replayKey}::text)
       order by id limit 1`,
    ),
  );
  return rows[0]?.id ?? null;
}
