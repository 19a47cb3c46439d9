import type { ScopeProposal } from "@weft/drizzle";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { assertDay } from "@weft/api/inputs";
import { moneyProblems } from "../money/money-problems.js";
import { scopeItemProblems } from "../project-scope/scope-item-problems.js";
import { numberProblems } from "../project-tasks/project-task-problems.js";
import type { ProposeScopeChangeInput } from "./scope-change.input.js";

const maxTasks = 100;

/** Returns what an input proposes, with the IDs of what it adds. @throws BadUserInput */
export function proposalOf(input: ProposeScopeChangeInput): ScopeProposal {
  const { startsOn, endsOn, budget } = input;
  assertProposal(input);
  return {
    addedItems: input.addedItems.map(({ title, description, acceptanceCriteria }) => ({
      id: newId(),
      title: title.trim(),
      description,
      acceptanceCriteria: acceptanceCriteria.map((text) => text.trim()),
    })),
    changedItems: input.changedItems.map(({ id, title, description, acceptanceCriteria }, index) => ({
      id: decodeId("scopeItem", id, `input.changedItems.${index}.id`),
      ...(typeof title === "string" && { title: title.trim() }),
      ...(typeof description === "string" && { description }),
      ...(acceptanceCriteria && { acceptanceCriteria: acceptanceCriteria.map((text) => text.trim()) }),
    })),
    removedItems: input.removedItemIds.map((id, index) => decodeId("scopeItem", id, `input.removedItemIds.${index}`)),
    ...(startsOn !== undefined && { startsOn }),
    ...(endsOn !== undefined && { endsOn }),
    ...(budget && { budget: { amount: budget.amount, currency: budget.currency } }),
    changedTasks: input.changedTasks.map(({ id, durationMinutes, estimateMinutes }, index) => ({
      id: decodeId("projectTask", id, `input.changedTasks.${index}.id`),
      ...(typeof durationMinutes === "number" && { durationMinutes }),
      ...(estimateMinutes !== undefined && { estimateMinutes }),
    })),
    addedTasks: input.addedTasks.map(({ name, durationMinutes, estimateMinutes, parentId, predecessorId }, index) => {
      const path = `input.addedTasks.${index}`;
      const predecessor = decodeIdOrNull("projectTask", predecessorId, `${path}.predecessorId`) ?? null;
      return {
        id: newId(),
        name: name.trim(),
        durationMinutes,
        estimateMinutes: estimateMinutes ?? null,
        parentId: decodeIdOrNull("projectTask", parentId, `${path}.parentId`) ?? null,
        predecessorId: predecessor,
        dependencyId: predecessor === null ? null : newId(),
      };
    }),
  };
}

/** @throws BadUserInput */
function assertProposal(input: ProposeScopeChangeInput): void {
  const { reason, addedItems, changedItems, removedItemIds, startsOn, endsOn, budget, addedTasks, changedTasks } = input;
  if (typeof startsOn === "string") assertDay(startsOn, "input.startsOn");
  if (typeof endsOn === "string") assertDay(endsOn, "input.endsOn");
  const problems: Problem[] = [
    ...textProblems("input.reason", reason, { max: 4000, hasLines: true }),
    ...addedItems.flatMap((item, index) => scopeItemProblems(`input.addedItems.${index}`, item)),
    ...changedItems.flatMap((item, index) => scopeItemProblems(`input.changedItems.${index}`, item)),
    ...moneyProblems("input.budget", budget),
    ...tooMany("input.addedTasks", addedTasks.length),
    ...tooMany("input.changedTasks", changedTasks.length),
    ...addedTasks.flatMap(({ name }, index) => textProblems(`input.addedTasks.${index}.name`, name, { max: 200 })),
    ...addedTasks.flatMap((task, index) => minuteProblems(`input.addedTasks.${index}`, task)),
    ...changedTasks.flatMap((task, index) => minuteProblems(`input.changedTasks.${index}`, task)),
    ...repeated("input.changedItems", [...changedItems.map(({ id }) => id), ...removedItemIds]),
    ...repeated(
      "input.changedTasks",
      changedTasks.map(({ id }) => id),
    ),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
}

const tooMany = (path: string, count: number): Problem[] =>
  count <= maxTasks ? [] : [{ path, message: `A change has at most ${maxTasks} of them, not ${count}.` }];

const minuteProblems = (
  path: string,
  { durationMinutes, estimateMinutes }: { durationMinutes?: number | null; estimateMinutes?: number | null },
): Problem[] => [
  ...numberProblems(`${path}.durationMinutes`, durationMinutes, 1_000_000),
  ...numberProblems(`${path}.estimateMinutes`, estimateMinutes, 10_000_000),
];

const repeated = (path: string, ids: readonly string[]): Problem[] =>
  new Set(ids).size === ids.length ? [] : [{ path, message: "Name each of them once, either as changed or as removed." }];
