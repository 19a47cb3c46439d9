import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import type { FieldUseRow } from "./field-usage.store.js";

const fieldUseColumns = columns({
  coordinate: column.text(
    "What was used: a field (`Request.title`), an argument (`Query.requests(filter:)`), a field of an input (`RenameInput.name`), or a value of an enum (`Priority.LOW`). A field that was selected on an interface counts as that of the interface. Of variables, only deprecated elements are counted.",
  ),
  deprecationReason: column.text("Reason of the deprecation, if it was deprecated when the client last used it.", { nullable: true }),
  clientName: column.text(
    "Name of the client, from its header `apollographql-client-name`. `(webhooks)` and `(automation)` are queries of webhooks and operations of steps; `(other clients)` are those beyond 50 of a day. Null if the client sends no name.",
    { nullable: true },
  ),
  clientVersion: column.text("Version of the client, from its header `apollographql-client-version`. Null if it sends none.", {
    nullable: true,
  }),
  operations: column.safeInt("Number of operations that used it."),
  firstUsedOn: column.text("First day of the period on which it was used (UTC)."),
  lastUsedOn: column.text("Last day on which it was used (UTC)."),
});

@ShowColumns(fieldUseColumns)
@ObjectType({ description: "How often a client used an element of the API in a period." })
@Allow(inherit)
export class FieldUse extends shapeOf(fieldUseColumns) {
  readonly tenantUuid!: string;
}

export const toFieldUse = (row: FieldUseRow): FieldUse =>
  Object.assign(new FieldUse(), fieldUseColumns.shown(row), {
    tenantUuid: row.tenantId,
    clientName: row.clientName === "" ? null : row.clientName,
    clientVersion: row.clientVersion === "" ? null : row.clientVersion,
  });
