import { encodeId } from "@weft/shared/ids";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { toDecimal, toMillionths } from "../meters/quantity.js";
import { User } from "../references.js";
import { Request } from "../requests/request.type.js";
import type { OccurrenceRow } from "./occurrence.store.js";

export const MaintenanceCause = { CALENDAR: "CALENDAR", METER: "METER" } as const;
export type MaintenanceCause = keyof typeof MaintenanceCause;
registerEnumType(MaintenanceCause, {
  name: "MaintenanceCause",
  description: "What an occurrence of a maintenance plan is due by.",
  valuesConfig: { CALENDAR: { description: "A planned time." }, METER: { description: "A planned total of the meter." } },
});

export const MaintenanceOccurrenceStatus = {
  GENERATED: "GENERATED",
  SHIFTED: "SHIFTED",
  SKIPPED: "SKIPPED",
  MISSED: "MISSED",
  FAILED: "FAILED",
} as const;
export type MaintenanceOccurrenceStatus = keyof typeof MaintenanceOccurrenceStatus;
registerEnumType(MaintenanceOccurrenceStatus, {
  name: "MaintenanceOccurrenceStatus",
  description: "Status of an occurrence of a maintenance plan.",
  valuesConfig: {
    GENERATED: { description: "Its request was created and submitted." },
    SHIFTED: { description: "A user has shifted it to another time, which has not come." },
    SKIPPED: { description: "A user has skipped it, or an occurrence by the meter took its place." },
    MISSED: { description: "No worker was running at its time, and the policy for missed occurrences does not make up for it." },
    FAILED: { description: "Its request could not be created. See `code` and `message`." },
  },
});

@ObjectType({ description: "An occurrence of a maintenance plan." })
@Allow(inherit)
export class MaintenanceOccurrence {
  @Field(() => ID, { description: "ID (`moc_…`)." })
  id!: string;

  @Field(() => MaintenanceCause, { description: "What it is due by." })
  cause!: MaintenanceCause;

  @Field(() => DateTimeScalar, {
    description: "Time in the series of planned times. By the meter, the time at which it was generated or skipped.",
  })
  plannedAt!: string;

  @Field(() => String, { nullable: true, description: "By the meter: total in the series of planned totals." })
  total!: string | null;

  @Field(() => MaintenanceOccurrenceStatus, { description: "Status." })
  status!: MaintenanceOccurrenceStatus;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time to which a user has shifted it. Null if nobody has." })
  startsAt!: string | null;

  @Field(() => Request, { nullable: true, description: "Its request. Null if there is none or you cannot see it." })
  readonly request?: Request | null;

  @Field(() => String, { nullable: true, description: "Why a user has skipped or shifted it." })
  reason!: string | null;

  @Field(() => User, {
    nullable: true,
    description: "User who has skipped or shifted it. Null if nobody has, or if you cannot see the user.",
  })
  decidedBy!: User | null;

  @Field(() => String, { nullable: true, description: "Error code of a failed occurrence." })
  code!: string | null;

  @Field(() => String, { nullable: true, description: "Why no request was created." })
  message!: string | null;

  /** UUID, for the field resolver; not a field. */
  readonly requestId!: string | null;
}

export const { Connection: MaintenanceOccurrenceConnection } = connectionOf(MaintenanceOccurrence);

@ObjectType({ description: "A planned time of a maintenance plan." })
@Allow(inherit)
export class PlannedMaintenance {
  @Field(() => DateTimeScalar, { description: "Time in the series. Pass it to `skipOccurrence` and `shiftOccurrence`." })
  plannedAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the request is created: the time in the series, unless it was shifted." })
  startsAt!: string;

  @Field(() => Boolean, { description: "Whether it is skipped: no request is created." })
  isSkipped!: boolean;
}

export function toOccurrence(row: OccurrenceRow): MaintenanceOccurrence {
  const { plannedAt, startsAt, reason, code, message, requestId } = row;
  return Object.assign(new MaintenanceOccurrence(), {
    id: encodeId("maintenanceOccurrence", row.id),
    cause: row.cause as MaintenanceCause,
    plannedAt,
    total: row.total === null ? null : toDecimal(toMillionths(row.total)),
    status: row.status as MaintenanceOccurrenceStatus,
    startsAt,
    reason,
    decidedBy: row.decidedBy === null ? null : User.of(row.decidedBy),
    code,
    message,
    requestId,
  });
}
