import type { AnyNewEvent } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import type { TimerResult } from "../../core/automatic/fire-timer.js";
import { businessOf } from "../outcome/events.js";
import { peopleOf } from "../model/people.js";
import type { InstanceRead } from "../model/snapshot.js";
import type { TimerRow } from "./timers.store.js";

/** Returns the event of a reminder: whom it is for, as they are at this moment. */
export function remindedEvent(
  { head }: InstanceRead,
  machine: Machine,
  timer: TimerRow,
  { notify, tasks }: Extract<TimerResult, { kind: "reminded" }>,
): AnyNewEvent {
  const title =
    tasks.find(({ id }) => id === timer.taskId)?.title ?? `${machine.name}: ${machine.states.get(head.state)?.title ?? head.state}`;
  return {
    type: "workflow.reminded",
    subjectId: head.id,
    subjectVersion: head.version,
    related: { ...(timer.taskId !== null && { task: timer.taskId }), ...businessOf(head) },
    payload: {
      instanceId: head.id,
      definitionKey: head.definitionKey,
      version: head.version,
      status: head.status,
      timer: timer.name,
      state: head.state,
      taskId: timer.taskId,
      title,
      ...peopleOf(notify, head, tasks),
    },
  };
}
