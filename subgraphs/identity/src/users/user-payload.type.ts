import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { User } from "./user.type.js";

@ObjectType({ description: "Payload of a mutation that returns a user." })
@Allow(inherit)
export class UserPayload {
  @Field(() => User, { description: "The user as it is after the call." })
  user!: User;
}
