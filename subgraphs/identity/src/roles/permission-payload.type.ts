import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { PermissionEntry } from "./role.type.js";

@ObjectType({ description: "Payload of a mutation that returns a permission." })
@Allow(inherit)
export class PermissionPayload {
  @Field(() => PermissionEntry, { description: "The permission as it is after the call." })
  permission!: PermissionEntry;
}
