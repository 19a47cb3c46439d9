import { fireEscalation } from "@weft/engine";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "./due-work/due-source.js";
import { dueStepWaits } from "./automation/waits.js";
import { dueSchedules } from "./schedules/run/due-schedules.js";
import { overdueTasks } from "./timers/overdue-tasks.js";
import { dueSla } from "./sla/due-sla.js";
import { dueCalendarChanges } from "./sla/recomputations/due-calendar-changes.js";
import { dueRecomputations } from "./sla/recomputations/due-recomputations.js";
import { dueTimers } from "./timers/due-timers.js";

/** Every source of due work of this subgraph: the list to add one to. */
export const dueSources = (
  services: Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "secrets" | "log">,
): readonly DueSource[] => [
  dueTimers(services, { ESCALATION: fireEscalation }),
  dueSchedules(services),
  dueStepWaits(services),
  overdueTasks(services),
  dueSla(services),
  dueCalendarChanges(services),
  dueRecomputations(services),
];
