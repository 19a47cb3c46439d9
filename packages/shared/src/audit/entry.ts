import type { SubjectType } from "../events/define-event.js";

/** A row as its table types give it: camelCase keys, JSON values. */
export type Image = Readonly<Record<string, unknown>>;

/** What an audit entry can be about. */
export type AuditedType = SubjectType;

/** A change to record. `before` is null for a creation, `after` for a deletion; both are complete rows, so that they rebuild the past. */
export interface NewAuditEntry {
  /** `request.create`, `workflow.fire`, `session.login`, … */
  readonly action: string;
  readonly entityType: AuditedType;
  /** UUID */
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
}

/** A row of `audit.entries` without tenant, actor and time; personal values are ciphertext. */
export interface AuditRow {
  readonly id: string;
  readonly action: string;
  readonly entityType: AuditedType;
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
}
