import type { Planned, PlanTask } from "../federation/planning/planner-thread.js";

/** Used instead of the planner's thread. The text of the operation says what happens. */
export function plan({ text }: PlanTask): Planned {
  if (text.includes("crash")) process.exit(1);
  if (text.includes("hang")) for (;;);
  return { plan: JSON.stringify({ kind: "QueryPlan" }) };
}
