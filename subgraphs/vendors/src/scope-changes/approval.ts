import { actorOf, findPublishedMachine, startInstance } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { inUnits } from "../money/money-problems.js";
import type { LockedProject } from "../projects/update-project.service.js";
import type { ComputedChange } from "./compute.js";
import type { ScopeChangeRow } from "./scope-change.store.js";

/** Key of the definition of approvals. An approval uses the version that is the newest published one when it starts. */
const definitionKey = "scope-change-approval";

/** @throws BadUserInput if no definition of approvals is published */
export async function getApprovalMachine(ctx: Context, tx: Tx, path: string) {
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, definitionKey);
  if (machine !== null) return machine;
  const message = `The approval of changes needs the definition ${quote(definitionKey)}, which is not published. Publish it first.`;
  throw new BadUserInput([{ path, message }]);
}

/**
 * Starts the approval of a change. What happens at its end is decided by the function `vendors.follow_scope_approval`, whoever ends it. The change is written
 * before, because an approval can end while it starts.
 */
export async function startApproval(
  ctx: Context,
  tx: Tx,
  change: ScopeChangeRow,
  { machine, project, computed }: { readonly machine: ApprovalMachine; readonly project: LockedProject; readonly computed: ComputedChange },
): Promise<void> {
  const data = Object.entries(dataOf(change, project, computed)).filter(
    ([name, value]) => value !== null && machine.data.root.properties.has(name),
  );
  await startInstance(tx, ctx.meta, {
    definitionKey,
    id: change.instanceId,
    data: Object.fromEntries(data),
    ownerId: ctx.viewer.userId,
    subject: { type: "scopeChange", id: change.id },
    actor: actorOf(ctx.viewer),
  });
}

type ApprovalMachine = Awaited<ReturnType<typeof getApprovalMachine>>;

/** Returns what an approval decides with. Those properties are passed that the definition has. */
function dataOf({ number, reason }: ScopeChangeRow, { code, name }: LockedProject, { impact, application }: ComputedChange) {
  const { budget, newBudget } = impact;
  const [was, is] = [budget ? inUnits(budget) : 0, newBudget ? inUnits(newBudget) : 0];
  const digits = 1e4;
  return {
    project: name,
    projectCode: code,
    number,
    reason,
    addedItems: application.items.added.length,
    changedItems: application.items.changed.length,
    removedItems: application.items.removed.length,
    finishAt: impact.newFinishAt,
    finishByMinutes: impact.finishByMinutes,
    isAfterLastDay: impact.isAfterLastDay,
    workByMinutes: impact.newWorkMinutes - impact.workMinutes,
    startsOn: impact.newStartsOn,
    endsOn: impact.newEndsOn,
    budget: newBudget && is,
    // Without the error of the binary fraction.
    budgetBy: Math.round((is - was) * digits) / digits,
    currency: newBudget?.currency ?? null,
  };
}
