import { encodeId } from "@weft/shared/ids";
import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { AssetRow } from "./asset.store.js";

@ObjectType({ description: "A deleted asset." })
@Allow(canInTenant("asset.delete"))
export class DeletedAsset {
  @Field(() => ID, { description: "ID (`ast_…`). Pass it to `restoreAsset`." })
  id!: string;

  @Field(() => String, { description: "Tag, which another asset can have by now." })
  tag!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => Int, { description: "Version number. Pass it to `restoreAsset` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Time of the deletion." })
  deletedAt!: string;

  @Field(() => User, { nullable: true, description: "User who deleted it. Null if you cannot see the user." })
  deletedBy!: User | null;
}

export const toDeletedAsset = ({ id, tag, name, version, deletedAt, deletedBy }: AssetRow): DeletedAsset => ({
  id: encodeId("asset", id),
  tag,
  name,
  version,
  deletedAt: deletedAt ?? "",
  deletedBy: deletedBy === null ? null : User.of(deletedBy),
});
