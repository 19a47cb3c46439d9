import { rowLoader } from "@weft/api/context";
import { findSchedules } from "./schedule.store.js";
import { toReportSchedule } from "./schedule.type.js";

/** Loads schedules by UUID, batched per request. Null for schedules that the viewer cannot see. */
export const scheduleLoader = rowLoader("complianceReportSchedule", findSchedules, toReportSchedule);
