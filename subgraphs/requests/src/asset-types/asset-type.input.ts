import { Field, ID, InputType, Int } from "type-graphql";
import { AssetStatus } from "../assets/asset.type.js";

@InputType({ description: "The status that assets have in a state of their lifecycle." })
export class AssetLifecycleStatusInput {
  @Field(() => String, { description: "State of the definition." })
  state!: string;

  @Field(() => AssetStatus, { description: "Status of the asset." })
  status!: AssetStatus;
}

@InputType({
  description: "A lifecycle of assets. Each new asset of the type gets a workflow, and the asset's status follows the workflow's state.",
})
export class AssetLifecycleInput {
  @Field(() => String, {
    description:
      "Key of a published definition. Workflows start with the asset's `tag`, `name` and `type` if its data has these properties.",
  })
  definitionKey!: string;

  @Field(() => [AssetLifecycleStatusInput], { description: "Statuses by state. In other states, an asset keeps its status." })
  statuses!: AssetLifecycleStatusInput[];
}

@InputType({ description: "Input of `createAssetType`." })
export class CreateAssetTypeInput {
  @Field(() => String, {
    description:
      "Key, unique in the tenant: any text of 1 to 80 characters, usually words joined by underscores, such as `fire_safety`. It cannot be changed.",
  })
  key!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Name of an icon (at most 100 characters)." })
  icon?: string | null;

  @Field(() => Int, { defaultValue: 0, description: "Position in lists. Types with lower positions come first." })
  position!: number;

  @Field(() => Boolean, { defaultValue: false, description: "Whether no two assets of the type can have the same serial number." })
  hasUniqueSerialNumbers!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Days before the end of a warranty at which the event `asset.warranty_ending` occurs (0 to 366, default 30).",
  })
  warrantyNoticeDays?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Days before an inspection at which the event `asset.inspection_due` occurs (0 to 366, default 14).",
  })
  inspectionNoticeDays?: number | null;

  @Field(() => AssetLifecycleInput, { nullable: true, description: "Lifecycle of the assets." })
  lifecycle?: AssetLifecycleInput | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateAssetType`. Omitted fields keep their values." })
export class UpdateAssetTypeInput {
  @Field(() => ID, { description: "The asset type." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New display name." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "Name of an icon (at most 100 characters). Null removes it." })
  icon?: string | null;

  @Field(() => Int, { nullable: true, description: "New position." })
  position?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether no two assets of the type can have the same serial number. Refused while two of them have the same.",
  })
  hasUniqueSerialNumbers?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Days before the end of a warranty at which the event `asset.warranty_ending` occurs (0 to 366). Dates that were announced are not announced again.",
  })
  warrantyNoticeDays?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Days before an inspection at which the event `asset.inspection_due` occurs (0 to 366). Dates that were announced are not announced again.",
  })
  inspectionNoticeDays?: number | null;

  @Field(() => AssetLifecycleInput, {
    nullable: true,
    description:
      "Lifecycle of the assets. Null removes it. Statuses of assets whose workflow runs change at once. Existing assets get a workflow by `startAssetLifecycle`.",
  })
  lifecycle?: AssetLifecycleInput | null;
}
