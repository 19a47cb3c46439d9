import type { AuditExportFormat } from "@weft/platform/audit-exports";
import type { FilterValue } from "@weft/api/filters";
import { Field, InputType, Int } from "type-graphql";
import { AuditEntryFilter } from "../entries/audit-entry.list.js";
import { ExportFormat } from "./audit-export.type.js";

@InputType({ description: "Input of `exportAuditEntries`." })
export class ExportAuditEntriesInput {
  @Field(() => AuditEntryFilter.Input, {
    nullable: true,
    description: "Filter, as in `auditEntries`. Default: all entries. Only an export of all entries proves that none is missing.",
  })
  filter?: FilterValue | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Place in the chain (`sequence`) after which the export begins, such as the last one of an earlier export. Default: the beginning.",
  })
  afterSequence?: number | null;

  @Field(() => ExportFormat, { defaultValue: ExportFormat.CSV, description: "Format of the file." })
  format!: AuditExportFormat;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
