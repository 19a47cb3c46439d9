import type { AuditDetails } from "@weft/drizzle";
import type { SubjectType } from "@weft/shared/ids";

/** A row as its table type represents it: camelCase keys, JSON values. */
export type Image = Readonly<Record<string, unknown>>;

/** Types of objects that an audit entry can be about. */
export type AuditedType = SubjectType;

/** What kind of thing an entry records. CHANGE: a change. All others are about something that changed nothing. */
export const auditClasses = [
  "CHANGE",
  "FORBIDDEN",
  "NOT_FOUND",
  "REFUSED_LOGIN",
  "REFUSED_TRANSITION",
  "PROFILE_VIOLATION",
  "LIMIT",
  "FAILURE",
  "SENSITIVE_READ",
] as const;
export type AuditClass = (typeof auditClasses)[number];

export const auditOutcomes = ["SUCCESS", "REFUSED", "FAILED"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];
export type { AuditDetails };

/** A change to record. `before` is null for a creation, `after` for a deletion. Both are complete rows, so that earlier states can be reconstructed. */
export interface NewAuditEntry {
  /** `request.create`, `workflow.fire`, `session.login`, … */
  readonly action: string;
  readonly entityType: AuditedType;
  /** UUID */
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
  /** Default: CHANGE. */
  readonly class?: AuditClass;
  /** Default: SUCCESS. */
  readonly outcome?: AuditOutcome;
}

/** A row of `audit.entries` without tenant, actor and time. Personal values are ciphertext. */
export interface AuditRow {
  readonly id: string;
  readonly action: string;
  readonly entityType: AuditedType;
  readonly entityId: string;
  readonly before: Image | null;
  readonly after: Image | null;
  /** Absent: CHANGE. */
  readonly class?: AuditClass;
  /** Absent: SUCCESS. */
  readonly outcome?: AuditOutcome;
  /** Absent: null. */
  readonly clientName?: string;
  readonly clientVersion?: string;
  readonly userAgent?: string;
}
