import type { SubjectType } from "@weft/shared/ids";

/** A row as its table type represents it: camelCase keys, JSON values. */
export type Image = Readonly<Record<string, unknown>>;

/** Types of objects that an audit entry can be about. */
export type AuditedType = SubjectType;

/** A change to record. `before` is null for a creation, `after` for a deletion. Both are complete rows, so that earlier states can be reconstructed. */
export interface NewAuditEntry {
  /** `request.create`, `workflow.fire`, `session.login`, … */
  readonly action: string;
  readonly entityType: AuditedType;
  /** UUID */
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
}

/** A row of `audit.entries` without tenant, actor and time. Personal values are ciphertext. */
export interface AuditRow {
  readonly id: string;
  readonly action: string;
  readonly entityType: AuditedType;
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
}
