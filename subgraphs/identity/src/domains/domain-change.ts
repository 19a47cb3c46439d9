import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { DomainRow } from "./domain.store.js";

interface DomainChange {
  readonly action: "domain.create" | "domain.verify" | "domain.delete";
  readonly before: DomainRow | null;
  readonly after: DomainRow | null;
}

/** Records a change of a domain, in the audit log and as an event. */
export async function recordDomainChange(ctx: Pick<Context, "meta">, tx: Tx, { action, before, after }: DomainChange): Promise<void> {
  const row = after ?? before;
  if (row === null) throw new Error(`${action} without a row.`);
  await writeAudit(tx, ctx.meta, [{ action, entityType: "domain", entityId: row.id, before, after }]);
  const about = { subjectId: row.id, subjectVersion: after === null ? row.version + 1 : row.version };
  const { name } = row;
  if (action === "domain.verify")
    await appendEvents(tx, ctx.meta, [{ type: "domain.updated", ...about, payload: { changed: ["verifiedAt"] } }]);
  else
    await appendEvents(tx, ctx.meta, [
      { type: action === "domain.create" ? "domain.created" : "domain.deleted", ...about, payload: { name } },
    ]);
}
