import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Role } from "./role.type.js";

@ObjectType({ description: "Payload of a mutation that returns a role." })
@Allow(inherit)
export class RolePayload {
  @Field(() => Role, { description: "The role as it is after the call." })
  role!: Role;
}
