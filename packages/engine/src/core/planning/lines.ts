import { calendarNamed } from "../calendar/compile.js";
import { minuteOf } from "./minutes.js";
import type { Plan, PlanTask } from "./plan.js";
import { WorkingLine } from "./working-line.js";

/** Returns the working minutes of a line from one moment to another; negative if the second is earlier. */
export const between = (line: WorkingLine, from: string, to: string): number =>
  line.positionAt(minuteOf(to)) - line.positionAt(minuteOf(from));

/** Returns the line of a task's calendar, each computed once. `near` is a moment near which most questions will be. */
export function linesOf({ calendars }: Pick<Plan, "calendars">, near: string): (task: Pick<PlanTask, "calendar">) => WorkingLine {
  const lines = new Map<string | null, WorkingLine>();
  return ({ calendar }) => {
    const line = lines.get(calendar) ?? new WorkingLine(calendarNamed(calendars, calendar), minuteOf(near));
    lines.set(calendar, line);
    return line;
  };
}
