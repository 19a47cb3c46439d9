import { Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents, recordChange } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";

import { getBuilding } from "./building.service.js";
import type { BuildingRow } from "./building.store.js";
import {
  type BuildingDependents,
  countBuildingDependents,
  findDeletedBuilding,
  lockBuilding,
  markBuildingDeleted,
  unmarkBuildingDeleted,
} from "./delete-building.store.js";

const nouns: Readonly<Record<keyof BuildingDependents, readonly [one: string, several: string]>> = {
  openRequests: ["open request", "open requests"],
  assets: ["asset that is not decommissioned", "assets that are not decommissioned"],
  spaces: ["space", "spaces"],
  maintenancePlans: ["active maintenance plan", "active maintenance plans"],
  runningWorkflows: ["running workflow", "running workflows"],
};

/**
 * Deletes a building that is no longer in use. Locks its row, so that requests and assets that are added at the same time are either counted here or
 * rejected there.
 * @throws NotFound, Conflict (another version, or the building is in use)
 */
export async function deleteBuilding(ctx: Context, input: VersionedIdInput): Promise<void> {
  const id = decodeId("building", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    await lockBuilding(tx, id);
    const before = await getBuilding(tx, ctx.viewer, id, "building.delete");
    assertVersion(before, input.expectedVersion);
    const counts = await countBuildingDependents(tx, id);
    const kinds = (Object.keys(nouns) as (keyof BuildingDependents)[]).filter((kind) => counts[kind] > 0);
    if (kinds.length > 0) {
      const what = kinds.map((kind) => `${counts[kind]} ${nouns[kind][counts[kind] === 1 ? 0 : 1]}`).join(", ");
      const wayOut =
        "Close, move, pause, cancel, or delete them first, or set the building's status to INACTIVE so that nothing new is added.";
      throw new Conflict(`The building ${quote(before.code)} cannot be deleted while it has ${what}. ${wayOut}`, {
        dependents: Object.fromEntries(kinds.map((kind) => [kind, counts[kind]])),
      });
    }
    await markBuildingDeleted(tx, id);
    await recordChange(tx, ctx.meta, { event: { type: "building.deleted", payload: {} }, before, after: null });
  });
}

/**
 * Restores a deleted building with its status and everything that refers to it.
 * @throws NotFound (also if the building is not deleted), Conflict (another version), BadUserInput (another building has the code now)
 */
export async function restoreBuilding(ctx: Context, input: VersionedIdInput): Promise<BuildingRow> {
  const id = decodeId("building", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await findDeletedBuilding(tx, ctx.viewer, id, "building.delete");
    if (before === null) throw new NotFound("deleted building", encodeId("building", id));
    assertVersion(before, input.expectedVersion);
    const after = await unmarkBuildingDeleted(tx, before);
    if (after === null) throw new Error("A locked building could not be restored.");
    const event = { type: "building.restored", subjectId: id, subjectVersion: after.version, payload: {} } as const;
    await appendEvents(tx, ctx.meta, [event]);
    await writeAudit(tx, ctx.meta, [{ action: "building.restore", entityType: "building", entityId: id, before, after }]);
    return after;
  });
}

function assertVersion({ version }: BuildingRow, expected: number | null | undefined): void {
  if (typeof expected !== "number" || expected === version) return;
  throw new Conflict(`The building has version ${version}, not ${expected}.`, { currentVersion: version });
}
