import type { InstanceWrite } from "./instance-write.js";

const lists = ["history", "closeTasks", "openTasks", "clearTimers", "setTimers", "stopRuns", "startRuns", "events", "audit"] as const;

/** The rows of a write, as `engine.write_rows` takes them. Undefined: there are none, and it costs nothing. */
export type WrittenRows = Record<(typeof lists)[number], readonly object[] | undefined>;

export function rowsOf(write: InstanceWrite): Readonly<WrittenRows> {
  const { history, closeTasks, openTasks, timers, stopsRun, runId, begun, events, audit, instance } = write;
  const { definitionId, state, data } = instance;
  const rows: WrittenRows = {
    history: [history],
    closeTasks,
    openTasks,
    clearTimers: timers?.clear,
    setTimers: timers?.set,
    stopRuns: stopsRun && [{}],
    startRuns: runId === undefined ? undefined : [{ id: runId, definitionId, state, inputs: data, begun }],
    events,
    audit: audit.map((entry) => withChanges(entry as AuditEntry)),
  };
  for (const name of lists) if (rows[name]?.length === 0) rows[name] = undefined;
  return rows;
}

type Image = Readonly<Record<string, unknown>>;
type AuditEntry = {
  readonly id: string;
  readonly action: string;
  readonly before: Image | null;
  readonly after: Image;
  readonly clientName?: string;
  readonly clientVersion?: string;
  readonly userAgent?: string;
};

/** Both images have the same members; sealed values differ each time. */
function withChanges({ before, after, ...entry }: AuditEntry): object {
  const changed: Record<string, unknown> = {};
  for (const name in after) if (!before || after[name] !== before[name]) changed[name] = after[name];
  const { id, action, clientName, clientVersion, userAgent } = entry;
  return { id, action, before, changed, clientName, clientVersion, userAgent };
}

/** Returns the second argument of `engine.apply`. */
export function outcomeOf(write: InstanceWrite): object {
  const { expectedVersion, occurredAt, instance, incident, resolution, fields, words } = write;
  return { expectedVersion, occurredAt, instance, ...rowsOf(write), incident, resolution, fields, words };
}
