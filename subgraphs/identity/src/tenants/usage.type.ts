import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, Float, ObjectType } from "type-graphql";

@ObjectType({ description: "Usage of a limit of the plan." })
@Allow(inherit)
export class Usage {
  @Field(() => String, {
    description:
      "Name of the limit: `users` (active and invited), `definitions` (regardless of versions), `runningInstances`, `executionsPerHour`, `executionsPerMonth` (started instances), or `storageBytes`, as in LIMIT_EXCEEDED and the configuration.",
  })
  limit!: string;

  @Field(() => Float, { description: "Amount used. Can exceed `allowed` if the limit was lowered." })
  used!: number;

  @Field(() => Float, { nullable: true, description: "Maximum. Null for no limit." })
  allowed!: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time at which counting restarts (hours and months in UTC). Null if usage is released when it ends (a user is deactivated, an instance finishes).",
  })
  windowEndsAt!: string | null;
}
