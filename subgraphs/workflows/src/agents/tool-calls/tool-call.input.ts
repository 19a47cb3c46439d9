import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "Input of `decideAgentToolCall`." })
export class DecideAgentToolCallInput {
  @Field(() => ID, { description: "The call of a tool." })
  id!: string;

  @Field(() => Boolean, { description: "Whether it may be done." })
  isApproved!: boolean;

  @Field(() => String, { nullable: true, description: "Reason (at most 2,000 characters). The model reads why a call was refused." })
  reason?: string | null;
}
