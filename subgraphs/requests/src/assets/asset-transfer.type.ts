import { Allow, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { AssetTransferRow } from "./asset-transfer.store.js";

@ObjectType({ description: "A transfer of an asset from one building to another. Only for users of the organization." })
@Allow(staff)
export class AssetTransfer {
  @Field(() => String, { nullable: true, description: "Why the asset was transferred. Null if nobody said why." })
  reason!: string | null;

  @Field(() => User, { nullable: true, description: "User who transferred the asset. Null if you cannot see the user." })
  transferredBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the transfer." })
  transferredAt!: string;

  /** UUIDs, for loaders. */
  row!: AssetTransferRow;
}

/** Converts a row to its API type. */
export const toAssetTransfer = (row: AssetTransferRow): AssetTransfer =>
  Object.assign(new AssetTransfer(), {
    reason: row.reason,
    transferredBy: User.of(row.actorId),
    transferredAt: row.createdAt,
    row,
  });
