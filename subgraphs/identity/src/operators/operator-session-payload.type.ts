import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { OperatorSession } from "./operator-session.type.js";

@ObjectType({ description: "Payload of a mutation that returns an operator session." })
@Allow(inherit)
export class OperatorSessionPayload {
  @Field(() => OperatorSession, { description: "The operator session as it is after the call." })
  session!: OperatorSession;
}
