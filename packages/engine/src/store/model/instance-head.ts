import type { workflows } from "@weft/drizzle";

/** The row of an instance: the only place of its state and data. */
export type InstanceHead = typeof workflows.instances.$inferSelect;
