import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import type { WriteMeta } from "../events/write-meta.js";
import type { PersonalValue } from "../privacy/keyring.js";
import { newId } from "@weft/shared/ids";
import { withoutSealedFields } from "../secrets/sealed-value.js";
import { addressField, addressValue, personalValuesOf, userAgentField, withValues } from "./image.js";
import type { AuditRow, NewAuditEntry } from "./entry.js";

/** Encrypted rows, and the encrypted address that each of them contains. */
export interface AuditRows {
  readonly rows: readonly AuditRow[];
  readonly address: string | null;
}

/**
 * Creates the rows of audit entries. Personal values of the images and the client's address are encrypted with the key of their person; secrets and
 * encrypted custom fields are masked. The engine includes the rows in its outcome. Runs no statement if the keys are cached.
 */
export async function toAuditRows(tx: Tx, meta: WriteMeta, entries: readonly NewAuditEntry[]): Promise<AuditRows> {
  const found = entries.map((entry) => ({
    entry,
    before: personalValuesOf(entry.entityType, entry.before),
    after: personalValuesOf(entry.entityType, entry.after),
  }));
  const origin = originOf(meta);
  const sealed = await meta.keyring.seal(tx, meta.tenantId, [...origin, ...found.flatMap(({ before, after }) => [...before, ...after])]);
  const rest = sealed.values();
  const sealedOrigin = new Map(origin.map(({ field }) => [field, rest.next().value]));
  const userAgent = sealedOrigin.get(userAgentField);
  const client = {
    ...(meta.client && { clientName: meta.client.name, clientVersion: meta.client.version }),
    ...(userAgent !== undefined && { userAgent }),
  };
  return {
    address: sealedOrigin.get(addressField) ?? null,
    rows: found.map(({ entry, before, after }) => ({
      ...client,
      ...(entry.class && { class: entry.class }),
      ...(entry.outcome && { outcome: entry.outcome }),
      id: newId(),
      action: entry.action,
      entityType: entry.entityType,
      entityId: entry.entityId,
      before: withoutSealedFields(withValues(entry.entityType, entry.before, before, rest)),
      after: withoutSealedFields(withValues(entry.entityType, entry.after, after, rest)),
    })),
  };
}

/** Returns the personal values that say where an actor was: the address, by which entries are found, and the user agent. */
export function originOf({ actorId, address, userAgent }: Pick<WriteMeta, "actorId" | "address" | "userAgent">): PersonalValue[] {
  return [
    ...(address === null ? [] : [{ ...addressValue(address), personId: actorId }]),
    ...(typeof userAgent === "string" ? [{ personId: actorId, field: userAgentField, value: JSON.stringify(userAgent) }] : []),
  ];
}

/**
 * Records changes in the transaction that makes them, with one statement. The entries are append-only for every role. The sealer chains them within
 * about a second. Their time is the real time, never the tenant's virtual clock. Custom fields that are being encrypted are masked, too.
 */
export async function writeAudit(tx: Tx, meta: WriteMeta, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { rows, address } = await toAuditRows(tx, meta, entries);
  // Does not use `returning`, because a vendor's user writes entries that they cannot read.
  await tx.execute(
    named(
      "writeAudit",
      sql`with given as (
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (id uuid, action text, "entityType" text, "entityId" uuid,
          before jsonb, after jsonb, class text, outcome text, "clientName" text, "clientVersion" text, "userAgent" text)
      ), written as (
        insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, session_id, request_id, address,
          class, outcome, client_name, client_version, user_agent)
        select ${meta.tenantId}::uuid, id, action, "entityType", "entityId", app.recorded_image("entityType", before),
          app.recorded_image("entityType", after), ${meta.actorId}::uuid, ${meta.onBehalfOf}::uuid, ${meta.sessionId}::uuid, ${meta.requestId}, ${address}::text,
          coalesce(class, 'CHANGE'), coalesce(outcome, 'SUCCESS'), "clientName", "clientVersion", "userAgent"
        from given
      )
      insert into audit.unsealed (tenant_id, entry_id) select ${meta.tenantId}::uuid, id from given order by id`,
    ),
  );
}
