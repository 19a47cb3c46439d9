import { Field, ID, InputType, Int } from "type-graphql";

@InputType({ description: "Input of `transferAsset`." })
export class TransferAssetInput {
  @Field(() => ID, { description: "The asset." })
  id!: string;

  @Field(() => ID, { description: "Building where the asset will be. It must be active." })
  buildingId!: string;

  @Field(() => String, { nullable: true, description: "Why the asset is transferred (at most 2,000 characters)." })
  reason?: string | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: "Whether parts of the asset, at every level, that are in the same building move with it.",
  })
  includesChildren!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}
