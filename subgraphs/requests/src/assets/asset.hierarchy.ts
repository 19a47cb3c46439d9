import { BadUserInput, quote } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { findAsset, findHierarchy, lockHierarchy } from "./asset.store.js";

/** Levels of a hierarchy, the topmost asset included. Bounds what a client walks, and what a transfer moves. */
const MAX_LEVELS = 10;

interface Placement {
  /** UUID of the asset that gets a parent. Null for a new one. */
  readonly assetId: string | null;
  readonly parentId: string;
  /** Place in the input, for errors. */
  readonly path: string;
}

/**
 * Asserts that an asset can become part of another one. Keeps the hierarchy of the tenant unchanged until the end of the transaction: two changes could
 * close a cycle together.
 * @throws BadUserInput if the parent does not exist, the viewer cannot see it, or the hierarchy would have a cycle or too many levels
 */
export async function assertParent(tx: Tx, viewer: Viewer, { assetId, parentId, path }: Placement): Promise<void> {
  const refused = (message: string): BadUserInput => new BadUserInput([{ path, message }]);
  await lockHierarchy(tx, viewer.tenantId);
  const parent = await findAsset(tx, viewer, parentId);
  if (parent === null) throw refused(`No asset with the ID ${encodeId("asset", parentId)} exists.`);
  const { ancestors, levelsBelow } = await findHierarchy(tx, { assetId, parentId });
  if (assetId !== null && ancestors.includes(assetId))
    throw refused(`The asset ${quote(parent.tag)} is the asset itself, or a part of it.`);
  const levels = ancestors.length + 1 + levelsBelow;
  if (levels > MAX_LEVELS) throw refused(`The hierarchy would have ${levels} levels. At most ${MAX_LEVELS} are allowed.`);
}
