import { requests as requestTables, vendors as tables } from "@weft/drizzle";
import { type SQL, sql } from "drizzle-orm";

const { buildings } = requestTables;
const { vendorServiceAreas } = tables;

/** Returns the name of a region as it is shown: without repeated spaces. */
export const regionName = (region: string): string => region.normalize("NFKC").trim().replace(/\s+/gu, " ");

/**
 * Returns the name by which regions are compared, as the database derives it: character by character. `toLowerCase` of the whole name would turn `İ` into
 * two characters, and `Σ` at the end of a word into another letter than elsewhere.
 */
export const regionKey = (region: string): string =>
  Array.from(regionName(region), (character) => String.fromCodePoint(character.toLowerCase().codePointAt(0) ?? 0)).join("");

/** Whether a service area is the region of a building. */
export const isRegionOfBuilding: SQL = sql`${vendorServiceAreas.regionKey} = lower(btrim(regexp_replace(normalize(${buildings.region}, nfkc), '\\s+', ' ', 'g')))`;
