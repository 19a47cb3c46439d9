import "reflect-metadata";
import { sql, type AnyColumn, type SQL } from "drizzle-orm";
import { registerEnumType } from "type-graphql";

/** Status of an SLA clock, by which requests can also be filtered. */
export enum SlaStatus {
  ON_TRACK = "ON_TRACK",
  WARNING = "WARNING",
  BREACHED = "BREACHED",
  PAUSED = "PAUSED",
  MET = "MET",
  MISSED = "MISSED",
  CANCELLED = "CANCELLED",
}
registerEnumType(SlaStatus, {
  name: "SlaStatus",
  description: "Statuses of an SLA clock.",
  valuesConfig: {
    ON_TRACK: { description: "It runs, and no warning has been reached." },
    WARNING: { description: "It runs, and a warning has been reached." },
    BREACHED: { description: "It runs, and the target has been reached." },
    PAUSED: { description: "No time is consumed." },
    MET: { description: "It stopped before the target." },
    MISSED: { description: "It stopped after the target." },
    CANCELLED: { description: "It no longer counts: it was reset, or the work was canceled." },
  },
});

/** Columns of a clock that its status depends on. */
export interface ClockColumns {
  readonly phase: AnyColumn;
  readonly dueAt: AnyColumn;
  readonly warnAt: AnyColumn;
  readonly endedAt: AnyColumn;
}

/** Returns the status of a clock at the tenant's time, as `SlaStatus`. */
export const slaStatusOf = ({ phase, dueAt, warnAt }: ClockColumns): SQL<string> => sql<string>`case ${phase} when 'RUN' then
    case when ${dueAt} <= app.weft_now() then 'BREACHED' when ${warnAt} <= app.weft_now() then 'WARNING' else 'ON_TRACK' end
  when 'PAUSE' then 'PAUSED' else ${phase} end`;

/** Returns whether a clock has the status. Unlike a comparison with `slaStatusOf`, these conditions can use the indexes of clocks. */
export function hasSlaStatus({ phase, dueAt, warnAt, endedAt }: ClockColumns, status: SlaStatus): SQL {
  const isRunning = sql`${phase} = 'RUN' and ${endedAt} is null`;
  switch (status) {
    case SlaStatus.BREACHED:
      return sql`(${isRunning} and ${dueAt} <= app.weft_now())`;
    case SlaStatus.WARNING:
      return sql`(${isRunning} and ${warnAt} <= app.weft_now() and (${dueAt} <= app.weft_now()) is not true)`;
    case SlaStatus.ON_TRACK:
      return sql`(${isRunning} and (${warnAt} <= app.weft_now()) is not true and (${dueAt} <= app.weft_now()) is not true)`;
    case SlaStatus.PAUSED:
      return sql`(${phase} = 'PAUSE' and ${endedAt} is null)`;
    case SlaStatus.MET:
    case SlaStatus.MISSED:
    case SlaStatus.CANCELLED:
      return sql`(${phase} = ${status} and ${endedAt} is not null)`;
    default:
      return status satisfies never;
  }
}
