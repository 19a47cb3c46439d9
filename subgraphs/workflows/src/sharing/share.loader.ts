import type { Context } from "@weft/api/context";
import { selectInterfaces } from "./share.store.js";
import { DefinitionShareSide, type DefinitionShare, type SharedInterface } from "./share.type.js";

/** Loads what the owner shows of an accepted share. One statement for all shares of the response. Null if the share cannot be used. */
export function loadInterface(ctx: Context, { side, uuid }: DefinitionShare): Promise<SharedInterface | null> | null {
  if (side === DefinitionShareSide.OWNER) return null;
  const loader = ctx.loader<string, SharedInterface>("sharedInterface", async (tx, ids) => {
    const rows = await selectInterfaces(tx, ids);
    return new Map(rows.map(({ share_id: id, is_usable: isUsable, inputs }) => [id, { isUsable, inputs }]));
  });
  return loader.load(uuid);
}
