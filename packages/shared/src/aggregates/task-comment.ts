import type { Aggregate } from "./aggregate.js";

export const taskComment = {
  types: { taskComment: { prefix: "cmt", typeName: "TaskComment", table: "workflows.task_comments", role: "entity" } },
} as const satisfies Aggregate;
