import { assertSameOrganization } from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { reachesAll } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import {
  changeAbsence,
  countOpenAbsences,
  findAbsence,
  findAbsenceToChange,
  insertAbsence,
  type AbsenceChanges,
  type AbsenceRow,
} from "./absence.store.js";
import { type SetAbsenceInput, type UpdateAbsenceInput, toAbsence, type Absence } from "./absence.type.js";

const noteBounds = { max: 1_000, mayBeEmpty: true, hasLines: true } as const;
const maxDays = 366;
/** Maximum number of absences per user that are not over. */
const maxOpen = 20;

/** Creates an absence. Errors: FORBIDDEN (another user's absence without the permission), BAD_USER_INPUT. */
export function setAbsence(ctx: Context, { idempotencyKey: key, ...input }: SetAbsenceInput): Promise<Absence> {
  const { viewer, meta } = ctx;
  const userId = typeof input.userId === "string" ? decodeId("user", input.userId, "input.userId") : viewer.userId;
  const substituteId = decodeId("user", input.substituteId, "input.substituteId");
  const { startsAt, endsAt, note } = input;
  if (userId !== viewer.userId && !reachesAll(viewer, "task.assign"))
    throw new Forbidden("Only users who can assign all tasks can create absences for other users.");
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, meta, { mutation: "setAbsence", key, input }, async () => {
      const { now, open } = await countOpenAbsences(tx, userId);
      await assertFits(tx, ctx, { userId, substituteId, startsAt, endsAt, note: note ?? "", isNew: true }, now);
      if (open >= maxOpen)
        throw new BadUserInput([
          { path: "input.startsAt", message: `This user has ${open} absences that are not over; the maximum is ${maxOpen}.` },
        ]);
      const id = newId();
      const row = {
        tenantId: viewer.tenantId,
        id,
        userId,
        substituteId,
        startsAt,
        endsAt,
        note: note ?? "",
        createdBy: viewer.userId,
        createdAt: now,
        updatedAt: now,
      };
      await record(tx, ctx, { action: "absence.set", before: null, after: await insertAbsence(tx, row) });
      return { id };
    });
    return getAbsence(tx, ctx, result["id"] ?? "");
  });
}

/** Updates an absence that is not over. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT. */
export function updateAbsence(ctx: Context, { idempotencyKey: key, ...input }: UpdateAbsenceInput): Promise<Absence> {
  const id = decodeId("absence", input.id, "input.id");
  const substituteId = typeof input.substituteId === "string" ? decodeId("user", input.substituteId, "input.substituteId") : undefined;
  const { startsAt, endsAt, note } = input;
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "updateAbsence", key, input }, async () => {
      const { row, now } = await openAbsence(tx, ctx, id, input.expectedVersion);
      const changes: AbsenceChanges = {
        ...(substituteId !== undefined && { substituteId }),
        ...(typeof startsAt === "string" && { startsAt }),
        ...(typeof endsAt === "string" && { endsAt }),
        ...(typeof note === "string" && { note }),
      };
      if (Object.keys(changes).length > 0) {
        await assertFits(tx, ctx, { ...row, ...changes, isNew: false }, now);
        await record(tx, ctx, { action: "absence.update", before: row, after: await changeAbsence(tx, row, changes) });
      }
      return { id };
    });
    return getAbsence(tx, ctx, id);
  });
}

/** Ends an absence, or cancels it before it begins. Errors: NOT_FOUND, CONFLICT (also if it is over). */
export function endAbsence(ctx: Context, { idempotencyKey: key, ...input }: KeyedVersionedIdInput): Promise<Absence> {
  const id = decodeId("absence", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "endAbsence", key, input }, async () => {
      const { row, now } = await openAbsence(tx, ctx, id, input.expectedVersion);
      const endsAt = Date.parse(now) < Date.parse(row.startsAt) ? row.startsAt : now;
      await record(tx, ctx, { action: "absence.end", before: row, after: await changeAbsence(tx, row, { endsAt }) });
      return { id };
    });
    return getAbsence(tx, ctx, id);
  });
}

async function openAbsence(tx: Tx, ctx: Context, id: string, expectedVersion: number | null | undefined) {
  const found = await findAbsenceToChange(tx, ctx.viewer, id);
  if (!found) throw new NotFound("Absence", encodeId("absence", id));
  const { version, endsAt } = found.row;
  if (typeof expectedVersion === "number" && expectedVersion !== version)
    throw new Conflict(`The absence has version ${version}, not ${expectedVersion}.`, { currentVersion: version });
  if (Date.parse(endsAt) <= Date.parse(found.now)) throw new Conflict("The absence is over.", { currentVersion: version });
  return found;
}

type Span = Pick<AbsenceRow, "userId" | "substituteId" | "startsAt" | "endsAt" | "note"> & { readonly isNew: boolean };

async function assertFits(
  tx: Tx,
  { viewer }: Context,
  { userId, substituteId, startsAt, endsAt, note, isNew }: Span,
  now: string,
): Promise<void> {
  const problems: Problem[] = textProblems("input.note", note, noteBounds);
  const [from, to] = [Date.parse(startsAt), Date.parse(endsAt)];
  if (to <= from) problems.push({ path: "input.endsAt", message: "The absence must end after it starts." });
  else if (to - from > maxDays * 24 * 3_600_000)
    problems.push({ path: "input.endsAt", message: `The absence is longer than ${maxDays} days.` });
  if (to <= Date.parse(now)) problems.push({ path: "input.endsAt", message: "The end of the absence is in the past." });
  if (substituteId === userId) problems.push({ path: "input.substituteId", message: "Users cannot be their own substitutes." });
  if (problems.length > 0) throw new BadUserInput(problems);
  const { vendorId } = viewer;
  if (isNew && userId !== viewer.userId) await assertSameOrganization(tx, { userId, vendorId, path: "input.userId" });
  await assertSameOrganization(tx, { userId: substituteId, vendorId, path: "input.substituteId" });
}

async function getAbsence(tx: Tx, { viewer }: Context, id: string): Promise<Absence> {
  const row = await findAbsence(tx, viewer, id);
  if (!row) throw new NotFound("Absence", encodeId("absence", id));
  return toAbsence(row);
}

type Recorded = { readonly action: string; readonly before: AbsenceRow | null; readonly after: AbsenceRow };

async function record(tx: Tx, { meta }: Context, { action, before, after }: Recorded): Promise<void> {
  const { id, userId, substituteId, startsAt, endsAt, version } = after;
  const formerSubstituteId = before && before.substituteId !== substituteId ? before.substituteId : null;
  const payload = { userId, substituteId, formerSubstituteId, startsAt, endsAt };
  await appendEvents(tx, meta, [{ type: "absence.changed", subjectId: id, subjectVersion: version, related: { user: userId }, payload }]);
  await writeAudit(tx, meta, [{ action, entityType: "absence", entityId: id, before, after }]);
}
