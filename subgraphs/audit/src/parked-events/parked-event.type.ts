import { Allow, allOf, canInTenant, connectionOf, DateTimeScalar, encodeId, encodeIdOrNull, staff } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { ParkedRow } from "./parked-event.store.js";

export const ParkedEventStatus = { PARKED: "PARKED", RETRY: "RETRY", SKIPPED: "SKIPPED", DONE: "DONE" } as const;
export type ParkedEventStatus = keyof typeof ParkedEventStatus;

registerEnumType(ParkedEventStatus, {
  name: "ParkedEventStatus",
  description: "What happens to a parked event.",
  valuesConfig: {
    PARKED: { description: "It waits for a decision." },
    RETRY: { description: "It is handled again soon." },
    SKIPPED: { description: "It is not handled." },
    DONE: { description: "It was handled after a retry." },
  },
});

/** Users of the organization who decide on parked events. */
export const retriesEvents = allOf(staff, canInTenant("event.retry"));

@ObjectType({
  description: "An event that a background process could not handle after several attempts. The process continues without it.",
})
@Allow(retriesEvents)
export class ParkedEvent {
  @Field(() => ID, { description: "ID (`pke_…`)." })
  id!: string;

  @Field(() => String, { description: "Background process that could not handle the event, for example `notifications`." })
  consumer!: string;

  @Field(() => ID, { description: "ID of the event (`evt_…`)." })
  eventId!: string;

  @Field(() => ParkedEventStatus, { description: "What happens to it." })
  status!: ParkedEventStatus;

  @Field(() => Int, { description: "Number of attempts, since the last retry was requested." })
  attempts!: number;

  @Field(() => DateTimeScalar, { description: "Time at which it was parked." })
  parkedAt!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "Workflow instance that the event is about (`wfi_…`). While the instance has an open incident, resolve the incident instead.",
  })
  instanceId!: string | null;

  /** UUID, for field resolvers. */
  eventUuid!: string;
}

export const { Connection: ParkedEventConnection } = connectionOf(ParkedEvent, "ParkedEvent");

/** Converts a row to its API type. */
export function toParkedEvent(row: ParkedRow): ParkedEvent {
  return Object.assign(new ParkedEvent(), {
    id: encodeId("parkedEvent", row.id),
    consumer: row.consumer,
    eventId: encodeId("event", row.eventId),
    status: row.status as ParkedEventStatus,
    attempts: row.attempts,
    parkedAt: row.parkedAt,
    instanceId: encodeIdOrNull("instance", row.instanceId),
    eventUuid: row.eventId,
  });
}
