import type { ScopeApplication, ScopeProposal } from "@weft/drizzle";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { inUnits } from "../money/money-problems.js";
import { assertRoomForItems } from "../project-scope/scope-item-problems.js";
import type { ScopeItemRow } from "../project-scope/scope-item.service.js";
import type { contentOf } from "../project-scope/scope-version.service.js";
import { assertDays } from "../projects/project-problems.js";
import type { LockedProject } from "../projects/update-project.service.js";

/** Items of the scope after a change, and what of them is written. @throws BadUserInput (an item that the scope does not have, too many items) */
export function changedItems(
  items: readonly ScopeItemRow[],
  { addedItems, changedItems, removedItems }: ScopeProposal,
): Pick<ScopeApplication, "items"> & { readonly after: readonly Parameters<typeof contentOf>[1][number][] } {
  const known = new Map(
    items.map(({ id, title, description, acceptanceCriteria }) => [id, { id, title, description, acceptanceCriteria }]),
  );
  const unknown = (id: string, path: string): Problem[] =>
    known.has(id) ? [] : [{ path, message: `The scope of the project has no item with the ID ${encodeId("scopeItem", id)}.` }];
  const problems = [
    ...changedItems.flatMap(({ id }, index) => unknown(id, `input.changedItems.${index}.id`)),
    ...removedItems.flatMap((id, index) => unknown(id, `input.removedItemIds.${index}`)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  const changed = changedItems.flatMap(({ id, ...changes }) => {
    const item = known.get(id);
    return item ? [{ ...item, ...changes }] : [];
  });
  for (const item of changed) known.set(item.id, { ...item, acceptanceCriteria: [...item.acceptanceCriteria] });
  for (const id of removedItems) known.delete(id);
  for (const item of addedItems) known.set(item.id, { ...item, acceptanceCriteria: [...item.acceptanceCriteria] });
  assertRoomForItems(known.size, "input.addedItems");
  return { items: { added: addedItems, changed, removed: removedItems }, after: [...known.values()] };
}

type Project = Pick<LockedProject, "startsOn" | "endsOn" | "budgetAmount" | "currency">;

/** Returns the project after a change, and what of it and of its workflow is written. @throws BadUserInput if it would end before it starts */
export function changedProject(
  before: LockedProject,
  { startsOn, endsOn, budget }: ScopeProposal,
): { readonly after: Project } & Pick<ScopeApplication, "project" | "workflowData"> {
  const after: Project = {
    startsOn: startsOn === undefined ? before.startsOn : startsOn,
    endsOn: endsOn === undefined ? before.endsOn : endsOn,
    budgetAmount: budget?.amount ?? before.budgetAmount,
    currency: budget?.currency ?? before.currency,
  };
  assertDays(after);
  const isOtherBudget = after.budgetAmount !== before.budgetAmount || after.currency !== before.currency;
  const changed = [
    ...(after.startsOn === before.startsOn ? [] : ["startsOn"]),
    ...(after.endsOn === before.endsOn ? [] : ["endsOn"]),
    ...(isOtherBudget ? ["budget"] : []),
  ];
  return {
    after,
    project: changed.length === 0 ? null : { ...after, changed },
    workflowData: isOtherBudget && budget ? { budget: inUnits(budget) } : null,
  };
}
