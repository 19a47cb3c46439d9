import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { databaseFaultOf, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { findRequestWithId, getRequest, type RequestRow } from "../requests/request.service.js";
import { type Request, toRequest } from "../requests/request.type.js";
import type { LinkRequestsInput } from "./link.input.js";
import { countLinks, deleteLink, insertLink, leadsTo, type LinkKey, lockLinks, unwatchOriginals, watchOriginals } from "./link.store.js";
import { RequestLinkKind } from "./link.type.js";

/** Bounds the list of a request's links. */
export const maxLinks = 100;

/** Adds a link. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the other request, a cycle, a second parent or original). */
export async function linkRequests(ctx: Context, input: LinkRequestsInput): Promise<Request> {
  return ctx.inTenant(async (tx) => {
    const { from, key } = await endsOf(tx, ctx, input);
    await lockLinks(tx, ctx.viewer.tenantId);
    await addLink(tx, ctx, { from, key, paths: { from: "input.id", to: "input.toId" } });
    return toRequest(await getRequest(tx, ctx, input.id, "request.read"));
  });
}

interface NewLink {
  readonly from: RequestRow;
  readonly key: LinkKey;
  /** Of the two requests in the input. */
  readonly paths: { readonly from: string; readonly to: string };
}

/**
 * Adds a link between requests that the viewer was checked to triage, after `lockLinks`. If it exists, nothing changes.
 * @throws BadUserInput (a cycle, a second parent or original, too many links)
 */
export async function addLink(tx: Tx, ctx: Context, { from, key, paths }: NewLink): Promise<void> {
  await assertAcyclic(tx, key, paths.to);
  for (const [path, id] of [[paths.from, key.fromId] as const, [paths.to, key.toId] as const])
    if ((await countLinks(tx, id)) >= maxLinks)
      throw new BadUserInput([{ path, message: `A request can have at most ${maxLinks} links.` }]);
  const row = { tenantId: ctx.viewer.tenantId, ...key, createdBy: ctx.meta.actorId };
  if (!(await insertLink(tx, row).catch((error: unknown) => toSecond(error, paths.to)))) return;
  if (key.kind === RequestLinkKind.DUPLICATES) await watchOriginals(tx);
  await appendEvents(tx, ctx.meta, [linkedEvent(from, key)]);
  await writeAudit(tx, ctx.meta, [{ action: "request.link", entityType: "request", entityId: from.id, before: null, after: row }]);
}

/** Removes a link. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the other request). */
export async function unlinkRequests(ctx: Context, input: LinkRequestsInput): Promise<Request> {
  return ctx.inTenant(async (tx) => {
    const { from, key } = await endsOf(tx, ctx, input);
    if (await deleteLink(tx, key)) {
      if (input.kind === RequestLinkKind.DUPLICATES) await unwatchOriginals(tx);
      await writeAudit(tx, ctx.meta, [
        { action: "request.unlink", entityType: "request", entityId: from.id, before: { ...key }, after: null },
      ]);
    }
    return toRequest(await getRequest(tx, ctx, input.id, "request.read"));
  });
}

const linkedEvent = (from: RequestRow, { kind, fromId, toId }: LinkKey) =>
  ({
    type: "request.linked",
    subjectId: from.id,
    subjectVersion: from.instanceVersion,
    related: { instance: from.instanceId },
    payload: { kind: kind as RequestLinkKind, fromId, toId, audience: "INTERNAL" },
  }) as const;

async function endsOf(tx: Tx, ctx: Context, { id, kind, toId }: LinkRequestsInput): Promise<{ from: RequestRow; key: LinkKey }> {
  const from = await getRequest(tx, ctx, id, "request.triage");
  const to = await findRequestWithId(tx, ctx, decodeId("request", toId, "input.toId"), "request.triage");
  if (to === null) throw new BadUserInput([{ path: "input.toId", message: "There is no such request that you can link." }]);
  if (from.id === to.id) throw new BadUserInput([{ path: "input.toId", message: "A request cannot be linked to itself." }]);
  const [fromId = "", otherId = ""] = kind === RequestLinkKind.RELATES_TO ? [from.id, to.id].toSorted() : [from.id, to.id];
  return { from, key: { kind, fromId, toId: otherId } };
}

async function assertAcyclic(tx: Tx, { kind, fromId, toId }: LinkKey, path: string): Promise<void> {
  if (kind !== RequestLinkKind.RELATES_TO && (await leadsTo(tx, { kind, fromId: toId, toId: fromId })))
    throw new BadUserInput([{ path, message: `The link would close a cycle: links of the kind ${kind} already lead back.` }]);
}

const seconds: Readonly<Record<string, string>> = {
  links_one_parent: "The request already has a parent. Remove that link first.",
  links_one_original: "The request already duplicates another one. Remove that link first.",
};

function toSecond(error: unknown, path: string): never {
  const message = seconds[databaseFaultOf(error)?.constraint ?? ""];
  if (message === undefined) throw error;
  throw new BadUserInput([{ path, message }]);
}
