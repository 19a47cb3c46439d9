import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `setBreakGlass`." })
export class SetBreakGlassInput {
  @Field(() => ID, { description: "The user." })
  userId!: string;

  @Field(() => Boolean, { description: "Whether the user can log in with a password although single sign-on is required." })
  isBreakGlass!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
