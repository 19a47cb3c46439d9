import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "A part of a condition that was not true." })
@Allow(inherit)
export class ConditionFailure {
  @Field(() => String, { description: "Explanation with values. Example: data.amount is 7000, but must be at most 5000." })
  message!: string;

  @Field(() => String, {
    nullable: true,
    description: "Path of the value that was read, such as data.amount. Null if the part reads several values.",
  })
  path!: string | null;
}
