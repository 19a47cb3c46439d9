import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { AuditVerification } from "./verification.type.js";

@InputType({ description: "What to verify the audit trail against." })
export class StartAuditVerificationInput {
  @Field(() => String, {
    nullable: true,
    description: "A signed end of the chain that was kept elsewhere: the chain must still lead up to it.",
  })
  checkpoint?: string | null;

  @Field(() => String, { nullable: true, description: "The same key again answers with the first call's result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The verification, which has started." })
@Allow(inherit)
export class StartAuditVerificationPayload {
  @Field(() => AuditVerification, { description: "The verification as it is now. Read it again for its progress and its result." })
  verification!: AuditVerification;
}
