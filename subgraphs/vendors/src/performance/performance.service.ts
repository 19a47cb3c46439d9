import { readNow } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type Period, periodOf, selectIntervals, timeOf, timeZoneOf } from "@weft/api/periods";
import { loadVendor, loadVendors } from "../vendors/vendor.loader.js";
import type { Vendor } from "../vendors/vendor.type.js";
import { addWork, type Figure, figuresOf, noWork } from "./figures.js";
import type { VendorPerformanceFilter } from "./performance.input.js";
import { findVendorIds, rateWork, sumWork } from "./performance.store.js";
import type { VendorLeaguePlace, VendorPerformance, VendorScorecard } from "./performance.type.js";
import { mediansOf, pointsOf, type ScoreWeights, scoreOf } from "./score.js";

/**
 * Returns the figures of a vendor in a period, and by month.
 * @throws NotFound, BadUserInput (period, time zone)
 */
export async function readPerformance(ctx: Context, id: string, filter: VendorPerformanceFilter): Promise<VendorPerformance> {
  const vendor = await getVendor(ctx, id);
  const vendorId = decodeId("vendor", id, "vendorId");
  const timeZone = await timeZoneOf(ctx, filter);
  return ctx.read(async (tx) => {
    const period = periodOf(filter, await readNow(tx));
    const starts = await selectIntervals(tx, period, { timeZone, unit: "month" });
    const parts = starts.map(({ start }, n) => ({
      from: Math.max(start, period.from),
      to: Math.min(starts[n + 1]?.start ?? period.to, period.to),
    }));
    const sums = await sumWork(tx, [vendorId], parts);
    const months = starts.map(({ date }, n) => ({ month: date, figures: figuresOf(sums.find((one) => one.period === n) ?? noWork) }));
    const figures = figuresOf(sums.reduce(addWork, noWork)).map((figure) => ({ ...figure, vendorId, period }));
    return { vendor, from: timeOf(period.from), to: timeOf(period.to), figures, months };
  });
}

/**
 * Returns the vendors with the highest scores.
 * @throws BadUserInput (period, time zone)
 */
export async function readLeague(
  ctx: Context,
  filter: VendorPerformanceFilter,
  { category, first }: { readonly category: string | null; readonly first: number },
): Promise<VendorLeaguePlace[]> {
  const { figures, medians, weights } = await compareVendors(ctx, filter, category);
  const scored = [...figures]
    .map(([vendorId, own]) => ({ vendorId, figures: own, score: scoreOf(own, medians, weights) }))
    .toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1) || (a.vendorId < b.vendorId ? -1 : 1));
  const shown = scored.slice(0, first);
  const vendors = await loadVendors(
    ctx,
    shown.map(({ vendorId }) => vendorId),
  );
  return shown.flatMap(({ figures: own, score }, n) => {
    const vendor = vendors[n];
    return vendor ? [{ rank: scored.findIndex((one) => one.score === score) + 1, vendor, score, figures: own }] : [];
  });
}

/**
 * Returns the figures of a vendor next to the medians of all vendors, and its score.
 * @throws NotFound, BadUserInput (period, time zone)
 */
export async function readScorecard(ctx: Context, id: string, filter: VendorPerformanceFilter): Promise<VendorScorecard> {
  const vendor = await getVendor(ctx, id);
  const { figures, medians, weights } = await compareVendors(ctx, filter, null);
  const own = figures.get(decodeId("vendor", id, "vendorId")) ?? figuresOf(noWork);
  const entries = own.map((figure) => ({
    figure,
    median: medians.get(figure.name) ?? null,
    weight: weights[figure.name] ?? null,
    points: pointsOf(figure, medians),
  }));
  return { vendor, score: scoreOf(own, medians, weights), entries };
}

/** Returns the scores of all vendors that the viewer can see in the last 30 days, by UUID. Null: the vendor did nothing that counts. */
export async function readScores(ctx: Context): Promise<ReadonlyMap<string, number | null>> {
  const { figures, medians, weights } = await compareVendors(ctx, {}, null);
  return new Map([...figures].map(([vendorId, own]) => [vendorId, scoreOf(own, medians, weights)]));
}

/** Counts the stars of a new or changed rating for the figures, in the transaction that writes it. */
export const countRating = (tx: Tx, rating: Parameters<typeof rateWork>[1]): Promise<void> => rateWork(tx, rating);

interface Comparison {
  /** By UUID of the vendor. */
  readonly figures: ReadonlyMap<string, Figure[]>;
  readonly medians: ReturnType<typeof mediansOf>;
  readonly weights: ScoreWeights;
}

async function compareVendors(ctx: Context, filter: VendorPerformanceFilter, category: string | null): Promise<Comparison> {
  // Nothing here depends on it, but a name that is not that of a time zone is a mistake, as in the other statistics.
  await timeZoneOf(ctx, filter);
  const weights = (await effectiveConfigOf(ctx.services, ctx.viewer.tenantId)).vendors.scoreWeights;
  return ctx.read(async (tx) => {
    const period: Period = periodOf(filter, await readNow(tx));
    const ids = await findVendorIds(tx, ctx.viewer, category);
    const sums = new Map((await sumWork(tx, ids, [period])).map((one) => [one.vendorId, one]));
    const figures = new Map(ids.map((id) => [id, figuresOf(sums.get(id) ?? noWork)]));
    return { figures, medians: mediansOf([...figures.values()]), weights };
  });
}

async function getVendor(ctx: Context, id: string): Promise<Vendor> {
  const vendor = await loadVendor(ctx, decodeId("vendor", id, "vendorId"));
  if (vendor === null) throw new NotFound("Vendor", id);
  return vendor;
}
