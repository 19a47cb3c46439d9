/** Writes what levels of escalations do: their records, and the tasks that they change. */
import { escalations as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { taskColumns, type TaskRow } from "../model/instance-head.js";

const { escalations } = tables;
const { tasks } = workflows;

export type EscalationRow = typeof escalations.$inferSelect;

export async function insertEscalation(tx: Tx, row: EscalationRow): Promise<void> {
  await named("insertEscalation", tx.insert(escalations).values(row));
}

export type EscalatedTask = TaskRow;

/** Locks the open ones of these tasks. */
export function lockOpenTasks(tx: Tx, ids: readonly string[]): Promise<EscalatedTask[]> {
  return named(
    "lockEscalatedTasks",
    tx
      .select(taskColumns)
      .from(tasks)
      .where(and(inArray(tasks.id, [...ids]), inArray(tasks.status, ["OPEN", "CLAIMED"])))
      .orderBy(asc(tasks.id))
      .for("update"),
  );
}

export type TaskEscalation = Pick<
  EscalatedTask,
  | "status"
  | "assigneeId"
  | "claimedAt"
  | "delegatedFrom"
  | "candidateRoles"
  | "candidateUserIds"
  | "candidateTeamIds"
  | "candidateVendorIds"
  | "priority"
>;

/** Changes a locked task. */
export async function updateTask(tx: Tx, id: string, set: Partial<TaskEscalation>): Promise<EscalatedTask> {
  const [row] = await named(
    "escalateTask",
    tx
      .update(tasks)
      .set({ ...set, version: sql`${tasks.version} + 1` })
      .where(eq(tasks.id, id))
      .returning(),
  );
  if (!row) throw new Error(`task ${id} is locked, but missing`);
  return row;
}
