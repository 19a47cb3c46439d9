import type { applications as tables } from "@weft/drizzle";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { OperationKind } from "../manifests/manifest.type.js";

export type UnlistedOperationRow = typeof tables.unlistedOperations.$inferSelect;

const unlistedColumns = columns(
  column.shownOnly({
    client: column.text("What the client calls itself: the key of its application, or its name. Null if it did not say.", {
      nullable: true,
    }),
    name: column.text("Name of the operation. Null if it has none.", { nullable: true }),
    kind: column.of(() => OperationKind, "Kind of the operation."),
    runCount: column.safeInt("How often it was run."),
    refusedCount: column.safeInt("How often it was refused."),
    firstAt: column.time("Time of the first one."),
    lastAt: column.time("Time of the last one."),
  }),
);

@ShowColumns(unlistedColumns)
@ObjectType({ description: "An operation that clients have sent although it is not stored." })
@Allow(canInTenant("application.read"))
export class UnlistedOperation extends shapeOf(unlistedColumns) {}

export const { Connection: UnlistedOperationConnection } = connectionOf(UnlistedOperation);

export const toUnlistedOperation = (row: UnlistedOperationRow): UnlistedOperation => ({
  ...unlistedColumns.shown(row),
  client: row.client === "" ? null : row.client,
  name: row.name === "" ? null : row.name,
  kind: row.kind as OperationKind,
});
