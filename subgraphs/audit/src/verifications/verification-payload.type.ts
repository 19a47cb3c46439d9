import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { AuditVerification } from "./verification.type.js";

@ObjectType({ description: "Payload of a mutation that returns an audit verification." })
@Allow(inherit)
export class AuditVerificationPayload {
  @Field(() => AuditVerification, { description: "The audit verification as it is after the call." })
  verification!: AuditVerification;
}
