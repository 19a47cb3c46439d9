import { JsonScalar } from "@weft/shared";
import { Field, ID, InputType, Int } from "type-graphql";
import { AssetStatus } from "./asset.type.js";

@InputType({ description: "Input of `createAsset`." })
export class CreateAssetInput {
  @Field(() => ID, { description: "Building of the asset." })
  buildingId!: string;

  @Field(() => ID, { nullable: true, description: "Floor, room, or area of the building where the asset is." })
  spaceId?: string | null;

  @Field(() => String, { description: "Tag on the asset, unique in the tenant (1 to 40 characters)." })
  tag!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, {
    description:
      "Key of the type, for example `elevator` (1 to 80 characters). A key that no type has creates a type with this key, unless it resembles that of another type: it is then refused as a typing mistake, and you create the type with `createAssetType`.",
  })
  type!: string;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`." })
  installedOn?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of custom fields of the type, by name." })
  fields?: unknown;

  @Field(() => String, { nullable: true, description: "Serial number (at most 100 characters). Types can require that it is unique." })
  serialNumber?: string | null;

  @Field(() => String, { nullable: true, description: "Manufacturer (at most 200 characters)." })
  manufacturer?: string | null;

  @Field(() => String, { nullable: true, description: "Model (at most 200 characters)." })
  model?: string | null;

  @Field(() => ID, { nullable: true, description: "Owner: a user, a team, or a vendor." })
  ownerId?: string | null;

  @Field(() => ID, { nullable: true, description: "User who is in charge of the asset." })
  custodianId?: string | null;

  @Field(() => String, { nullable: true, description: "Day of purchase, as `YYYY-MM-DD`." })
  purchasedOn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Purchase price: decimal as text with at most two decimal places, for example `12500.00`. Requires a currency.",
  })
  purchaseCost?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217 code, for example `EUR`. Requires a purchase price." })
  purchaseCurrency?: string | null;

  @Field(() => String, { nullable: true, description: "Last day of the warranty, as `YYYY-MM-DD`." })
  warrantyUntil?: string | null;

  @Field(() => String, { nullable: true, description: "Day of the next inspection, as `YYYY-MM-DD`." })
  inspectionDueOn?: string | null;

  @Field(() => ID, { nullable: true, description: "Asset that this one is part of, at most ten levels deep." })
  parentId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "ID in another system, unique among assets (at most 200 characters). Only for users of the organization.",
  })
  externalId?: string | null;

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

  @Field(() => ID, { nullable: true, description: "New building. Without `spaceId`, the asset then has no space." })
  buildingId?: string | null;

  @Field(() => ID, { nullable: true, description: "New floor, room, or area of the building. Null removes it." })
  spaceId?: string | null;

  @Field(() => String, { nullable: true, description: "New tag." })
  tag?: string | null;

  @Field(() => String, { nullable: true, description: "New name." })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Key of the new type. A key that no type has creates a type with this key, unless it resembles that of another type: it is then refused as a typing mistake, and you create the type with `createAssetType`.",
  })
  type?: string | null;

  @Field(() => AssetStatus, { nullable: true, description: "New status. Refused while a workflow sets the status." })
  status?: AssetStatus | null;

  @Field(() => String, { nullable: true, description: "Day of installation, as `YYYY-MM-DD`." })
  installedOn?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "New values of custom fields, by name. Null removes a value. Omitted fields keep their values; after a change of the type, those that the new type has, too.",
  })
  fields?: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Serial number (at most 100 characters). Null removes it. Types can require that it is unique.",
  })
  serialNumber?: string | null;

  @Field(() => String, { nullable: true, description: "Manufacturer (at most 200 characters). Null removes it." })
  manufacturer?: string | null;

  @Field(() => String, { nullable: true, description: "Model (at most 200 characters). Null removes it." })
  model?: string | null;

  @Field(() => ID, { nullable: true, description: "Owner: a user, a team, or a vendor. Null removes it." })
  ownerId?: string | null;

  @Field(() => ID, { nullable: true, description: "User who is in charge of the asset. Null removes it." })
  custodianId?: string | null;

  @Field(() => String, { nullable: true, description: "Day of purchase, as `YYYY-MM-DD`. Null removes it." })
  purchasedOn?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Purchase price: decimal as text with at most two decimal places, for example `12500.00`. Requires a currency. Null removes it.",
  })
  purchaseCost?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217 code, for example `EUR`. Requires a purchase price. Null removes it." })
  purchaseCurrency?: string | null;

  @Field(() => String, { nullable: true, description: "Last day of the warranty, as `YYYY-MM-DD`. Null removes it." })
  warrantyUntil?: string | null;

  @Field(() => String, { nullable: true, description: "Day of the next inspection, as `YYYY-MM-DD`. Null removes it." })
  inspectionDueOn?: string | null;

  @Field(() => ID, { nullable: true, description: "Asset that this one is part of, at most ten levels deep. Null removes it." })
  parentId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "New ID in another system, unique among assets (at most 200 characters). Null removes it. Only for users of the organization.",
  })
  externalId?: string | null;
}
