import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import type { ClockAdvanceRow } from "./clock-advance.store.js";

export const ClockAdvanceStatus = { RUNNING: "RUNNING", COMPLETED: "COMPLETED", FAILED: "FAILED" } as const;

registerEnumType(ClockAdvanceStatus, {
  name: "ClockAdvanceStatus",
  description: "Status of an advance of a sandbox's clock.",
  valuesConfig: {
    RUNNING: { description: "A worker takes the clock from one time at which something is due to the next." },
    COMPLETED: { description: "The clock has reached the target, and everything that was due has happened." },
    FAILED: { description: "It was stopped before the target. The clock continues from the time reached. See `message`." },
  },
});

@ObjectType({ description: "Number of events of a type that an advance of the clock caused." })
@Allow(inherit)
export class ClockEffect {
  @Field(() => String, { description: "Type of the events, for example `sla.breached`." })
  eventType!: string;

  @Field(() => Int, { description: "Number of events." })
  count!: number;
}

const clockAdvanceColumns = columns({
  id: column.id("ID (`cad_…`)."),
  status: column.of(() => ClockAdvanceStatus, "Current status."),
  fromAt: column.time("Time of the sandbox before the advance."),
  targetAt: column.time("Time of the sandbox to which the clock is advanced."),
  reachedAt: column.time("Time of the sandbox that the clock has reached so far."),
  steps: column.int("Number of times at which the clock has stood because something was due."),
  effects: column.of(
    () => [ClockEffect],
    "What has happened since the advance started, including what users did meanwhile: the number of events by type.",
  ),
  message: column.text("Reason why it failed.", { nullable: true }),
  createdAt: column.time("True time at which it was requested."),
  finishedAt: column.time("True time at which it ended. Null while it runs.", { nullable: true }),
});

@ShowColumns(clockAdvanceColumns)
@ObjectType({ description: "An advance of the clock of a sandbox." })
@Allow(canInTenant("clock.advance"))
export class ClockAdvance extends shapeOf(clockAdvanceColumns) {
  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

export function toClockAdvance(row: ClockAdvanceRow): ClockAdvance {
  const effects = Object.entries(row.effects)
    .map(([eventType, count]) => Object.assign(new ClockEffect(), { eventType, count }))
    .toSorted((a, b) => (a.eventType < b.eventType ? -1 : 1));
  const id = encodeId("clockAdvance", row.id);
  return Object.assign(new ClockAdvance(), { ...clockAdvanceColumns.shown(row), id, effects, createdByUuid: row.createdBy });
}

export const ClockAdvancePayload = payloadOf(ClockAdvance, "advance");
export type ClockAdvancePayload = InstanceType<typeof ClockAdvancePayload>;
