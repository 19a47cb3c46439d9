import type { AuditedType, Image } from "../audit/entry.js";
import { writeAudit } from "../audit/write.js";
import type { Tx } from "../db/database.js";
import { appendEvents } from "./append.js";
import type { AnyNewEvent } from "./append.js";
import type { WriteMeta } from "./write-meta.js";

type ChangeType = `${AuditedType}.${"created" | "updated" | "deleted" | "restored"}`;
type WithoutSubject<Event> = Event extends { readonly type: ChangeType } ? Omit<Event, "subjectId" | "subjectVersion"> : never;

type Row = Image & { readonly id: string; readonly version: number };

interface Change {
  readonly event: WithoutSubject<AnyNewEvent>;
  /** The complete row. Null for a creation, or a restoration. */
  readonly before: Row | null;
  /** The complete row. Null for a deletion. */
  readonly after: Row | null;
}

/** Writes the event and the audit entry for the change of a row, such as `building.updated` and `building.update`. */
export async function recordChange(tx: Tx, meta: WriteMeta, { event, before, after }: Change): Promise<void> {
  const row = after ?? before;
  if (row === null) throw new Error(`${event.type} without a row.`);
  const subjectVersion = after === null ? row.version + 1 : row.version;
  await appendEvents(tx, meta, [{ ...event, subjectId: row.id, subjectVersion }]);
  const [entityType = "", verb = ""] = event.type.split(".");
  await writeAudit(tx, meta, [
    { action: `${entityType}.${verb.slice(0, -1)}`, entityType: entityType as AuditedType, entityId: row.id, before, after },
  ]);
}
