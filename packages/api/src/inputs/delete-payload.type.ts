import "reflect-metadata";
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "Payload of a mutation that deletes or removes an object." })
export class DeletePayload {
  @Field(() => ID, { description: "ID of the object that no longer exists." })
  id!: string;
}
