import { applications as tables } from "@weft/drizzle";
import { enumField, filterInput, textField, timeField } from "@weft/api/filters";
import { ConnectionArgs, orderByInput, type OrderByValue } from "@weft/api/pages";
import type { FilterValue } from "@weft/api/filters";
import { ArgsType, Field } from "type-graphql";
import { OperationKind } from "../manifests/manifest.type.js";
import type { UnlistedOperationRow } from "./unlisted-operation.type.js";

const { unlistedOperations } = tables;

export const UnlistedOperationFilter = filterInput("UnlistedOperationFilter", {
  client: textField(unlistedOperations.client, "What the client calls itself."),
  name: textField(unlistedOperations.name, "Name of the operation."),
  kind: enumField("OperationKind", OperationKind, unlistedOperations.kind, "Kind of the operation."),
  lastAt: timeField(unlistedOperations.lastAt, "Time of the last one."),
});

export const UnlistedOperationOrder = orderByInput<UnlistedOperationRow, "LAST_AT">("UnlistedOperationOrder", {
  LAST_AT: { column: unlistedOperations.lastAt, valueOf: (row) => row.lastAt, description: "By the time of the last one." },
});

@ArgsType()
export class UnlistedOperationsArgs extends ConnectionArgs {
  @Field(() => UnlistedOperationFilter.Input, { nullable: true, description: "Filter for operations." })
  filter?: FilterValue | null;

  @Field(() => UnlistedOperationOrder.Input, { nullable: true, description: "Sort order (default: the latest first)." })
  orderBy?: OrderByValue | null;
}
