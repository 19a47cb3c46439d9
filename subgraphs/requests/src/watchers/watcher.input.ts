import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "Input of `watchRequest` and `unwatchRequest`." })
export class WatchRequestInput {
  @Field(() => ID, { description: "The request." })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "User who watches. Default: you. Other users require the permission `request.triage`.",
  })
  userId?: string | null;
}
