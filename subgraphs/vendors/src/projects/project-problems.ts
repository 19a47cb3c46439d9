import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { assertDay } from "@weft/api/inputs";
import { moneyProblems } from "../money/money-problems.js";
import type { MoneyInput } from "../money/money.type.js";
import { projectColumns, type ProjectPhaseOrder } from "./project.type.js";

interface Given {
  readonly code?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly budget?: MoneyInput | null | undefined;
  readonly startsOn?: string | null | undefined;
  readonly endsOn?: string | null | undefined;
  readonly phases?: readonly string[] | null | undefined;
  readonly phaseOrder?: ProjectPhaseOrder | null | undefined;
}

const maxPhases = 100;

/**
 * Checks the given values of a new or changed project.
 * @throws BadUserInput
 */
export function assertProject(given: Given): void {
  const { budget, startsOn, endsOn, phases, phaseOrder } = given;
  if (typeof startsOn === "string") assertDay(startsOn, "input.startsOn");
  if (typeof endsOn === "string") assertDay(endsOn, "input.endsOn");
  const problems = [
    ...projectColumns.textProblems(given),
    ...moneyProblems("input.budget", budget),
    ...phaseProblems(phases ?? [], phaseOrder),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

function phaseProblems(phases: readonly string[], order?: ProjectPhaseOrder | null): Problem[] {
  if (phases.length > maxPhases)
    return [{ path: "input.phases", message: `A project can have at most ${maxPhases} phases, not ${phases.length}.` }];
  const names = phases.map((phase) => phase.trim());
  return phases.flatMap((phase, i) => {
    const path = `input.phases.${i}`;
    const isRepeated = order === "SEQUENTIAL" && names.indexOf(phase.trim()) < i;
    const repeated = { path, message: `There is another phase ${quote(phase)}. Phases that follow each other need different names.` };
    return [...textProblems(path, phase, { max: 200 }), ...(isRepeated ? [repeated] : [])];
  });
}

/** @throws BadUserInput if the project would end before it starts */
export function assertDays({ startsOn, endsOn }: { readonly startsOn?: string | null; readonly endsOn?: string | null }): void {
  if (!startsOn || !endsOn || startsOn <= endsOn) return;
  throw new BadUserInput([
    { path: "input.endsOn", message: `The last day ${endsOn} is before the first day ${startsOn}. Change one of them.` },
  ]);
}
