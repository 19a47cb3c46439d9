import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { allChecked } from "@weft/api/inputs";
import { assertTimeZone } from "@weft/api/periods";
import { iso31661 } from "iso-3166";
import type { BuildingRow } from "./building.store.js";
import type { Position } from "./building.type.js";

const countries: ReadonlySet<string> = new Set(iso31661.map(({ alpha2 }) => alpha2));

/** Where a building is, as in its inputs. */
interface PlaceInput {
  readonly country?: string | null;
  readonly position?: Position | null;
  readonly timeZone?: string | null;
}

type PlaceColumns = Partial<Pick<BuildingRow, "country" | "latitude" | "longitude" | "timeZone">>;

/**
 * Returns the columns of those values that are given. Null clears them.
 * @throws BadUserInput if a country or time zone does not exist, or a position is not on the map
 */
export function placeColumns({ country, position, timeZone }: PlaceInput): PlaceColumns {
  const problems: Problem[] = [];
  if (typeof country === "string" && !countries.has(country)) {
    const message = `${quote(country)} is not a country code. Use two capital letters of ISO 3166-1, for example CH.`;
    problems.push({ path: "input.country", message });
  }
  if (position)
    problems.push(...degreeProblems("latitude", position.latitude, 90), ...degreeProblems("longitude", position.longitude, 180));
  allChecked(
    () => {
      if (problems.length > 0) throw new BadUserInput(problems);
    },
    () => {
      if (typeof timeZone === "string") assertTimeZone(timeZone, "input.timeZone");
    },
  );
  return {
    ...(country !== undefined && { country }),
    ...(position !== undefined && { latitude: position?.latitude ?? null, longitude: position?.longitude ?? null }),
    ...(timeZone !== undefined && { timeZone }),
  };
}

const degreeProblems = (name: keyof Position, degrees: number, max: number): Problem[] =>
  Math.abs(degrees) <= max
    ? []
    : [{ path: `input.position.${name}`, message: `${degrees} is not a ${name}. Use degrees between -${max} and ${max}.` }];
