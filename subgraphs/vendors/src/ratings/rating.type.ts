import { Allow, connectionOf, DateTimeScalar, encodeId, inherit, staff, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RatingRow } from "./rating.store.js";

@ObjectType({ description: "How a user rates the work that a vendor did for a request." })
@Allow(inherit)
export class VendorRating {
  @Field(() => ID, { description: "ID (`vrt_…`)." })
  id!: string;

  @Field(() => Int, { description: "1 (poor) to 5 (excellent)." })
  stars!: number;

  @Field(() => String, {
    nullable: true,
    description: "Comment. Users of the vendor see it only if `isForVendor` is true.",
  })
  comment!: string | null;

  @Field(() => Boolean, { description: "Whether users of the vendor can read the comment." })
  isForVendor!: boolean;

  @Field(() => User, { nullable: true, description: "The user who rated the vendor. Only for users of the organization." })
  @Allow(staff)
  ratedBy!: User | null;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it to `rateVendor` as `expectedVersion`." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  vendorId!: string;
  requestId!: string;
}

export const { Connection: VendorRatingConnection } = connectionOf(VendorRating);

/** Converts a row to its API type. */
export function toRating({ id, ratedBy, ...row }: RatingRow): VendorRating {
  const { stars, comment, isForVendor, version, createdAt, updatedAt, vendorId, requestId } = row;
  return Object.assign(new VendorRating(), {
    id: encodeId("vendorRating", id),
    stars,
    comment,
    isForVendor,
    ratedBy: User.of(ratedBy),
    version,
    createdAt,
    updatedAt,
    vendorId,
    requestId,
  });
}

export const VendorRatingPayload = payloadOf(VendorRating, "rating");
export type VendorRatingPayload = InstanceType<typeof VendorRatingPayload>;
