import "reflect-metadata";
import { Directive, Field, ObjectType } from "type-graphql";
import { Allow } from "../rules/allow.js";
import { inherit } from "../rules/rules.js";
import { DateTimeScalar } from "../scalars/date-time.js";

@Directive("@shareable")
@Allow(inherit)
@ObjectType({ description: "Payload of a mutation for people without a login. It does not identify what was created." })
export class ReceivedPayload {
  @Field(() => DateTimeScalar, { description: "Time at which Weft received it." })
  receivedAt!: string;
}
