import { Allow, type FilterValue, inherit, type OrderByValue } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Export, type ExportFormat } from "./export.type.js";

/** What to export of a list, and how. */
export interface ExportInput {
  readonly viewId?: string | null;
  readonly filter?: FilterValue | null;
  readonly orderBy?: OrderByValue | null;
  readonly columns?: readonly string[] | null;
  readonly format: ExportFormat;
  readonly idempotencyKey?: string | null;
}

@InputType({ description: "Input of `cancelExport`." })
export class CancelExportInput {
  @Field(() => ID, { description: "The export (`exp_…`)." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      "Version that you last read. The call fails with `CONFLICT` if the current version differs. The version grows as the export progresses.",
  })
  expectedVersion?: number | null;
}

export interface ExportPayload {
  readonly export: Export;
}

function exportPayload(mutation: string): new () => ExportPayload {
  @ObjectType(`${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`, { description: `Payload of \`${mutation}\`.` })
  @Allow(inherit)
  class Payload implements ExportPayload {
    @Field(() => Export, { description: "The export. Read it again until its status is no longer `RUNNING`." })
    export!: Export;
  }
  return Payload;
}

export const ExportRequestsPayload = exportPayload("exportRequests");
export const ExportBuildingsPayload = exportPayload("exportBuildings");
export const ExportAssetsPayload = exportPayload("exportAssets");

@ObjectType({ description: "Payload of `cancelExport`." })
@Allow(inherit)
export class CancelExportPayload {
  @Field(() => Export, { description: "The export." })
  export!: Export;
}
