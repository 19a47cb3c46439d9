import { Priority } from "@weft/api/inputs";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int } from "type-graphql";

const planId = { description: "ID of the plan (`mpl_…`)." };

@InputType({ description: "Template of the requests of a maintenance plan. Files are attached to the plan with `attachFile`." })
export class MaintenanceTemplateInput {
  @Field(() => String, { description: "Key of the request type. The checklists of the requests are those of the tasks in its workflow." })
  typeKey!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Fields of the type's `form`." })
  data?: Record<string, unknown> | null;

  @Field(() => ID, { nullable: true, description: "Building. If only an asset is given, the asset's building." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "Asset. It must be in the building." })
  assetId?: string | null;

  @Field(() => ID, { nullable: true, description: "Space of the building. If omitted, the space of the asset when a request is created." })
  spaceId?: string | null;

  @Field(() => Priority, { nullable: true, description: "Priority. If omitted, the default of the type." })
  priority?: Priority | null;

  @Field(() => String, {
    nullable: true,
    description: "Time from the occurrence to the due date of its request, in ISO 8601, such as P7D.",
  })
  dueIn?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Tags, at most 20 with at most 50 characters each. They are stored in lower case.",
  })
  tags?: string[] | null;
}

@InputType({ description: "Meter of a maintenance plan." })
export class MaintenanceMeterInput {
  @Field(() => ID, { description: "A meter of the kind `CUMULATIVE`, of the asset of the template if that has one." })
  meterId!: string;

  @Field(() => String, { description: "Difference between the planned totals, such as 500." })
  every!: string;

  @Field(() => String, { nullable: true, description: "How much before a planned total its request is created (default 0)." })
  lead?: string | null;

  @Field(() => String, { nullable: true, description: "First planned total. Default: the current total plus `every`." })
  nextTotal?: string | null;
}

@InputType({ description: "Input of `pauseMaintenancePlan`." })
export class PauseMaintenancePlanInput {
  @Field(() => ID, planId)
  id!: string;

  @Field(() => String, { description: "Reason (1 to 1,000 characters)." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `skipOccurrence`. Exactly one of `plannedAt` and `total` is required." })
export class SkipOccurrenceInput {
  @Field(() => ID, planId)
  planId!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "A planned time in the future, as in `nextOccurrences`." })
  plannedAt?: string | null;

  @Field(() => String, { nullable: true, description: "The next planned total of the meter." })
  total?: string | null;

  @Field(() => String, { description: "Reason (1 to 1,000 characters)." })
  reason!: string;
}

@InputType({ description: "Input of `shiftOccurrence`." })
export class ShiftOccurrenceInput {
  @Field(() => ID, planId)
  planId!: string;

  @Field(() => DateTimeScalar, { description: "A planned time whose request is not created yet, as in `nextOccurrences`." })
  plannedAt!: string;

  @Field(() => DateTimeScalar, { description: "New time, in the future, between the planned times before and after." })
  to!: string;

  @Field(() => String, { description: "Reason (1 to 1,000 characters)." })
  reason!: string;
}
