import { BadUserInput, type Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { assertDay } from "@weft/api/inputs";
import type { SetVendorAvailabilityInput, VendorAbsenceInput } from "./availability.type.js";

const maxAbsences = 100;
const maxLimit = 100_000;

/**
 * Checks the given values of a vendor's availability.
 * @throws BadUserInput
 */
export function assertAvailability({ absences, ...limits }: SetVendorAvailabilityInput): void {
  const given = absences ?? [];
  for (const [i, { fromDay, untilDay }] of given.entries()) {
    assertDay(fromDay, `input.absences.${i}.fromDay`);
    assertDay(untilDay, `input.absences.${i}.untilDay`);
  }
  const problems = [
    ...(["maxOpen", "perDay", "perWeek"] as const).flatMap((name) => limitProblems(`input.${name}`, limits[name])),
    ...absencesProblems(given),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

function limitProblems(path: string, value: number | null | undefined): Problem[] {
  if (value === null || value === undefined || (value >= 0 && value <= maxLimit)) return [];
  return [{ path, message: `${value} is not between 0 and ${maxLimit}. Use null for no limit.` }];
}

function absencesProblems(absences: readonly VendorAbsenceInput[]): Problem[] {
  if (absences.length > maxAbsences)
    return [{ path: "input.absences", message: `A vendor can have at most ${maxAbsences} absences, not ${absences.length}.` }];
  return absences.flatMap(({ fromDay, untilDay, reason }, i) => {
    const path = `input.absences.${i}`;
    const other = absences.findIndex((one, n) => n < i && one.fromDay <= untilDay && fromDay <= one.untilDay);
    return [
      ...(untilDay < fromDay
        ? [{ path: `${path}.untilDay`, message: `The last day ${untilDay} is before the first day ${fromDay}.` }]
        : []),
      ...(other >= 0 ? [{ path, message: `It overlaps with input.absences.${other}. Combine the two.` }] : []),
      ...textProblems(`${path}.reason`, reason, { max: 1000, hasLines: true }),
    ];
  });
}
