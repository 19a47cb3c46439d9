import { type Calendars, daysOf, localDate, readCalendars, readNow, readVendorLoads } from "@weft/engine";
import { BadUserInput, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertDay } from "@weft/api/inputs";
import { findMissingDocuments } from "../documents/document.service.js";
import { readScores } from "../performance/performance.service.js";
import { loadVendors } from "../vendors/vendor.loader.js";
import type { Vendor } from "../vendors/vendor.type.js";
import { type Candidate, exclusionsOf, matching, type Need, rank } from "./criteria.js";
import { mediansOf } from "./price.js";
import type { SuggestVendorsInput } from "./suggestion.input.js";
import { type CandidateRow, findBuilding, findCandidates, findNeededWork, type NeededWork } from "./suggestion.store.js";
import type { VendorSuggestions } from "./suggestion.type.js";

/**
 * Returns the vendors for a piece of work, and why the others cannot get it. The number of statements does not depend on the number of vendors.
 * @param first maximum number of candidates, and of excluded vendors
 * @throws NotFound (the request), BadUserInput
 */
export async function suggestVendors(ctx: Context, input: SuggestVendorsInput, first: number): Promise<VendorSuggestions> {
  assertSuggestion(input, first);
  const work = typeof input.requestId === "string" ? await getWork(ctx, input.requestId) : null;
  const scores = await readScores(ctx);
  const { need, found } = await ctx.read(async (tx) => {
    const calendars = await readCalendars(tx, { tenantId: ctx.viewer.tenantId, teamId: null });
    const needed = await needOf(tx, ctx, { input, work, calendars });
    return { need: needed, found: await readVendors(tx, ctx, { need: needed, calendars, scores }) };
  });
  const all = found.map((candidate) => ({ candidate, exclusions: exclusionsOf(candidate, need) }));
  const able = found.filter((_, n) => all[n]?.exclusions.length === 0);
  const medians = mediansOf(able, need.categories);
  const candidates = able.map((candidate) => ({ candidate, ...rank(candidate, need, medians) })).toSorted((a, b) => b.score - a.score);
  const excluded = all
    .filter(({ exclusions }) => exclusions.length > 0)
    .toSorted((a, b) => matching(b.candidate, need).length - matching(a.candidate, need).length);
  return {
    categories: need.categories,
    neededOn: need.neededOn,
    candidates: await withVendors(ctx, candidates.slice(0, first), (vendor, { score, reasons }) => ({ vendor, score, reasons })),
    excluded: await withVendors(ctx, excluded.slice(0, first), (vendor, { exclusions }) => ({ vendor, reasons: exclusions })),
  };
}

function assertSuggestion({ requestId, categories, neededOn }: SuggestVendorsInput, first: number): void {
  if (typeof neededOn === "string") assertDay(neededOn, "input.neededOn");
  const problems: Problem[] = (categories ?? []).flatMap((category, i) => textProblems(`input.categories.${i}`, category, { max: 60 }));
  if (typeof requestId !== "string" && !Array.isArray(categories))
    problems.push({ path: "input", message: "Provide requestId or categories, or both." });
  if (categories && (categories.length < 1 || categories.length > 20))
    problems.push({ path: "input.categories", message: `Provide 1 to 20 categories, not ${categories.length}.` });
  if (first < 1 || first > 100) problems.push({ path: "first", message: `${first} is not between 1 and 100.` });
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function getWork(ctx: Context, requestId: string): Promise<NeededWork> {
  const id = decodeId("request", requestId, "input.requestId");
  const work = await ctx.read((tx) => findNeededWork(tx, ctx.viewer, id));
  if (work === null) throw new NotFound("Request", requestId);
  return work;
}

interface Given {
  readonly input: SuggestVendorsInput;
  readonly work: NeededWork | null;
  readonly calendars: Calendars;
}

async function needOf(tx: Tx, ctx: Context, { input, work, calendars: { standard } }: Given): Promise<Need> {
  const today = localDate(standard, await readNow(tx));
  const due = work?.dueAt ? localDate(standard, work.dueAt) : today;
  const neededOn = input.neededOn ?? (due < today ? today : due);
  const given = input.categories && [...new Set(input.categories.map((category) => category.trim().toLowerCase()))];
  return {
    categories: given ?? work?.words ?? [],
    isCategoryRequired: Array.isArray(given),
    buildingId: (await readBuilding(tx, ctx, input.buildingId)) ?? work?.buildingId ?? null,
    today,
    neededOn,
  };
}

async function readBuilding(tx: Tx, ctx: Context, buildingId: string | null | undefined): Promise<string | null> {
  if (buildingId === null || buildingId === undefined) return null;
  const id = decodeId("building", buildingId, "input.buildingId");
  if (await findBuilding(tx, ctx.viewer, id)) return id;
  throw new BadUserInput([{ path: "input.buildingId", message: `No building with the ID ${buildingId} exists.` }]);
}

interface Known {
  readonly need: Need;
  readonly calendars: Calendars;
  readonly scores: ReadonlyMap<string, number | null>;
}

async function readVendors(tx: Tx, ctx: Context, { need, calendars, scores }: Known): Promise<Candidate[]> {
  const { neededOn } = need;
  const rows = await findCandidates(tx, ctx.viewer, need);
  const ids = rows.map(({ id }) => id);
  const loads = new Map(
    (await readVendorLoads(tx, ids, { tenantId: ctx.viewer.tenantId, calendars })).map((load) => [load.vendorId, load]),
  );
  const missing = Map.groupBy(await findMissingDocuments(tx, ids), ({ vendorId }) => vendorId);
  return rows.flatMap((row) => {
    const load = loads.get(row.id);
    const known = { missing: missing.get(row.id) ?? [], performance: scores.get(row.id) ?? null };
    return load ? [{ ...row, ...known, load, isOpen: isOpenOn(row, neededOn, calendars) }] : [];
  });
}

function isOpenOn({ calendar }: CandidateRow, day: string, { standard, named }: Calendars): boolean {
  const [hours] = daysOf((calendar === null ? undefined : named.get(calendar)) ?? standard, day, 1) ?? [];
  return (hours?.workingHours.length ?? 0) > 0;
}

async function withVendors<Row extends { readonly candidate: Candidate }, T>(
  ctx: Context,
  rows: readonly Row[],
  toResult: (vendor: Vendor, row: Row) => T,
): Promise<T[]> {
  const vendors = await loadVendors(
    ctx,
    rows.map(({ candidate }) => candidate.id),
  );
  return rows.flatMap((row, n) => {
    const vendor = vendors[n];
    return vendor ? [toResult(vendor, row)] : [];
  });
}
