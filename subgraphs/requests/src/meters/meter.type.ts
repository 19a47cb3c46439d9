import { Allow, can, connectionOf, DateTimeScalar, encodeId, inherit } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { MeterRow, ReadingRow } from "./meter.store.js";
import { toDecimal, toMillionths } from "./quantity.js";

export const MeterKind = { CUMULATIVE: "CUMULATIVE", GAUGE: "GAUGE" } as const;
export type MeterKind = keyof typeof MeterKind;

registerEnumType(MeterKind, {
  name: "MeterKind",
  description: "How the values of a meter develop.",
  valuesConfig: {
    CUMULATIVE: { description: "Values never fall, such as hours of operation or kilometers." },
    GAUGE: { description: "Values rise and fall, such as a temperature or a pressure." },
  },
});

export const MeterStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type MeterStatus = keyof typeof MeterStatus;

registerEnumType(MeterStatus, {
  name: "MeterStatus",
  description: "Whether a meter takes readings.",
  valuesConfig: { ACTIVE: { description: "Takes readings." }, INACTIVE: { description: "Takes no more readings. Its readings stay." } },
});

@ObjectType({
  description: "A meter of an asset. Values are decimal numbers with at most 14 digits before and 6 after the point, in the meter's unit.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
export class Meter {
  @Field(() => ID, { description: "ID (`mtr_…`)." })
  @Allow(inherit)
  id!: string;

  @Field(() => ID, { description: "ID, as the key for references from other subgraphs." })
  @Directive("@inaccessible")
  @Allow(inherit)
  nodeKey!: string;

  @Field(() => String, { description: "Name, unique for the asset." })
  name!: string;

  @Field(() => String, { description: "Unit of the values, such as `h`, `km` or `°C`." })
  unit!: string;

  @Field(() => MeterKind, { description: "How the values develop." })
  kind!: MeterKind;

  @Field(() => MeterStatus, { description: "Whether the meter takes readings." })
  status!: MeterStatus;

  @Field(() => String, {
    nullable: true,
    description: "A reading that reaches this total from below causes the event `meter.threshold_reached`.",
  })
  above!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A reading that reaches this total from above causes the event `meter.threshold_reached`.",
  })
  below!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A reading whose total reaches or passes a multiple of this causes the event `meter.threshold_reached`. Only for `CUMULATIVE`.",
  })
  every!: string | null;

  @Field(() => Int, {
    description: "Version number, incremented on every change. Readings do not change it. Pass it to `updateMeter` as `expectedVersion`.",
  })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change. Readings do not count." })
  updatedAt!: string;

  /** The underlying row, for field resolvers. */
  row!: MeterRow;
}

@ObjectType({
  description: "A reading of a meter. Readings are never changed: a correction is another reading, which replaces the wrong one.",
})
@Allow(inherit)
export class MeterReading {
  @Field(() => ID, { description: "ID (`mrd_…`)." })
  id!: string;

  @Field(() => String, { description: "Value that the device showed, as a decimal number." })
  value!: string;

  @Field(() => String, {
    description:
      "Value in total, over all devices: it continues when the device is replaced. The same as `value` while the first device is in use.",
  })
  total!: string;

  @Field(() => DateTimeScalar, { description: "Time at which the device was read." })
  readAt!: string;

  @Field(() => Boolean, { description: "Whether this is the first reading of another device." })
  isReset!: boolean;

  @Field(() => String, { nullable: true, description: "Note of the user who recorded it." })
  note!: string | null;

  @Field(() => User, { nullable: true, description: "User who recorded it. Null if you cannot see the user." })
  recordedBy!: User;

  @Field(() => DateTimeScalar, { description: "Time at which it was recorded." })
  recordedAt!: string;

  @Field(() => Boolean, { description: "Whether it counts. False if another reading has replaced it." })
  isValid!: boolean;

  @Field(() => String, { nullable: true, description: "Why it replaces another reading. Null if it does not." })
  reason!: string | null;

  /** The underlying row, for field resolvers. */
  row!: ReadingRow;
}

export const { Connection: MeterReadingConnection } = connectionOf(MeterReading, "MeterReading");

const shortest = (value: string | null): string | null => (value === null ? null : toDecimal(toMillionths(value)));

/** Converts a row to its API type. */
export function toMeter(row: MeterRow): Meter {
  const id = encodeId("meter", row.id);
  const { name, unit, version, createdAt, updatedAt } = row;
  return Object.assign(new Meter(), {
    id,
    nodeKey: id,
    name,
    unit,
    kind: row.kind as MeterKind,
    status: row.status as MeterStatus,
    above: shortest(row.above),
    below: shortest(row.below),
    every: shortest(row.every),
    version,
    createdAt,
    updatedAt,
    row,
  });
}

/** Returns the total of a reading in millionths. */
export const totalOf = ({ value, shift }: Pick<ReadingRow, "value" | "shift">): bigint => toMillionths(value) + toMillionths(shift);

/** Converts a row to its API type. */
export function toMeterReading(row: ReadingRow): MeterReading {
  const { readAt, isReset, note, recordedAt, reason } = row;
  return Object.assign(new MeterReading(), {
    id: encodeId("meterReading", row.id),
    value: toDecimal(toMillionths(row.value)),
    total: toDecimal(totalOf(row)),
    readAt,
    isReset,
    note,
    recordedBy: User.of(row.recordedBy),
    recordedAt,
    isValid: row.replacedById === null,
    reason,
    row,
  });
}
