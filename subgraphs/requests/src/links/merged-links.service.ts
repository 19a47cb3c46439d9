import { BadUserInput } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import type { RequestRow } from "../requests/request.service.js";
import { addLink, maxLinks } from "./link.service.js";
import { deleteLink, findLinks, insertLink, leadsTo, type LinkKey, type LinkRow, lockLinks } from "./link.store.js";
import { RequestLinkKind } from "./link.type.js";

/**
 * Links a request as the duplicate of another one, and waits for other transactions of the tenant that add links.
 * @throws BadUserInput (a cycle, another original, too many links)
 */
export async function linkDuplicate(tx: Tx, ctx: Context, from: RequestRow, into: RequestRow): Promise<void> {
  await lockLinks(tx, ctx.viewer.tenantId);
  const paths = { from: "input.id", to: "input.intoId" };
  await addLink(tx, ctx, { from, key: { kind: RequestLinkKind.DUPLICATES, fromId: from.id, toId: into.id }, paths });
}

/**
 * Links a request to one that was split off.
 * @throws BadUserInput (too many links)
 */
export async function linkPart(
  tx: Tx,
  ctx: Context,
  from: RequestRow,
  { kind, newId }: { readonly kind: "PARENT_OF" | "RELATES_TO"; readonly newId: string },
): Promise<void> {
  await lockLinks(tx, ctx.viewer.tenantId);
  const [fromId = "", toId = ""] = kind === "RELATES_TO" ? [from.id, newId].toSorted() : [from.id, newId];
  await addLink(tx, ctx, { from, key: { kind, fromId, toId }, paths: { from: "input.id", to: "input.id" } });
}

/**
 * Gives the links of a merged request to the other one: what it blocked, or was blocked by, its parent and its children, and what it relates to. Links that
 * the other request has, a second parent, and links that would close a cycle stay where they are. So do those of duplicates, which end with the
 * merged request. Call it after `linkDuplicate`.
 * @throws BadUserInput if the other request would have too many links
 */
export async function moveLinks(tx: Tx, ctx: Context, from: RequestRow, into: RequestRow): Promise<void> {
  const existing = await findLinks(tx, [into.id]);
  const own = (await findLinks(tx, [from.id])).filter(({ kind }) => kind !== RequestLinkKind.DUPLICATES);
  let count = existing.length;
  for (const link of own) {
    const key = afterMerge(link, from.id, into.id);
    if (key === null || existing.some((other) => isSame(other, key)) || isSecondParent(existing, key, into.id)) continue;
    if (key.kind !== RequestLinkKind.RELATES_TO && (await leadsTo(tx, { kind: key.kind, fromId: key.toId, toId: key.fromId }))) continue;
    if ((count += 1) > maxLinks)
      throw new BadUserInput([{ path: "input.intoId", message: `A request can have at most ${maxLinks} links.` }]);
    await deleteLink(tx, link);
    const row = { tenantId: from.tenantId, ...key, createdBy: ctx.meta.actorId };
    await insertLink(tx, row);
    await writeAudit(tx, ctx.meta, [
      { action: "request.unlink", entityType: "request", entityId: link.fromId, before: keyOf(link), after: null },
      { action: "request.link", entityType: "request", entityId: key.fromId, before: null, after: row },
    ]);
  }
}

const keyOf = ({ kind, fromId, toId }: LinkKey): LinkKey => ({ kind, fromId, toId });

/** Returns the link with the other request in the place of the merged one. Null if it would lead from that request to itself. */
function afterMerge({ kind, fromId, toId }: LinkRow, mergedId: string, intoId: string): LinkKey | null {
  const ends = [fromId, toId].map((id) => (id === mergedId ? intoId : id));
  const [first = "", second = ""] = kind === RequestLinkKind.RELATES_TO ? ends.toSorted() : ends;
  return first === second ? null : { kind, fromId: first, toId: second };
}

const isSame = (one: LinkKey, other: LinkKey): boolean => one.kind === other.kind && one.fromId === other.fromId && one.toId === other.toId;

const isSecondParent = (existing: readonly LinkRow[], key: LinkKey, intoId: string): boolean =>
  key.kind === RequestLinkKind.PARENT_OF &&
  key.toId === intoId &&
  existing.some(({ kind, toId }) => kind === RequestLinkKind.PARENT_OF && toId === intoId);
