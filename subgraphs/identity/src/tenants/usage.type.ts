import { Allow, DateTimeScalar, inherit } from "@weft/shared";
import { Field, Float, ObjectType } from "type-graphql";

@ObjectType({ description: "How far a limit of the plan is used up." })
@Allow(inherit)
export class Usage {
  @Field(() => String, {
    description:
      "`users` (active and invited ones), `definitions` (not their versions), `runningInstances`, `executionsPerHour`, `executionsPerMonth` (starts of instances), `storageBytes`; as LIMIT_EXCEEDED and the configuration name it.",
  })
  limit!: string;

  @Field(() => Float, { description: "A whole number. More than `allowed` where the limit was lowered: what is there stays." })
  used!: number;

  @Field(() => Float, { nullable: true, description: "A whole number; null: no limit." })
  allowed!: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "When counting begins anew: hours and months in UTC. null: what is given back (a user deactivated, an instance finished) counts no more.",
  })
  windowEndsAt!: string | null;
}
