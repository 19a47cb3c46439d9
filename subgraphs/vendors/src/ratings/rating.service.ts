import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { countRating } from "../performance/performance.service.js";
import {
  findRatedRequest,
  insertRating,
  lockRating,
  type RatedRequest,
  type RatingRow,
  selectRating,
  updateRating,
} from "./rating.store.js";
import { ratingColumns, type RateVendorInput } from "./rating.type.js";

/** Afterwards figures of earlier months no longer change. */
const changeableDays = 30;

/**
 * Rates the vendor that completed a request, or changes the viewer's rating of it.
 * @throws NotFound, BadUserInput (not completed by a vendor, too late), Conflict (another user rated it, another version, idempotency key)
 */
export async function rateVendor(ctx: Context, input: RateVendorInput): Promise<RatingRow> {
  const requestId = decodeId("request", input.requestId, "input.requestId");
  ratingColumns.assertText(input);
  if (input.stars < 1 || input.stars > 5) throw refused(`${input.stars} is not a number of stars. Use 1 to 5.`, "input.stars");
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "rateVendor", key: input.idempotencyKey, input }, async () => {
      const request = await findRatedRequest(tx, ctx.viewer, requestId);
      if (request === null) throw new NotFound("Request", input.requestId);
      return { id: (await write(tx, ctx, { input, requestId, vendorId: completedBy(request) })).id };
    });
    const row = await selectRating(tx, result["id"] ?? "");
    if (row === null) throw new Error(`The rating ${result["id"]} was written but cannot be read.`);
    return row;
  });
}

/** Returns the vendor that completed the request. @throws BadUserInput if none did */
function completedBy({ ending, vendorId }: RatedRequest): string {
  if (ending === null) throw refused("The request has not ended. Rate the vendor when its work is completed.");
  if (ending !== "completed") throw refused("The request was not completed. Only completed work can be rated.");
  if (vendorId === null) throw refused("The request was not assigned to a vendor when it ended.");
  return vendorId;
}

interface Rated {
  readonly input: RateVendorInput;
  readonly requestId: string;
  readonly vendorId: string;
}

/** Of concurrent first ratings, one is inserted. The others wait for it, and are changes. */
async function write(tx: Tx, ctx: Context, { input, requestId, vendorId }: Rated): Promise<RatingRow> {
  const { tenantId, userId: ratedBy } = ctx.viewer;
  const { stars, expectedVersion = null } = input;
  const values = { comment: null, ...ratingColumns.plain(input) };
  const event = { payload: { stars }, related: { vendor: vendorId } };
  const first =
    expectedVersion === null ? await insertRating(tx, { tenantId, id: newId(), vendorId, requestId, ratedBy, ...values }) : null;
  if (first !== null) {
    await countRating(tx, first);
    await recordChange(tx, ctx.meta, { event: { type: "vendorRating.created", ...event }, before: null, after: first });
    return first;
  }
  const before = await changeable(tx, ctx, { requestId, vendorId, expectedVersion });
  const after = await updateRating(tx, before.id, values);
  await countRating(tx, after);
  await recordChange(tx, ctx.meta, { event: { type: "vendorRating.updated", ...event }, before, after });
  return after;
}

/** Locks and returns the rating to change. @throws BadUserInput, Conflict */
async function changeable(
  tx: Tx,
  ctx: Context,
  { requestId, vendorId, expectedVersion }: Omit<Rated, "input"> & { readonly expectedVersion: number | null },
): Promise<RatingRow> {
  const found = await lockRating(tx, { requestId, vendorId, days: changeableDays });
  if (found === null) throw new Conflict(`The request is not rated, so it has no version ${expectedVersion}. Omit expectedVersion.`);
  const { row, isOpen } = found;
  if (row.ratedBy !== ctx.viewer.userId) throw new Conflict("Another user has already rated the vendor for this request.");
  if (expectedVersion !== null && row.version !== expectedVersion)
    throw new Conflict(`The rating has version ${row.version}, not ${expectedVersion}.`, { currentVersion: row.version });
  if (!isOpen) throw refused(`The rating is older than ${changeableDays} days. It can no longer be changed.`);
  return row;
}

const refused = (message: string, path = "input.requestId"): BadUserInput => new BadUserInput([{ path, message }]);
