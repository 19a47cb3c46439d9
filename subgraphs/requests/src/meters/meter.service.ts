import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce, once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";
import { canAccessAsset, namesOfAsset, requireAsset } from "../assets/asset.service.js";
import { assertNotPlanned } from "../maintenance/plan-use.js";
import { wakePlansOfMeter } from "../maintenance/wake-plans.js";
import { crossed } from "./crossed.js";
import {
  countMetersOf,
  findLatestReadings,
  findMeters,
  findNeighbors,
  findReadings,
  insertMeter,
  insertReading,
  lockMeter,
  type MeterRow,
  type Neighbors,
  type NewReading,
  type ReadingRow,
  replaceReading,
  shiftReadings,
  updateMeterRow,
} from "./meter.store.js";
import {
  type CorrectMeterReadingInput,
  type CreateMeterInput,
  meterColumns,
  MeterKind,
  MeterStatus,
  readingColumns,
  type RecordMeterReadingInput,
  toMeter,
  toMeterReading,
  totalOf,
  type UpdateMeterInput,
} from "./meter.type.js";
import { parseQuantity, toDecimal, toMillionths } from "./quantity.js";
import type { MeterPayload, MeterReadingPayload } from "./meter-payload.type.js";

const maxMeters = 50;

export async function createMeter(ctx: Context, input: CreateMeterInput): Promise<MeterPayload> {
  meterColumns.assertText(input);
  const thresholds = { above: input.above ?? null, below: input.below ?? null, every: input.every ?? null };
  assertThresholds(input.kind, thresholds);
  const assetId = decodeId("asset", input.assetId, "input.assetId");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createMeter", input }, async () => {
      await requireAsset(tx, ctx.viewer, assetId, "input.assetId");
      if ((await countMetersOf(tx, assetId)) >= maxMeters)
        throw new BadUserInput([{ path: "input.assetId", message: `The asset has ${maxMeters} meters already.` }]);
      const columns = { ...meterColumns.plain(input), ...thresholds, assetId };
      const row = await insertMeter(tx, { tenantId: ctx.viewer.tenantId, id: newId(), ...columns });
      const event = { type: "meter.created", related: { asset: assetId }, payload: {} } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: row });
      return row;
    });
    return { meter: toMeter(await getMeter(tx, ctx, id, "asset.read")) };
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateMeter(ctx: Context, input: UpdateMeterInput): Promise<MeterPayload> {
  const id = decodeId("meter", input.id, "input.id");
  const changes = meterColumns.changes(input);
  meterColumns.assertText(changes);
  return ctx.inTenant(async (tx) => {
    const before = await getMeter(tx, ctx, id, "asset.update");
    assertThresholds(before.kind as MeterKind, { ...before, ...changes });
    if (changes.status === MeterStatus.INACTIVE && before.status !== MeterStatus.INACTIVE) await assertNotPlanned(tx, "meter", id);
    const after = await updateMeterRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("meter", before.version);
    const payload = { changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "meter.updated", related: { asset: after.assetId }, payload }, before, after });
    return { meter: toMeter(after) };
  });
}

/**
 * Records a reading. Readings of a cumulative meter must not fall in the order of their times, except at a reset, after which the total continues.
 * The thresholds that the newest total reaches are announced as events, each when it is reached.
 */
export async function recordMeterReading(ctx: Context, input: RecordMeterReadingInput): Promise<MeterReadingPayload> {
  const meterId = decodeId("meter", input.meterId, "input.meterId");
  const value = parseQuantity(input.value, "input.value");
  readingColumns.assertText(input);
  return ctx.inTenant(async (tx) => {
    const meter = await getMeter(tx, ctx, meterId, "meter.record");
    const { result } = await once(tx, ctx.meta, { mutation: "recordMeterReading", key: input.idempotencyKey, input }, async () => ({
      id: await record(tx, ctx, meter, value, input),
    }));
    return { meter: toMeter(meter), reading: await readingOf(tx, result["id"] ?? "") };
  });
}

async function record(tx: Tx, ctx: Context, meter: MeterRow, value: bigint, input: RecordMeterReadingInput): Promise<string> {
  if (meter.status !== MeterStatus.ACTIVE)
    throw new BadUserInput([{ path: "input.meterId", message: "The meter is inactive. Activate it with updateMeter." }]);
  await lockMeter(tx, meter.id);
  const readAt = await timeOf(tx, input.readAt);
  const neighbors = await findNeighbors(tx, meter.id, readAt);
  const { before, after } = neighbors;
  if (before !== null && Date.parse(before.readAt) === Date.parse(readAt)) {
    const message = `The meter has a reading of this time already: ${describe(before, meter)}. Use correctMeterReading.`;
    throw new BadUserInput([{ path: "input.readAt", message }]);
  }
  const isReset = input.isReset ?? false;
  if (isReset) assertReset(meter, neighbors);
  else assertMonotone(meter, value, neighbors);
  const shift = isReset ? (before === null ? 0n : totalOf(before)) - value : toMillionths((before ?? after)?.shift ?? "0");
  const reading = {
    tenantId: meter.tenantId,
    id: newId(),
    meterId: meter.id,
    readAt,
    value: toDecimal(value),
    shift: toDecimal(shift),
    isReset,
    note: input.note ?? null,
    recordedBy: ctx.meta.actorId,
  };
  await insertReading(tx, reading);
  await carryOn(tx, meter, reading, after);
  await appendReadingEvents(tx, ctx, meter, { type: "meter.read", reading, before, after });
  await writeAudit(tx, ctx.meta, [
    { action: "meter.read", entityType: "meter", entityId: meter.id, before: null, after: auditOf(reading) },
  ]);
  return reading.id;
}

/**
 * Replaces a wrong reading by another one of the same time. Both stay readable. Later totals follow if the device was replaced in between. The value can
 * be lower than the wrong one, but fits between the readings before and after.
 */
export async function correctMeterReading(ctx: Context, input: CorrectMeterReadingInput): Promise<MeterReadingPayload> {
  const id = decodeId("meterReading", input.readingId, "input.readingId");
  const value = parseQuantity(input.value, "input.value");
  readingColumns.assertText(input);
  return ctx.inTenant(async (tx) => {
    const [found] = await findReadings(tx, [id]);
    const [meter] = found === undefined ? [] : await findMeters(tx, [found.meterId]);
    if (found === undefined || meter === undefined || !(await canAccessAsset(tx, ctx.viewer, meter.assetId, "meter.record")))
      throw new NotFound("MeterReading", input.readingId);
    await lockMeter(tx, meter.id);
    const reading = {
      tenantId: meter.tenantId,
      id: newId(),
      meterId: meter.id,
      readAt: found.readAt,
      value: toDecimal(value),
      isReset: found.isReset,
      note: null,
      recordedBy: ctx.meta.actorId,
      replacesId: found.id,
      reason: input.reason,
    };
    // First the old reading, so that another correction of it fails, and the time is free.
    if (!(await replaceReading(tx, found.id, reading.id)))
      throw new Conflict("The reading was corrected in the meantime. Correct the reading that has replaced it.");
    // Read again under the lock: the correction of an earlier reading can have moved its total.
    const [wrong = found] = await findReadings(tx, [id]);
    const neighbors = await findNeighbors(tx, meter.id, found.readAt);
    assertMonotone(meter, value, found.isReset ? { before: null, after: neighbors.after } : neighbors);
    const shift = found.isReset ? totalOf(wrong) - value : toMillionths(wrong.shift);
    const corrected = { ...reading, shift: toDecimal(shift) };
    await insertReading(tx, corrected);
    if (found.isReset && neighbors.after !== null)
      await shiftReadings(tx, meter.id, neighbors.after.readAt, toDecimal(toMillionths(wrong.value) - value));
    else await carryOn(tx, meter, corrected, neighbors.after);
    await appendReadingEvents(tx, ctx, meter, { type: "meter.corrected", reading: corrected, before: wrong, after: neighbors.after });
    await writeAudit(tx, ctx.meta, [
      { action: "meter.correct", entityType: "meter", entityId: meter.id, before: auditOf(wrong), after: auditOf(corrected) },
    ]);
    return { meter: toMeter(meter), reading: await readingOf(tx, corrected.id) };
  });
}

type WrittenReading = NewReading & { readonly shift: string; readonly isReset: boolean };

/** If the next reading is of another device, its total and all later ones go on from this reading. */
async function carryOn(tx: Tx, meter: MeterRow, reading: WrittenReading, after: ReadingRow | null): Promise<void> {
  if (after === null || !after.isReset) return;
  const by = totalOf(reading) - totalOf(after);
  if (by !== 0n) await shiftReadings(tx, meter.id, after.readAt, toDecimal(by));
}

function assertReset({ kind }: MeterRow, { after }: Neighbors): void {
  if (kind !== MeterKind.CUMULATIVE)
    throw new BadUserInput([{ path: "input.isReset", message: "Only meters of the kind CUMULATIVE can be reset." }]);
  if (after !== null) throw new BadUserInput([{ path: "input.isReset", message: "A reset must be the newest reading of the meter." }]);
}

/** Within one device, the values of a cumulative meter never fall. */
function assertMonotone(meter: MeterRow, value: bigint, { before, after }: Neighbors): void {
  if (meter.kind !== MeterKind.CUMULATIVE) return;
  if (before !== null && value < toMillionths(before.value)) {
    const message = `The value is less than that of the reading before: ${describe(before, meter)}. If that one is wrong, use correctMeterReading; if the device was replaced, set isReset.`;
    throw new BadUserInput([{ path: "input.value", message }]);
  }
  if (after !== null && !after.isReset && value > toMillionths(after.value)) {
    const message = `The value is greater than that of the reading after: ${describe(after, meter)}.`;
    throw new BadUserInput([{ path: "input.value", message }]);
  }
}

const describe = ({ value, readAt }: ReadingRow, { unit }: MeterRow): string => `${toDecimal(toMillionths(value))} ${unit} at ${readAt}`;

interface ReadingChange {
  readonly type: "meter.read" | "meter.corrected";
  readonly reading: WrittenReading;
  /** The reading before; for a correction, the wrong one. */
  readonly before: ReadingRow | null;
  readonly after: ReadingRow | null;
}

async function appendReadingEvents(tx: Tx, ctx: Context, meter: MeterRow, { type, reading, before, after }: ReadingChange): Promise<void> {
  const total = totalOf(reading);
  const about = { subjectId: meter.id, subjectVersion: meter.version, related: { asset: meter.assetId } };
  const numbers = { meterName: meter.name, unit: meter.unit, value: Number(reading.value), total: Number(toDecimal(total)) };
  const reached = after === null ? crossed(meter, before === null ? null : totalOf(before), total) : [];
  const asset = reached.length === 0 ? null : await namesOfAsset(tx, meter.assetId);
  const names = asset === null ? {} : { assetTag: asset.tag, assetName: asset.name };
  await appendEvents(tx, ctx.meta, [
    { ...about, type, payload: { ...numbers, readingId: reading.id, readAt: reading.readAt } },
    ...reached.map(({ kind, threshold }) => ({
      ...about,
      type: "meter.threshold_reached" as const,
      payload: { ...numbers, readingId: reading.id, kind, threshold: Number(toDecimal(threshold)), ...names },
    })),
  ]);
  const latest = await latestTotalOf(tx, meter.id);
  if (latest !== null) await wakePlansOfMeter(tx, meter.id, toDecimal(latest));
}

const auditOf = ({ id, readAt, value, isReset }: WrittenReading, reason?: string) => ({
  readingId: id,
  readAt,
  value: toDecimal(toMillionths(value)),
  isReset,
  ...(reason !== undefined && { reason }),
});

async function readingOf(tx: Tx, id: string) {
  const [row] = await findReadings(tx, [id]);
  if (row === undefined) throw new Error(`The reading ${id} is missing.`);
  return toMeterReading(row);
}

/** Returns the newest valid total of a meter, in millionths. Null if it has no reading. */
export async function latestTotalOf(tx: Tx, meterId: string): Promise<bigint | null> {
  const [latest] = await findLatestReadings(tx, [meterId]);
  return latest === undefined ? null : totalOf(latest);
}

/**
 * Returns a meter by which maintenance can be planned.
 * @throws BadUserInput if the viewer cannot see it, or its values can fall
 */
export async function getCumulativeMeter(tx: Tx, ctx: Context, id: string, path: string): Promise<MeterRow> {
  const [meter] = await findMeters(tx, [id]);
  if (meter === undefined || !(await canAccessAsset(tx, ctx.viewer, meter.assetId, "asset.read")))
    throw new BadUserInput([{ path, message: `No meter with the ID ${encodeId("meter", id)} exists.` }]);
  if (meter.kind !== MeterKind.CUMULATIVE)
    throw new BadUserInput([{ path, message: "Only meters of the kind CUMULATIVE have planned totals." }]);
  return meter;
}

/** A meter is visible to those who can see its asset. */
async function getMeter(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<MeterRow> {
  const [meter] = await findMeters(tx, [id]);
  if (meter === undefined || !(await canAccessAsset(tx, ctx.viewer, meter.assetId, permission)))
    throw new NotFound("Meter", encodeId("meter", id));
  return meter;
}

/** Returns the time of a reading, by the tenant's clock. */
async function timeOf(tx: Tx, given: string | null | undefined): Promise<string> {
  const [row] = await tx.execute<{ now: string }>(sql`select app.weft_now() as now`);
  const now = row?.now ?? "";
  if (typeof given !== "string") return now;
  if (Date.parse(given) > Date.parse(now))
    throw new BadUserInput([{ path: "input.readAt", message: `${given} is in the future. It is ${now} now.` }]);
  return given;
}

function assertThresholds(
  kind: MeterKind,
  { above, below, every }: { above: string | null; below: string | null; every: string | null },
): void {
  const [high, low, step] = [
    above === null ? null : parseQuantity(above, "input.above"),
    below === null ? null : parseQuantity(below, "input.below"),
    every === null ? null : parseQuantity(every, "input.every"),
  ];
  const problems = [];
  if (high !== null && low !== null && low >= high) problems.push({ path: "input.below", message: "`below` must be less than `above`." });
  if (step !== null && step <= 0n) problems.push({ path: "input.every", message: "`every` must be greater than 0." });
  if (step !== null && kind !== MeterKind.CUMULATIVE)
    problems.push({ path: "input.every", message: "Only meters of the kind CUMULATIVE have `every`." });
  if (problems.length > 0) throw new BadUserInput(problems);
}
