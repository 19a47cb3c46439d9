import type { ScopeContent } from "@weft/drizzle";
import { BadUserInput, Conflict } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { toMoney } from "../money/money.type.js";
import { getLocked, type LockedProject } from "../projects/update-project.service.js";
import { readScopeItems } from "./scope-item.service.js";
import type { ScopeItemRow } from "./scope-item.store.js";
import { findNewestVersion, findScopeVersion, insertScopeVersion, type ScopeVersionRow } from "./scope-version.store.js";

/** Returns the version in force, for other parts of the subgraph. */
export const findScopeInForce = (tx: Tx, projectId: string): Promise<ScopeVersionRow | null> => findNewestVersion(tx, projectId);

/**
 * Approves the scope of a project as its first version. Of concurrent approvals one succeeds.
 * @throws NotFound, BadUserInput (no items), Conflict (another version of the project; approved before; idempotency key used with different input)
 */
export async function approveScope(ctx: Context, input: KeyedVersionedIdInput): Promise<ScopeVersionRow> {
  const projectId = decodeId("project", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "approveScope", input }, async () => {
      const project = await getLocked(tx, ctx.viewer, {
        id: projectId,
        permission: "scope.approve",
        expectedVersion: input.expectedVersion,
      });
      const approved = await findNewestVersion(tx, projectId);
      if (approved !== null)
        throw new Conflict(`Version ${approved.number} of the scope is already approved. Propose changes with proposeScopeChange.`, {});
      const items = await readScopeItems(tx, projectId);
      if (items.length === 0)
        throw new BadUserInput([{ path: "input.id", message: "The scope has no items. Create at least one with createScopeItem." }]);
      const { tenantId, userId } = ctx.viewer;
      const content = contentOf(project, items);
      const row = await insertScopeVersion(tx, { tenantId, id: newId(), projectId, number: 1, content, approvedBy: userId });
      const payload = { number: 1, hash: row.hash };
      await appendEvents(tx, ctx.meta, [{ type: "scopeVersion.approved", subjectId: row.id, subjectVersion: 1, payload }]);
      const entry = { action: "scope.approve", entityType: "scopeVersion", entityId: row.id } as const;
      await writeAudit(tx, ctx.meta, [{ ...entry, before: null, after: row }]);
      return row;
    });
    const row = await findScopeVersion(tx, id);
    if (row === null) throw new Error(`The scope of the project ${projectId} was approved but cannot be read.`);
    return row;
  });
}

/** Returns what a version of a scope contains. */
export const contentOf = (
  { startsOn, endsOn, budgetAmount, currency }: Pick<LockedProject, "startsOn" | "endsOn" | "budgetAmount" | "currency">,
  items: readonly Pick<ScopeItemRow, "id" | "title" | "description" | "acceptanceCriteria">[],
): ScopeContent => {
  const budget = toMoney(budgetAmount, currency);
  return {
    items: Object.fromEntries(
      items.map(({ id, title, description, acceptanceCriteria }) => [
        encodeId("scopeItem", id),
        { title, description, acceptanceCriteria },
      ]),
    ),
    startsOn,
    endsOn,
    budget: budget && { amount: budget.amount, currency: budget.currency },
  };
};
