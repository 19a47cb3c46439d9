import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** Status of a workflow instance, also shown for the request or project that it belongs to. */
export enum WorkflowStatus {
  RUNNING = "RUNNING",
  SUSPENDED = "SUSPENDED",
  COMPLETED = "COMPLETED",
  CANCELLED = "CANCELLED",
  FAILED = "FAILED",
}
registerEnumType(WorkflowStatus, {
  name: "WorkflowStatus",
  description: "Status of a workflow instance.",
  valuesConfig: {
    RUNNING: { description: "In progress." },
    SUSPENDED: { description: "Suspended by an operator. No transition can fire." },
    COMPLETED: { description: "Reached a final state, successful or not." },
    CANCELLED: { description: "Canceled before it reached a final state." },
    FAILED: { description: "Stopped by an incident that an operator must resolve." },
  },
});
