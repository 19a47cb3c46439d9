import { Priority } from "@weft/api/inputs";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int } from "type-graphql";

import { RequestLevel } from "./triage.type.js";

@InputType({ description: "Input of `triageRequest`. Omitted fields keep their values; null removes a value." })
export class TriageRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => RequestLevel, { nullable: true, description: "Impact." })
  impact?: RequestLevel | null;

  @Field(() => RequestLevel, { nullable: true, description: "Urgency." })
  urgency?: RequestLevel | null;

  @Field(() => Priority, {
    nullable: true,
    description: "Priority, regardless of impact and urgency. If null, the priority follows from them again.",
  })
  priority?: Priority | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Due date." })
  dueAt?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Tags, at most 20 with at most 50 characters each. They replace the earlier ones, and are stored in lower case.",
  })
  tags?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
