import { requests as requestTables, vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules, visibleObjects, visibleObjectsByIndex } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { isRegionOfBuilding } from "../vendor-service-areas/region.js";
import type { Candidate, Need } from "./criteria.js";

const { absences, availability, vendorRates, vendors, vendorServiceAreas } = tables;
const { assets, buildings, requests, requestTypes } = requestTables;

/** A request, as far as the choice of a vendor depends on it. */
export type NeededWork = {
  /** Words that can be categories, in lower case: its type, the type of its asset, its tags. */
  readonly words: string[];
  readonly buildingId: string | null;
  /** ISO 8601 */
  readonly dueAt: string | null;
};

/** Returns null if the viewer cannot see the request. */
export async function findNeededWork(tx: Tx, viewer: Viewer, id: string): Promise<NeededWork | null> {
  const { from, id: requestId, inScope } = objectAccessRules.request;
  const [row] = await tx.execute<NeededWork>(
    named(
      "findNeededWork",
      sql`select array(select distinct lower(w) from unnest(array[${requestTypes.key}, ${assets.type}] || ${requests.tags}) w where w is not null order by 1) as words,
            ${requests.buildingId} as "buildingId", ${requests.dueAt} as "dueAt"
          from ${from}
          join ${requestTypes} on ${eq(requestTypes.tenantId, requests.tenantId)} and ${eq(requestTypes.id, requests.typeId)}
          left join ${assets} on ${eq(assets.tenantId, requests.tenantId)} and ${eq(assets.id, requests.assetId)}
          where ${requestId} = ${id}::uuid and ${inScope(viewer, "request.read")}`,
    ),
  );
  return row ?? null;
}

/** Returns whether the viewer can see the building. */
export async function findBuilding(tx: Tx, viewer: Viewer, id: string): Promise<boolean> {
  const { from, id: buildingId, inScope } = objectAccessRules.building;
  const rows = await tx.execute(
    named("findBuilding", sql`select 1 from ${from} where ${buildingId} = ${id}::uuid and ${inScope(viewer, "building.read")}`),
  );
  return rows.length > 0;
}

/** A vendor with its limits, its absences, its rates, and where it works, as far as they matter for a piece of work. */
export type CandidateRow = Pick<typeof vendors.$inferSelect, "id" | "name" | "status" | "categories"> &
  Pick<typeof availability.$inferSelect, "calendar" | "maxOpen" | "perDay" | "perWeek"> &
  Pick<Candidate, "absences" | "rates" | "area">;

/** Returns all vendors that the viewer can see, in one statement. */
export function findCandidates(tx: Tx, viewer: Viewer, need: Pick<Need, "today" | "neededOn" | "buildingId">): Promise<CandidateRow[]> {
  const query = tx
    .select({
      id: vendors.id,
      name: vendors.name,
      status: vendors.status,
      categories: vendors.categories,
      calendar: availability.calendar,
      maxOpen: availability.maxOpen,
      perDay: availability.perDay,
      perWeek: availability.perWeek,
      absences: absencesOn([need.today, need.neededOn]),
      rates: ratesOn(need.neededOn),
      area: areaOfVendor,
    })
    .from(vendors)
    .leftJoin(availability, and(eq(availability.tenantId, vendors.tenantId), eq(availability.vendorId, vendors.id)))
    .leftJoin(
      buildings,
      and(
        eq(buildings.tenantId, vendors.tenantId),
        sql`${buildings.id} = ${need.buildingId}::uuid`,
        visibleObjectsByIndex("building", viewer, "building.read"),
      ),
    )
    .where(visibleObjects("vendor", viewer, "vendor.read"))
    .orderBy(vendors.name, vendors.id);
  return named("findCandidates", query);
}

const absencesOn = (days: readonly string[]): SQL<CandidateRow["absences"]> => sql`coalesce((
  select jsonb_agg(jsonb_build_object('fromDay', ${absences.fromDay}, 'untilDay', ${absences.untilDay}) order by ${absences.fromDay}) from ${absences}
   where ${absences.tenantId} = ${vendors.tenantId} and ${absences.vendorId} = ${vendors.id}
     and exists (select from unnest(${sql.param([...days])}::text[]::date[]) d where d between ${absences.fromDay} and ${absences.untilDay})), '[]')`;

const ratesOn = (day: string): SQL<CandidateRow["rates"]> => sql`coalesce((
  select jsonb_agg(jsonb_build_object('category', ${vendorRates.category}, 'unit', ${vendorRates.unit}, 'amount', ${vendorRates.amount},
                                      'currency', ${vendorRates.currency}) order by ${vendorRates.position}) from ${vendorRates}
   where ${vendorRates.tenantId} = ${vendors.tenantId} and ${vendorRates.vendorId} = ${vendors.id}
     and ${day}::date between coalesce(${vendorRates.validFrom}, '-infinity') and coalesce(${vendorRates.validUntil}, 'infinity')), '[]')`;

const hasArea = (place: SQL): SQL => sql`exists (select from ${vendorServiceAreas}
  where ${vendorServiceAreas.tenantId} = ${vendors.tenantId} and ${vendorServiceAreas.vendorId} = ${vendors.id} and ${place})`;

/** Null without a building, or if the viewer cannot see it. */
const areaOfVendor: SQL<CandidateRow["area"]> = sql`case
  when ${buildings.id} is null then null
  when ${hasArea(eq(vendorServiceAreas.buildingId, buildings.id))} then 'BUILDING'
  when ${hasArea(isRegionOfBuilding)} then 'REGION'
  else 'ELSEWHERE' end`;
