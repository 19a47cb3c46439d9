import { registerEnumType } from "type-graphql";

/** Whether an instance still moves: its own status, and that of the request or project that it moves. */
export enum WorkflowStatus {
  RUNNING = "RUNNING",
  SUSPENDED = "SUSPENDED",
  COMPLETED = "COMPLETED",
  CANCELLED = "CANCELLED",
  FAILED = "FAILED",
}
registerEnumType(WorkflowStatus, {
  name: "WorkflowStatus",
  description: "Whether an instance still moves.",
  valuesConfig: {
    RUNNING: { description: "Moves." },
    SUSPENDED: { description: "Held by an operator; nothing is open." },
    COMPLETED: { description: "Reached a final state, for better or worse: the state says which." },
    CANCELLED: { description: "Ended before its goal." },
    FAILED: { description: "Stopped by a fault; an operator looks at it." },
  },
});
