import type { FilterValue, OrderByValue } from "@weft/shared";
import type { ExportFormat } from "./export.type.js";

/** What to export of a list, and how. */
export interface ExportInput {
  readonly viewId?: string | null;
  readonly filter?: FilterValue | null;
  readonly orderBy?: OrderByValue | null;
  readonly columns?: readonly string[] | null;
  readonly format: ExportFormat;
  readonly idempotencyKey?: string | null;
}
