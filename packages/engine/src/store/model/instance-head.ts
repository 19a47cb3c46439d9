import { workflows } from "@weft/drizzle";
import { getTableColumns } from "drizzle-orm";

const { isDeleted: _deletedInstance, ...headColumns } = getTableColumns(workflows.instances);
const { isDeleted: _deletedTask, ...taskColumns } = getTableColumns(workflows.tasks);

/** Columns of an instance and of a task. Statements read only rows that are not deleted. */
export { headColumns, taskColumns };

/** The row of an instance: the only place of its state and data. */
export type InstanceHead = Omit<typeof workflows.instances.$inferSelect, "isDeleted">;
/** The row of a task. */
export type TaskRow = Omit<typeof workflows.tasks.$inferSelect, "isDeleted">;
