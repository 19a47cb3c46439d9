import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `deactivateRequestType` and `reactivateRequestType`." })
export class RequestTypeStatusInput {
  @Field(() => ID, { description: "The request type." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Why the status is changed, at most 2,000 characters. Kept with the version." })
  message?: string | null;
}
