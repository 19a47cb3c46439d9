import { Forbidden } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { Context } from "../context/context.js";
import { assertText } from "../inputs/changed-fields.js";
import { deleteExternalId, type ExternalIdList, findExternalIds, replaceExternalId } from "./external-id.store.js";

const types = { REQUESTS: "request", BUILDINGS: "building", ASSETS: "asset", VENDORS: "vendor" } as const;
const bounds = { externalId: { max: 200 } };

interface GivenExternalId {
  readonly list: ExternalIdList;
  readonly objectId: string;
  /** Of the input. Undefined: unchanged. Null: removed. */
  readonly externalId: string | null | undefined;
}

/**
 * Sets, replaces, or removes the external ID of an object that the viewer has just created or locked, as a mutation's input `externalId` says.
 * @throws Forbidden for users of a vendor; BadUserInput if the ID is too long or blank, or another object of the list has it, which the viewer possibly
 * cannot see
 */
export async function setExternalId(tx: Tx, ctx: Context, { list, objectId, externalId }: GivenExternalId): Promise<void> {
  if (externalId === undefined) return;
  const { tenantId, vendorId } = ctx.viewer;
  if (vendorId !== null) throw new Forbidden("input.externalId is only for users of the organization.");
  assertText({ externalId }, bounds);
  const before = (await findExternalIds(tx, [objectId])).get(objectId) ?? null;
  if (externalId === before) return;
  if (externalId === null) await deleteExternalId(tx, objectId);
  else await replaceExternalId(tx, { tenantId, list, objectId, externalId });
  await writeAudit(tx, ctx.meta, [
    {
      action: `${types[list]}.set_external_id`,
      entityType: types[list],
      entityId: objectId,
      before: { externalId: before },
      after: { externalId },
    },
  ]);
}
