import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "The inbound webhook that gets another secret." })
export class RotateInboundWebhookSecretInput {
  @Field(() => ID, { description: "ID of the inbound webhook (`inw_…`)." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "Secret of the sender, or for BASIC the password. If omitted, Weft generates one, and returns it once.",
  })
  secret?: string | null;

  @Field(() => Int, {
    defaultValue: 24,
    description: "Hours for which the previous secret is accepted, too: 0 to 168. 0 ends its use at once, for example if it has leaked.",
  })
  previousSecretHours!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}
