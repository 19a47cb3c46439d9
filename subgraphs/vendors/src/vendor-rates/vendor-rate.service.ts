import { BadUserInput } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { changePartsOfVendor } from "../vendors/vendor.service.js";
import type { Vendor } from "../vendors/vendor.type.js";
import { rateProblems } from "./rate-problems.js";
import type { SetVendorRatesInput } from "./vendor-rate.input.js";
import { findRates, type RateRow, replaceRates } from "./vendor-rate.store.js";

/**
 * Replaces the rates of a vendor.
 * @throws NotFound, BadUserInput, Conflict (version)
 */
export async function setVendorRates(ctx: Context, input: SetVendorRatesInput): Promise<Vendor> {
  const problems = rateProblems("input.rates", input.rates);
  if (problems.length > 0) throw new BadUserInput(problems);
  return changePartsOfVendor(ctx, input, "rates", async (tx, vendorId) => {
    const { tenantId } = ctx.viewer;
    const after = input.rates.map(({ category, unit, amount: { amount, currency }, validFrom, validUntil }, at): RateRow => {
      const validity = { validFrom: validFrom ?? null, validUntil: validUntil ?? null };
      return { tenantId, vendorId, position: at + 1, category: category?.trim() ?? null, unit, amount, currency, ...validity };
    });
    const before = await findRates(tx, [vendorId]);
    await replaceRates(tx, vendorId, after);
    return { before: before.map(imageOf), after: after.map(imageOf) };
  });
}

const imageOf = ({ category, unit, amount, currency, validFrom, validUntil }: RateRow) => ({
  category,
  unit,
  amount,
  currency,
  validFrom,
  validUntil,
});
