import type { Filter, FilterValue } from "@weft/api/filters";
import type { OrderBy, OrderByValue } from "@weft/api/pages";
import { Field, ID, InputType } from "type-graphql";
import { AssetFilter, AssetOrder } from "../assets/asset.list.js";
import { BuildingFilter, BuildingOrder } from "../buildings/building.resolver.js";
import { RequestFilter, RequestOrder } from "../requests/request.list.js";
import type { ExportInput } from "./export.input.js";
import { ExportFormat } from "./export.type.js";

/** Declares the input of the mutation that exports a list. */
function exportInput(
  mutation: string,
  { filter, order }: { readonly filter: Pick<Filter, "Input">; readonly order: Pick<OrderBy<never, string>, "Input"> },
): new () => ExportInput {
  @InputType(`${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`, { description: `Input of \`${mutation}\`.` })
  class Input implements ExportInput {
    @Field(() => ID, {
      nullable: true,
      description:
        "ID of a saved view of the list. Its filter applies in addition to `filter`, and its order and columns unless they are given.",
    })
    viewId?: string | null;

    @Field(() => filter.Input, { nullable: true, description: "Filter, as in the list. Default: everything that you can see." })
    filter?: FilterValue | null;

    @Field(() => order.Input, { nullable: true, description: "Sort order. Default: that of the view or of the list." })
    orderBy?: OrderByValue | null;

    @Field(() => [String], {
      nullable: true,
      description:
        "Columns: paths of fields without arguments, for example `createdAt` or `building.name`. At most 50. Default: those of the view, or the main fields.",
    })
    columns?: string[] | null;

    @Field(() => ExportFormat, { defaultValue: ExportFormat.CSV, description: "Format of the file." })
    format!: ExportFormat;

    @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
    idempotencyKey?: string | null;
  }
  return Input;
}

export const ExportRequestsInput = exportInput("exportRequests", { filter: RequestFilter, order: RequestOrder });
export const ExportBuildingsInput = exportInput("exportBuildings", { filter: BuildingFilter, order: BuildingOrder });
export const ExportAssetsInput = exportInput("exportAssets", { filter: AssetFilter, order: AssetOrder });
