import type { FilterValue } from "@weft/api/filters";
import type { OrderByValue } from "@weft/api/pages";
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
