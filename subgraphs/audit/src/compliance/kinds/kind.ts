import type { Permission } from "@weft/shared/viewer";
import type { ReportDraft } from "../run/draft.js";
import type { ConflictingDuties } from "../duties/conflicting-duties.js";

/** What a report is asked for. */
export interface ReportRequest {
  readonly period: { readonly from: string; readonly to: string; readonly timeZone: string };
  readonly parameters: ReportParameters;
  /** Time of the snapshot. */
  readonly snapshotAt: string;
  /** ID of the organization. */
  readonly tenantId: string;
}

/** What kinds are asked for in addition to the period. */
export interface ReportParameters {
  /** Of an access review: only these permissions. */
  readonly permissions?: readonly string[];
  /** Of separation of duties: these pairs instead of the usual ones. */
  readonly conflictingDuties?: readonly ConflictingDuties[];
}

/** A kind of reports. */
export interface ReportKindDefinition {
  readonly title: string;
  /** What the report answers, as a sentence. */
  readonly description: string;
  /** Permissions that its operations require, in the whole tenant. */
  readonly requires: readonly Permission[];
  readonly write: (draft: ReportDraft, request: ReportRequest) => Promise<void>;
}
