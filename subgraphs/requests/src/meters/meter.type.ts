import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
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

const above = "A reading that reaches this total from below causes the event `meter.threshold_reached`.";
const below = "A reading that reaches this total from above causes the event `meter.threshold_reached`.";
const every = "A reading that reaches or passes a multiple of this causes the event `meter.threshold_reached`. Only for `CUMULATIVE`.";

export const meterColumns = columns({
  ...standardColumns.id("ID (`mtr_…`).", "The meter."),
  ...standardColumns.nodeKey,
  ...standardColumns.expectedVersion,
  assetId: column.id("The asset. It can have at most 50 meters.", { shown: false, updated: false, converted: true }),
  name: column.text("Name, unique for the asset.", { max: 80, updated: "New name." }),
  unit: column.text("Unit of the values, such as `h` or `km`.", {
    max: 20,
    shown: "Unit of the values, such as `h`, `km` or `°C`.",
    updated: false,
  }),
  kind: column.of(() => MeterKind, "How the values develop.", {
    created: "How the values develop. It never changes.",
    updated: false,
  }),
  status: column.of(() => MeterStatus, "Whether the meter takes readings.", { created: false, updated: "New status." }),
  above: column.text(above, { nullable: true, updated: `${above} Null removes it.` }),
  below: column.text(below, { nullable: true, updated: `${below} Null removes it.` }),
  every: column.text(every, {
    nullable: true,
    shown: "A reading whose total reaches or passes a multiple of this causes the event `meter.threshold_reached`. Only for `CUMULATIVE`.",
    updated: `${every} Null removes it.`,
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    version: column.int(
      "Version number, incremented on every change. Readings do not change it. Pass it to `updateMeter` as `expectedVersion`.",
    ),
    createdAt: column.time("Creation time."),
    updatedAt: column.time("Time of the last change. Readings do not count."),
  }),
});

@ShowColumns(meterColumns)
@ObjectType({
  description: "A meter of an asset. Values are decimal numbers with at most 14 digits before and 6 after the point, in the meter's unit.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@Allow(can("asset.read"))
export class Meter extends shapeOf(meterColumns) {
  /** The underlying row, for field resolvers. */
  row!: MeterRow;
}

export const CreateMeterInput = createInputOf("CreateMeterInput", meterColumns);
export type CreateMeterInput = InstanceType<typeof CreateMeterInput>;

export const UpdateMeterInput = updateInputOf("UpdateMeterInput", meterColumns);
export type UpdateMeterInput = InstanceType<typeof UpdateMeterInput>;

export const readingColumns = columns({
  id: column.id("ID (`mrd_…`).", { created: false, updated: false }),
  meterId: column.id("The meter.", { shown: false, updated: false }),
  readingId: column.id("The wrong reading.", { shown: false, created: false, requiredInUpdate: true, isKey: true }),
  value: column.text("Value that the device shows, as a decimal number.", {
    shown: "Value that the device showed, as a decimal number.",
    updated: "Right value, as a decimal number.",
    requiredInUpdate: true,
  }),
  total: column.text(
    "Value in total, over all devices: it continues when the device is replaced. The same as `value` while the first device is in use.",
    { created: false, updated: false },
  ),
  readAt: column.time("Time at which the device was read.", {
    created: "Time at which the device was read. Default: now. Not in the future.",
    updated: false,
    optional: true,
  }),
  isReset: column.flag("Whether this is the first reading of another device.", {
    created:
      "Whether this is the first reading of another device. It can have any value; the total continues from the reading before. Only for `CUMULATIVE`, and only as the newest reading.",
    updated: false,
    optional: true,
  }),
  note: column.text("Note of the user who recorded it.", {
    max: 500,
    hasLines: true,
    created: "Note (at most 500 characters).",
    updated: false,
    nullable: true,
  }),
  ...column.shownOnly({
    recordedBy: column.of(() => User, "User who recorded it. Null if you cannot see the user.", { shownNullable: true }),
    recordedAt: column.time("Time at which it was recorded."),
    isValid: column.flag("Whether it counts. False if another reading has replaced it."),
  }),
  reason: column.text("Why it replaces another reading. Null if it does not.", {
    max: 500,
    hasLines: true,
    created: false,
    updated: "Why the value was wrong (1 to 500 characters).",
    nullable: true,
    requiredInUpdate: true,
  }),
  ...standardColumns.idempotencyKey,
});

@ShowColumns(readingColumns)
@ObjectType({
  description: "A reading of a meter. Readings are never changed: a correction is another reading, which replaces the wrong one.",
})
@Allow(inherit)
export class MeterReading extends shapeOf(readingColumns) {
  /** The underlying row, for field resolvers. */
  row!: ReadingRow;
}

export const RecordMeterReadingInput = createInputOf("RecordMeterReadingInput", readingColumns);
export type RecordMeterReadingInput = InstanceType<typeof RecordMeterReadingInput>;

export const CorrectMeterReadingInput = updateInputOf("CorrectMeterReadingInput", readingColumns, "Input of `correctMeterReading`.");
export type CorrectMeterReadingInput = InstanceType<typeof CorrectMeterReadingInput>;

export const { Connection: MeterReadingConnection } = connectionOf(MeterReading, "MeterReading");

const shortest = (value: string | null): string | null => (value === null ? null : toDecimal(toMillionths(value)));

/** Converts a row to its API type. */
export function toMeter(row: MeterRow): Meter {
  const id = encodeId("meter", row.id);
  return Object.assign(new Meter(), {
    ...meterColumns.shown(row),
    id,
    nodeKey: id,
    above: shortest(row.above),
    below: shortest(row.below),
    every: shortest(row.every),
    row,
  });
}

/** Returns the total of a reading in millionths. */
export const totalOf = ({ value, shift }: Pick<ReadingRow, "value" | "shift">): bigint => toMillionths(value) + toMillionths(shift);

/** Converts a row to its API type. */
export const toMeterReading = (row: ReadingRow): MeterReading =>
  Object.assign(new MeterReading(), {
    ...readingColumns.shown(row),
    id: encodeId("meterReading", row.id),
    value: toDecimal(toMillionths(row.value)),
    total: toDecimal(totalOf(row)),
    recordedBy: User.of(row.recordedBy),
    isValid: row.replacedById === null,
    row,
  });
