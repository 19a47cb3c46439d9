import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Asset, AssetStatus } from "./asset.type.js";

@InputType({ description: "Input of `createAsset`." })
export class CreateAssetInput {
  @Field(() => ID, { description: "Building of the asset." })
  buildingId!: string;

  @Field(() => String, { description: "Tag on the asset, unique in the tenant (1 to 40 characters)." })
  tag!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "Type in your own words, for example `elevator` (1 to 80 characters)." })
  type!: string;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`." })
  installedOn?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateAsset`. Omitted fields keep their values." })
export class UpdateAssetInput {
  @Field(() => ID, { description: "The asset." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "New building." })
  buildingId?: string | null;

  @Field(() => String, { nullable: true, description: "New tag." })
  tag?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New type." })
  type?: string | null;

  @Field(() => AssetStatus, { nullable: true, description: "New status." })
  status?: AssetStatus | null;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`." })
  installedOn?: string | null;
}

@ObjectType({ description: "Payload of `createAsset`." })
@Allow(inherit)
export class CreateAssetPayload {
  @Field(() => Asset, { description: "The new asset." })
  asset!: Asset;
}

@ObjectType({ description: "Payload of `updateAsset`." })
@Allow(inherit)
export class UpdateAssetPayload {
  @Field(() => Asset, { description: "The asset." })
  asset!: Asset;
}
