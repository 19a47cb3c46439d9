import { Allow, canInTenant, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "An advance of the clock of a sandbox." })
@Allow(canInTenant("clock.advance"))
export class ClockAdvance {
  @Field(() => ID, { description: "ID (`cad_…`)." })
  id!: string;

  @Field(() => ClockAdvanceStatus, { description: "Current status." })
  status!: string;

  @Field(() => DateTimeScalar, { description: "Time of the sandbox before the advance." })
  fromAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the sandbox to which the clock is advanced." })
  targetAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the sandbox that the clock has reached so far." })
  reachedAt!: string;

  @Field(() => Int, { description: "Number of times at which the clock has stood because something was due." })
  steps!: number;

  @Field(() => [ClockEffect], {
    description: "What has happened since the advance started, including what users did meanwhile: the number of events by type.",
  })
  effects!: ClockEffect[];

  @Field(() => String, { nullable: true, description: "Reason why it failed." })
  message!: string | null;

  @Field(() => DateTimeScalar, { description: "True time at which it was requested." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "True time at which it ended. Null while it runs." })
  finishedAt!: string | null;

  /** UUID, for the field resolver. */
  createdByUuid!: string;
}

export function toClockAdvance(row: ClockAdvanceRow): ClockAdvance {
  const { status, fromAt, targetAt, reachedAt, steps, message, createdAt, finishedAt } = row;
  const effects = Object.entries(row.effects)
    .map(([eventType, count]) => Object.assign(new ClockEffect(), { eventType, count }))
    .toSorted((a, b) => (a.eventType < b.eventType ? -1 : 1));
  return Object.assign(new ClockAdvance(), {
    id: encodeId("clockAdvance", row.id),
    status,
    fromAt,
    targetAt,
    reachedAt,
    steps,
    effects,
    message,
    createdAt,
    finishedAt,
    createdByUuid: row.createdBy,
  });
}

export const ClockAdvancePayload = payloadOf(ClockAdvance, "advance");
export type ClockAdvancePayload = InstanceType<typeof ClockAdvancePayload>;
