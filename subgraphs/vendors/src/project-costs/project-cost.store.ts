import { vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, insertedRow, named, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, eq, isNull, sql } from "drizzle-orm";
import { inVisibleProject } from "../projects/in-visible-project.js";

const { projectCosts: costs } = tables;

export type ProjectCostRow = typeof costs.$inferSelect;
export type NewProjectCost = typeof costs.$inferInsert;

/** A sum of costs that were not voided, in one currency. */
export interface CostSum {
  /** UUID of the project or the contract. */
  readonly id: string;
  readonly currency: string;
  readonly amount: number;
}

const sum = sql<number>`sum(${costs.amount})`.mapWith(Number);

/** Locks a cost. Null if the viewer cannot change its project. */
export async function lockCost(tx: Tx, viewer: Viewer, id: string): Promise<ProjectCostRow | null> {
  const where = and(eq(costs.id, id), inVisibleProject(costs, viewer, "project.update"));
  const [row] = await named("lockProjectCost", tx.select().from(costs).where(where).for("no key update"));
  return row ?? null;
}

/** Null if the viewer cannot see its project. */
export async function findCost(tx: Tx, viewer: Viewer, id: string): Promise<ProjectCostRow | null> {
  const where = and(eq(costs.id, id), inVisibleProject(costs, viewer, "project.read"));
  const [row] = await named("findProjectCost", tx.select().from(costs).where(where));
  return row ?? null;
}

export const insertCost = (tx: Tx, values: NewProjectCost): Promise<ProjectCostRow> =>
  insertedRow(named("insertProjectCost", tx.insert(costs).values(values).returning()));

/** Voids a cost that the caller has locked. */
export async function voidCost(
  tx: Tx,
  id: string,
  { voidedBy, voidReason }: { readonly voidedBy: string; readonly voidReason: string },
): Promise<ProjectCostRow> {
  const changes = { voidedBy, voidReason, voidedAt: sql`app.weft_now()`, version: sql`${costs.version} + 1` };
  const row = await writtenRow(named("voidProjectCost", tx.update(costs).set(changes).where(eq(costs.id, id)).returning()));
  if (row === null) throw new Error("A locked cost could not be voided.");
  return row;
}

/** Returns the currency of a project's costs, also voided ones. Null if there are none. */
export async function findCurrency(tx: Tx, projectId: string): Promise<string | null> {
  const query = tx.select({ currency: costs.currency }).from(costs).where(eq(costs.projectId, projectId)).limit(1);
  const [row] = await named("findCurrencyOfCosts", query);
  return row?.currency ?? null;
}

/** Sums up the costs of projects. Those without costs are missing. */
export const sumCostsOfProjects = (tx: Tx, projectIds: readonly string[]): Promise<CostSum[]> =>
  named(
    "sumCostsOfProjects",
    tx
      .select({ id: costs.projectId, currency: costs.currency, amount: sum })
      .from(costs)
      .where(and(among(costs.projectId, projectIds), isNull(costs.voidedAt)))
      .groupBy(costs.projectId, costs.currency),
  );

/** Sums up the costs under contracts, by currency. */
export async function sumCostsOfContracts(tx: Tx, contractIds: readonly string[]): Promise<CostSum[]> {
  const query = tx
    .select({ id: costs.contractId, currency: costs.currency, amount: sum })
    .from(costs)
    .where(and(among(costs.contractId, contractIds), isNull(costs.voidedAt)))
    .groupBy(costs.contractId, costs.currency);
  const rows = await named("sumCostsOfContracts", query);
  return rows.flatMap(({ id, ...row }) => (id === null ? [] : [{ id, ...row }]));
}

/** Returns at most `slice.limit` costs of each project that was checked to be visible, in the slice's order. */
export function listCostsOfProjects(
  tx: Tx,
  projectIds: readonly string[],
  slice: KeysetSlice,
  includeVoided: boolean,
): Promise<ProjectCostRow[]> {
  return rowsOfEach(tx, "listCostsOfProjects", costs, {
    parent: costs.projectId,
    parentIds: projectIds,
    where: includeVoided ? undefined : isNull(costs.voidedAt),
    slice,
  });
}

export async function countCosts(tx: Tx, projectId: string, includeVoided: boolean): Promise<number> {
  const where = and(eq(costs.projectId, projectId), includeVoided ? undefined : isNull(costs.voidedAt));
  const [row] = await named("countProjectCosts", tx.select({ count: count() }).from(costs).where(where));
  return row?.count ?? 0;
}
