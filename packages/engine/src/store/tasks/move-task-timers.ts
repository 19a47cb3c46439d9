import { newId } from "@weft/shared/ids";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { TimerToClear } from "../../core/model/timer.js";
import { taskTimers } from "../../core/timers/set.js";
import { contextOf } from "../../core/conditions/context.js";
import { systemActor } from "../../core/timers/system-actor.js";
import { inCalendars } from "../calendar/calendars.js";
import { snapshotOf } from "../model/snapshot.js";
import { findMachine } from "../definition/machines.js";
import type { TaskRead } from "./change.js";
import type { TaskRow } from "../model/instance-head.js";

/** The deadline of a task has changed: its timers before the deadline move with it. A timer that has already fired is set again. */
export async function moveTaskTimers(tx: Tx, { instance, now }: TaskRead, task: TaskRow): Promise<void> {
  const machine = await inCalendars(tx, await findMachine(tx, instance.tenantId, instance.definitionId), instance);
  const rule = machine?.tasks.get(task.rule);
  const rules = new Map([...(rule?.timers ?? [])].filter(([, { due }]) => "before" in due));
  if (!machine || !rule || rules.size === 0) return;
  const clear = [...rules.keys()].map((name): TimerToClear => ({ kind: "TASK", name, taskId: task.id }));
  const snapshot = snapshotOf(instance, []);
  const { showId, calendars } = machine;
  const context = contextOf(snapshot, { data: snapshot.data, actor: systemActor, now, showId, calendars });
  const set = taskTimers({ ...rule, timers: rules }, { state: task.state, at: now, context, dueAt: task.dueAt });
  const rows = { clearTimers: clear, setTimers: set.map((timer) => ({ id: newId(), ...timer, taskId: task.id })) };
  await tx.execute(
    named(
      "moveTaskTimers",
      sql`select engine.write_rows(app.tenant(),
        array[row(${instance.id}, ${instance.version}, ${now}, null, null, null, null, null, null)::engine.change], ${JSON.stringify(rows)}::text::jsonb)`,
    ),
  );
}
