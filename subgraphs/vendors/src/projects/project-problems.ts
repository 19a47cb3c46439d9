import { assertDay, BadUserInput, type Problem, quote, textProblems } from "@weft/shared";
import { moneyProblems } from "../money/money-problems.js";
import type { MoneyInput } from "../money/money.type.js";
import type { ProjectPhaseOrder } from "./project.input.js";

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
export function assertProject({ code, name, description, budget, startsOn, endsOn, phases, phaseOrder }: Given): void {
  if (typeof startsOn === "string") assertDay(startsOn, "input.startsOn");
  if (typeof endsOn === "string") assertDay(endsOn, "input.endsOn");
  const problems = [
    ...textProblems("input.code", code, { max: 40 }),
    ...textProblems("input.name", name, { max: 200 }),
    ...textProblems("input.description", description, { max: 2000, mayBeEmpty: true, hasLines: true }),
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
