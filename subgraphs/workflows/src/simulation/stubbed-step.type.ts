import { JsonScalar } from "@weft/api/scalars";
import { Field, InputType, Int } from "type-graphql";

@InputType({ description: "The error with which an attempt fails in a simulation." })
export class StubbedStepErrorInput {
  @Field(() => String, { description: "Code, such as TIMEOUT. `retry.on` of a step can name it." })
  code!: string;

  @Field(() => String, { nullable: true, description: "Message (default: the code)." })
  message?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Whether another attempt would fail as well (default: false)." })
  isFinal?: boolean | null;
}

@InputType({
  description:
    "The result of a step in a simulation, instead of its work. Pass one of `outputs`, `error`, `isLost` and `isPending`. A stub for an attempt counts before one for an item, and both count before the others.",
})
export class StubbedStepInput {
  @Field(() => String, { description: "ID of the step in the definition." })
  step!: string;

  @Field(() => Int, { nullable: true, description: "Index of the item of its list, from 0 (default: every item)." })
  index?: number | null;

  @Field(() => Int, { nullable: true, description: "Number of the attempt, from 1 (default: every attempt)." })
  attempt?: number | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it is the result of the work that undoes the step (default: false)." })
  isCompensation?: boolean | null;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs with which it succeeds: an object." })
  outputs?: unknown;

  @Field(() => StubbedStepErrorInput, { nullable: true, description: "The error with which it fails." })
  error?: StubbedStepErrorInput | null;

  @Field(() => Boolean, { nullable: true, description: "Whether its worker is lost." })
  isLost?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether it does not end, as if it waited for somebody." })
  isPending?: boolean | null;
}
