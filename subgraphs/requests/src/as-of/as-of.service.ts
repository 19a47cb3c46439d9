import { requests as tables } from "@weft/drizzle";
import { instanceAsOf, readNow } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { isOfVendor } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import { type Context, loadById } from "@weft/api/context";
import { assetLoader, assetLoaderAsOf } from "../assets/asset.loader.js";
import type { Asset } from "../assets/asset.type.js";
import { getRequest } from "../requests/request.service.js";
import { type Request, toRequest } from "../requests/request.type.js";
import { endOfMillisecond, findPastRows } from "./past-rows.store.js";

/**
 * Returns a request as it was at a time (ISO 8601), with the rights of now. Users of a vendor are not told other assignees.
 * @throws NotFound, BadUserInput if the time is in the future, or the request did not exist yet
 */
export async function requestAsOf(ctx: Context, id: string, asOf: string): Promise<Request> {
  const { present, past } = await ctx.read(async (tx) => {
    // All columns, because those that did not exist then, and those of the type, are as of now.
    const present = await getRequest(tx, ctx, id, "request.read", "id");
    await assertExisted(tx, asOf, { id, createdAt: present.createdAt });
    const [row] = await findPastRows(tx, tables.requests, [present.id], asOf);
    if (!row) throw new Error(`request ${present.id} is visible, but has no row`);
    return { present, past: { row, instance: await instanceAsOf(tx, row.instanceId, endOfMillisecond(asOf)) } };
  });
  if (past.instance === null) throw notYet(asOf, { id, createdAt: present.createdAt });
  const { version: instanceVersion, updatedAt: transitionedAt, ...state } = past.instance;
  const isOfOther = isOfVendor(ctx.viewer) && state.assigneeVendorId !== ctx.viewer.vendorId;
  const shown = isOfOther ? { assigneeUserId: null, assigneeTeamId: null, assigneeVendorId: null } : {};
  // A close that was undone later has left no time in the row: it is as if the request had been open.
  const closedAt = present.closedAt !== null && Date.parse(present.closedAt) <= Date.parse(asOf) ? present.closedAt : null;
  return Object.assign(toRequest({ ...present, ...past.row, ...state, ...shown, closedAt, instanceVersion, transitionedAt }), { asOf });
}

/**
 * Returns an asset as it was at a time (ISO 8601), with the rights of now.
 * @throws NotFound, BadUserInput if the time is in the future, or the asset did not exist yet
 */
export async function assetAsOf(ctx: Context, id: string, asOf: string): Promise<Asset> {
  const present = await loadById(ctx, assetLoader, "asset", id);
  await ctx.read((tx) => assertExisted(tx, asOf, present));
  const past = await assetLoaderAsOf(asOf)(ctx).load(present.uuid);
  if (past === null) throw new Error(`asset ${present.uuid} is visible, but has no row`);
  return past;
}

interface Dated {
  /** Public ID. */
  readonly id: string;
  readonly createdAt: string;
}

async function assertExisted(tx: Tx, asOf: string, dated: Dated): Promise<void> {
  if (Date.parse(asOf) > Date.parse(await readNow(tx))) throw new BadUserInput([{ path: "asOf", message: `${asOf} is in the future.` }]);
  if (Date.parse(asOf) < Date.parse(dated.createdAt)) throw notYet(asOf, dated);
}

const notYet = (asOf: string, { id, createdAt }: Dated): BadUserInput =>
  new BadUserInput([{ path: "asOf", message: `${id} was created at ${createdAt}, after ${asOf}.` }]);
