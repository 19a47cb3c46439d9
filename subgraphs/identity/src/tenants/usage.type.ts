import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";

const usageColumns = columns({
  limit: column.text(
    "Name of the limit: `users` (active and invited), `definitions` (regardless of versions), `runningInstances`, `executionsPerHour`, `executionsPerMonth` (started instances), or `storageBytes`, as in LIMIT_EXCEEDED and the configuration.",
  ),
  used: column.float("Amount used. Can exceed `allowed` if the limit was lowered."),
  allowed: column.float("Maximum. Null for no limit.", { nullable: true }),
  windowEndsAt: column.time(
    "Time at which counting restarts (hours and months in UTC). Null if usage is released when it ends (a user is deactivated, an instance finishes).",
    { nullable: true },
  ),
});

@ShowColumns(usageColumns)
@ObjectType({ description: "Usage of a limit of the plan." })
@Allow(inherit)
export class Usage extends shapeOf(usageColumns) {}
