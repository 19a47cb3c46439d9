import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Asset, AssetStatus } from "./asset.type.js";

@InputType({ description: "What `createAsset` takes." })
export class CreateAssetInput {
  @Field(() => ID, { description: "The building that it stands in." })
  buildingId!: string;

  @Field(() => String, { description: "What is written on it; unique in the tenant; 1 to 40 characters." })
  tag!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { description: "Your own word for its kind: `elevator`; 1 to 80 characters." })
  type!: string;

  @Field(() => String, { nullable: true, description: "Day of installation, `YYYY-MM-DD`." })
  installedOn?: string | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What `updateAsset` takes: what is absent stays." })
export class UpdateAssetInput {
  @Field(() => ID, { description: "The asset." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The version that you saw; CONFLICT when it moved on." })
  expectedVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "The building that it stands in now." })
  buildingId?: string | null;

  @Field(() => String, { nullable: true, description: "New tag." })
  tag?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New kind." })
  type?: string | null;

  @Field(() => AssetStatus, { nullable: true, description: "New status." })
  status?: AssetStatus | null;

  @Field(() => String, { nullable: true, description: "Day of installation, `YYYY-MM-DD`." })
  installedOn?: string | null;
}

@ObjectType({ description: "What `createAsset` answers." })
@Allow(inherit)
export class CreateAssetPayload {
  @Field(() => Asset, { description: "The new asset." })
  asset!: Asset;
}

@ObjectType({ description: "What `updateAsset` answers." })
@Allow(inherit)
export class UpdateAssetPayload {
  @Field(() => Asset, { description: "The asset as it is now." })
  asset!: Asset;
}
