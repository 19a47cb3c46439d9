import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { AuditVerification } from "./verification.type.js";

@InputType({ description: "Input for verifying the whole audit trail." })
export class StartAuditVerificationInput {
  @Field(() => String, {
    nullable: true,
    description: "Signed head of the chain that was stored elsewhere. The chain must still lead to it.",
  })
  checkpoint?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The started verification." })
@Allow(inherit)
export class StartAuditVerificationPayload {
  @Field(() => AuditVerification, { description: "The verification. Query it again for its progress and result." })
  verification!: AuditVerification;
}
