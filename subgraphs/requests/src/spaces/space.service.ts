import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents, recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { requireActiveBuilding } from "../buildings/building.service.js";
import type { MoveSpaceInput } from "./space.input.js";
import {
  countSpaceDependents,
  findDeletedSpace,
  findSpace,
  findTreePlace,
  insertSpace,
  keepSpace,
  lockSpace,
  lockSpaces,
  markSpaceDeleted,
  nextSpacePosition,
  type SpaceChanges,
  type SpaceDependents,
  type SpaceRow,
  unmarkSpaceDeleted,
  updateSpaceRow,
} from "./space.store.js";
import { type CreateSpaceInput, spaceColumns, toSpace, type SpacePayload, type UpdateSpaceInput } from "./space.type.js";

/** Levels of spaces in a building. */
const maxDepth = 8;
const maxPosition = 1_000_000;

export async function createSpace(ctx: Context, input: CreateSpaceInput): Promise<SpacePayload> {
  spaceColumns.assertText(input);
  assertPosition(input.position);
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  const parentId = decodeIdOrNull("space", input.parentId, "input.parentId") ?? null;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createSpace", input }, async () => {
      await requireActiveBuilding(tx, ctx.viewer, buildingId, "input.buildingId");
      await lockSpaces(tx, buildingId);
      if (parentId !== null) await assertParent(tx, ctx.viewer, { buildingId, parentId, height: 0 });
      const position = input.position ?? (await nextSpacePosition(tx, { buildingId, parentId }));
      const columns = { ...spaceColumns.plain(input), buildingId, parentId, position };
      const row = await insertSpace(tx, { tenantId: ctx.viewer.tenantId, id: newId(), ...columns });
      const event = { type: "space.created", related: { building: buildingId }, payload: {} } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: row });
      return row;
    });
    return { space: toSpace(await getSpace(tx, ctx.viewer, id, "building.read")) };
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateSpace(ctx: Context, input: UpdateSpaceInput): Promise<SpacePayload> {
  const id = decodeId("space", input.id, "input.id");
  const changes = spaceColumns.changes(input);
  spaceColumns.assertText(changes);
  return ctx.inTenant(async (tx) => {
    const before = await getSpace(tx, ctx.viewer, id, "building.update");
    return { space: toSpace(await change(tx, ctx, before, input.expectedVersion, changes)) };
  });
}

/**
 * Moves a space, with everything in it, within its building.
 * @throws NotFound, Conflict, BadUserInput (unknown parent, a parent inside the space or in another building, too many levels)
 */
export async function moveSpace(ctx: Context, input: MoveSpaceInput): Promise<SpacePayload> {
  const id = decodeId("space", input.id, "input.id");
  assertPosition(input.position);
  const parentId = decodeIdOrNull("space", input.parentId, "input.parentId") ?? null;
  return ctx.inTenant(async (tx) => {
    const { buildingId } = await getSpace(tx, ctx.viewer, id, "building.update");
    await lockSpaces(tx, buildingId);
    const before = await getSpace(tx, ctx.viewer, id, "building.update");
    if (parentId !== null) {
      const { height } = await findTreePlace(tx, id, maxDepth);
      await assertParent(tx, ctx.viewer, { buildingId, parentId, height, moved: before });
    }
    const position = input.position ?? (await nextSpacePosition(tx, { buildingId, parentId }));
    return { space: toSpace(await change(tx, ctx, before, input.expectedVersion, { parentId, position })) };
  });
}

async function change(
  tx: Tx,
  ctx: Context,
  before: SpaceRow,
  expectedVersion: number | null | undefined,
  changes: SpaceChanges,
): Promise<SpaceRow> {
  const after = await updateSpaceRow(tx, before.id, expectedVersion ?? before.version, changes);
  if (after === null) throw changedMeanwhile("space", before.version);
  const payload = { changed: Object.keys(changes) };
  const event = { type: "space.updated", related: { building: before.buildingId }, payload } as const;
  await recordChange(tx, ctx.meta, { event, before, after });
  return after;
}

const nouns: Readonly<Record<keyof SpaceDependents, readonly [one: string, several: string]>> = {
  spaces: ["space", "spaces"],
  openRequests: ["open request", "open requests"],
  assets: ["asset that is not decommissioned", "assets that are not decommissioned"],
  maintenancePlans: ["active maintenance plan", "active maintenance plans"],
};

/**
 * Deletes a space that is no longer in use. Locks its row, so that requests and assets that are added at the same time are either counted here or
 * rejected there.
 * @throws NotFound, Conflict (another version, or the space is in use)
 */
export async function deleteSpace(ctx: Context, input: VersionedIdInput): Promise<void> {
  const id = decodeId("space", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const { buildingId } = await getSpace(tx, ctx.viewer, id, "building.update");
    await lockSpaces(tx, buildingId);
    await lockSpace(tx, id);
    const before = await getSpace(tx, ctx.viewer, id, "building.update");
    const counts = await countSpaceDependents(tx, id);
    const after = await markSpaceDeleted(tx, id, input.expectedVersion ?? before.version);
    if (after === null) throw changedMeanwhile("space", before.version);
    const kinds = (Object.keys(nouns) as (keyof SpaceDependents)[]).filter((kind) => counts[kind] > 0);
    if (kinds.length > 0) {
      const what = kinds.map((kind) => `${counts[kind]} ${nouns[kind][counts[kind] === 1 ? 0 : 1]}`).join(", ");
      const message = `The space ${quote(before.code)} cannot be deleted while it has ${what}. Close, move, pause, or delete them first.`;
      throw new Conflict(message, { dependents: Object.fromEntries(kinds.map((kind) => [kind, counts[kind]])) });
    }
    const event = { type: "space.deleted", related: { building: buildingId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before, after: null });
  });
}

/**
 * Restores a deleted space at its place.
 * @throws NotFound (also if the space is not deleted), Conflict (another version), BadUserInput (its building is inactive or deleted, the space around
 * it is deleted, or another space has its code)
 */
export async function restoreSpace(ctx: Context, input: VersionedIdInput): Promise<SpacePayload> {
  const id = decodeId("space", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const found = await findDeletedSpace(tx, ctx.viewer, id, "building.update");
    if (found === null) throw new NotFound("deleted space", encodeId("space", id));
    const { buildingId } = found;
    await requireActiveBuilding(tx, ctx.viewer, buildingId, "input.id");
    await lockSpaces(tx, buildingId);
    const before = await findDeletedSpace(tx, ctx.viewer, id, "building.update");
    if (before === null) throw new NotFound("deleted space", encodeId("space", id));
    const { version } = before;
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== version) throw changedMeanwhile("space", version);
    if (before.parentId !== null) await assertParentExists(tx, ctx.viewer, before.parentId);
    const after = await unmarkSpaceDeleted(tx, before);
    if (after === null) throw changedMeanwhile("space", version);
    const event = {
      type: "space.restored",
      subjectId: id,
      subjectVersion: after.version,
      related: { building: buildingId },
      payload: {},
    } as const;
    await appendEvents(tx, ctx.meta, [event]);
    await writeAudit(tx, ctx.meta, [{ action: "space.restore", entityType: "space", entityId: id, before, after }]);
    return { space: toSpace(after) };
  });
}

async function assertParentExists(tx: Tx, viewer: Viewer, parentId: string): Promise<void> {
  if ((await findSpace(tx, viewer, parentId)) !== null) return;
  const message = `The space ${encodeId("space", parentId)}, which contained it, is deleted. Restore that space first.`;
  throw new BadUserInput([{ path: "input.id", message }]);
}

interface Nesting {
  readonly buildingId: string;
  readonly parentId: string;
  /** Levels below the space that gets the parent. */
  readonly height: number;
  readonly moved?: SpaceRow;
}

/** @throws BadUserInput if the parent does not exist, is in another building or inside the space, or if there would be too many levels */
async function assertParent(tx: Tx, viewer: Viewer, { buildingId, parentId, height, moved }: Nesting): Promise<void> {
  const refused = (message: string) => new BadUserInput([{ path: "input.parentId", message }]);
  const parent = await findSpace(tx, viewer, parentId);
  if (parent === null) throw refused(`No space with the ID ${encodeId("space", parentId)} exists.`);
  if (parent.buildingId !== buildingId) throw refused(`The space ${quote(parent.code)} is in another building.`);
  const { path } = await findTreePlace(tx, parentId, maxDepth);
  if (moved !== undefined && path.includes(moved.id)) {
    throw refused(`The space ${quote(moved.code)} cannot be moved into itself or into a space that it contains.`);
  }
  const levels = path.length + 1 + height;
  if (levels > maxDepth) throw refused(`Spaces can be nested at most ${maxDepth} levels deep. This would make ${levels} levels.`);
}

function assertPosition(position: number | null | undefined): void {
  if (typeof position !== "number" || (position >= 0 && position <= maxPosition)) return;
  const message = `${position} is not a valid position. Use a number from 0 to ${maxPosition}.`;
  throw new BadUserInput([{ path: "input.position", message }]);
}

/** @throws NotFound if the space does not exist, is deleted, or the viewer's permission does not reach it */
async function getSpace(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<SpaceRow> {
  const space = await findSpace(tx, viewer, id, permission);
  if (space === null) throw new NotFound("Space", encodeId("space", id));
  return space;
}

/**
 * Returns the space that an input references. A concurrent deletion either waits until the transaction ends, or comes first and is seen.
 * @throws BadUserInput at `path` if it does not exist, is deleted, or the viewer cannot see it
 */
export async function requireSpace(tx: Tx, viewer: Viewer, id: string, path: string): Promise<SpaceRow> {
  const space = await keepSpace(tx, viewer, id);
  if (space === null) throw new BadUserInput([{ path, message: `No space with the ID ${encodeId("space", id)} exists.` }]);
  return space;
}

/** @throws BadUserInput at `path` if the space is in another building */
export function assertInBuilding(space: SpaceRow, buildingId: string, path = "input.spaceId"): void {
  if (space.buildingId === buildingId) return;
  throw new BadUserInput([{ path, message: `The space ${quote(space.code)} is not in that building.` }]);
}
