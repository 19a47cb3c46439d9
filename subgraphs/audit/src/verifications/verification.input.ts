import { Field, InputType } from "type-graphql";

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
