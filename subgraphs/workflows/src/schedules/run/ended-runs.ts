import type { EventConsumer } from "@weft/shared";
import { closeRun, wakeQueue } from "./run.store.js";

const ended: ReadonlySet<unknown> = new Set(["COMPLETED", "CANCELLED"]);

/** Lets the next waiting run of a schedule start when the instance of an earlier run has ended. */
export const endedRuns: EventConsumer = {
  name: "schedules",
  types: [
    "workflow.started",
    "workflow.transitioned",
    "workflow.cancelled",
    "workflow.voted",
    "workflow.child_ended",
    "workflow.rolled_back",
    "workflow.incident_resolved",
  ],
  handle: async (tx, { payload }) => {
    if (!ended.has(payload["status"]) || typeof payload["instanceId"] !== "string") return;
    const scheduleId = await closeRun(tx, payload["instanceId"]);
    if (scheduleId !== null) await wakeQueue(tx, scheduleId);
  },
};
