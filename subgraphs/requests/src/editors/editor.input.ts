import { Field, ID, InputType } from "type-graphql";
import { RequestActivity } from "./editor.type.js";

@InputType({ description: "Input of `announceRequestActivity`." })
export class AnnounceRequestActivityInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => RequestActivity, { nullable: true, description: "What you are doing. Null: you have stopped." })
  activity?: RequestActivity | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether only users who can read internal comments on the request can see it (default: false).",
  })
  isInternal?: boolean | null;
}
