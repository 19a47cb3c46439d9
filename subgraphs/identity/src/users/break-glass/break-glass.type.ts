import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { User } from "../user.type.js";

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

@ObjectType({ description: "Payload of `setBreakGlass`." })
@Allow(inherit)
export class SetBreakGlassPayload {
  @Field(() => User, { description: "The user." })
  user!: User;
}
