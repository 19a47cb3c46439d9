import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { TaskChange, TaskChanged } from "./task-changed.type.js";
import { loadTask } from "./task.loader.js";

const changes: Readonly<Record<string, TaskChange>> = {
  "task.opened": TaskChange.OPENED,
  "task.claimed": TaskChange.CLAIMED,
  "task.released": TaskChange.RELEASED,
  "task.assigned": TaskChange.ASSIGNED,
  "task.updated": TaskChange.UPDATED,
  "task.commented": TaskChange.COMMENTED,
  "task.completed": TaskChange.COMPLETED,
  "task.closed": TaskChange.CLOSED,
};

async function changed(ctx: Context, _args: object, event: EventEnvelope | null): Promise<TaskChanged | null> {
  const change = event && changes[event.type];
  const task = change ? await loadTask(ctx, event.subjectId) : null;
  return change && task ? { cursor: cursorOf(ctx, event), change, task, occurredAt: event.occurredAt } : null;
}

export const TaskChangedLive = liveField({
  name: "taskChanged",
  type: () => TaskChanged,
  rule: can("task.read"),
  viewerIndependent: ["task.read", "task.assign"],
  vendorPortal: true,
  description: "Changes of the tasks that you can see, in order.",
  resolve: changed,
});

export const taskChangedModule: SubgraphModule = { resolvers: { tasks: [TaskChangedLive] } };
