import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit, staff } from "@weft/api/rules";
import { ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { RatingRow } from "./rating.store.js";

export const ratingColumns = columns({
  ...column.shownOnly({ id: column.id("ID (`vrt_…`).") }),
  requestId: column.id("A completed request.", { shown: false, converted: true }),
  stars: column.int("1 (poor) to 5 (excellent)."),
  comment: column.text("Comment. Users of the vendor see it only if `isForVendor` is true.", {
    max: 2_000,
    hasLines: true,
    nullable: true,
    created: "Comment (at most 2,000 characters). Default: none.",
  }),
  isForVendor: column.flag("Whether users of the vendor can read the comment. They never see who wrote it.", {
    initial: false,
    shown: "Whether users of the vendor can read the comment.",
  }),
  expectedVersion: column.int("Version of the rating that you last read. The call fails with `CONFLICT` if the current version differs.", {
    shown: false,
    nullable: true,
    isKey: true,
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    ratedBy: column.of(() => User, "The user who rated the vendor. Only for users of the organization.", {
      nullable: true,
      decorators: [Allow(staff)],
    }),
  }),
  ...standardColumns.version("rateVendor"),
  ...standardColumns.times,
});

@ShowColumns(ratingColumns)
@ObjectType({ description: "How a user rates the work that a vendor did for a request." })
@Allow(inherit)
export class VendorRating extends shapeOf(ratingColumns) {
  vendorId!: string;
  requestId!: string;
}

export const RateVendorInput = createInputOf(
  "RateVendorInput",
  ratingColumns,
  "Input of `rateVendor`. A change replaces the stars and the comment.",
);
export type RateVendorInput = InstanceType<typeof RateVendorInput>;

export const { Connection: VendorRatingConnection } = connectionOf(VendorRating);

/** Converts a row to its API type. */
export const toRating = (row: RatingRow): VendorRating =>
  Object.assign(new VendorRating(), ratingColumns.shown(row), {
    id: encodeId("vendorRating", row.id),
    ratedBy: User.of(row.ratedBy),
    vendorId: row.vendorId,
    requestId: row.requestId,
  });

export const VendorRatingPayload = payloadOf(VendorRating, "rating");
export type VendorRatingPayload = InstanceType<typeof VendorRatingPayload>;
