import { endingTypes, isEnding } from "@weft/shared/event-catalog";
import type { EventConsumer } from "@weft/platform/events";
import { closeRun, wakeQueue } from "./run.store.js";

/** Lets the next waiting run of a schedule start when the instance of an earlier run has ended. */
export const endedRuns: EventConsumer = {
  name: "schedules",
  types: endingTypes,
  wants: isEnding,
  handle: async (tx, event) => {
    const instanceId = event.payload["instanceId"];
    if (!isEnding(event) || typeof instanceId !== "string") return;
    const scheduleId = await closeRun(tx, instanceId);
    if (scheduleId !== null) await wakeQueue(tx, scheduleId);
  },
};
