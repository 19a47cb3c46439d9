import { BadUserInput, NotFound } from "@weft/shared/errors";
import { wakeWorkers } from "@weft/platform/pubsub";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { lockChain, sealedHead } from "@weft/platform/audit";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { readAccess, sealAccess } from "./stream.access.js";
import { assertDestination } from "./stream.destination.js";
import {
  type AuditStreamRow,
  countAuditStreams,
  deleteAuditStreamRow,
  findAuditStream,
  insertAuditStream,
  updateAuditStreamRow,
} from "./stream.store.js";
import { type AuditStreamTransport, auditStreamColumns, type CreateAuditStreamInput, type UpdateAuditStreamInput } from "./stream.type.js";

/** Each seal of a tenant writes to all of its streams. */
const MAX_STREAMS = 100;

/** @throws NotFound */
export const readAuditStream = (ctx: Context, id: string): Promise<AuditStreamRow> => ctx.read((tx) => getAuditStream(tx, id));

/**
 * Creates a stream, which begins with the next entry, or after a place of the chain.
 * @throws BadUserInput, UrlForbidden, Conflict (idempotency key)
 */
export async function createAuditStream(ctx: Context, input: CreateAuditStreamInput): Promise<AuditStreamRow> {
  const { transport, url, afterSequence } = input;
  const { access, problems } = readAccess(transport, input.access);
  const all = [...auditStreamColumns.textProblems(input), ...problems];
  if (all.length > 0) throw new BadUserInput(all);
  await assertDestination(ctx.services.config.outbound, transport, url);
  const { tenantId, userId } = ctx.viewer;
  const created = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createAuditStream", input }, async () => {
      const count = await countAuditStreams(tx);
      if (count >= MAX_STREAMS)
        throw new BadUserInput([{ path: "input.name", message: `The organization has ${count} streams, which is the maximum.` }]);
      const streamId = newId();
      // What is sealed until this commits would not be known to the stream.
      await lockChain(tx, tenantId);
      const head = await sealedHead(tx);
      const sequence = startOf(afterSequence, head);
      const row = await insertAuditStream(tx, {
        ...auditStreamColumns.plain(input),
        ...(await sealAccess(tx, ctx.services.secrets, { tenantId, id: streamId, access })),
        tenantId,
        id: streamId,
        sequence,
        head,
        dueAt: sequence < head ? new Date().toISOString() : null,
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "auditStream.created", payload: {} }, before: null, after: row });
      return row;
    });
    return getAuditStream(tx, id);
  });
  await wakeWorkers(ctx.services);
  return created;
}

function startOf(afterSequence: number | null | undefined, head: number): number {
  if (typeof afterSequence !== "number") return head;
  if (afterSequence >= 0 && afterSequence <= head) return afterSequence;
  throw new BadUserInput([{ path: "input.afterSequence", message: `The chain has the places 0 to ${head}, and not ${afterSequence}.` }]);
}

/** Changes a stream, and tries at once what has failed. @throws NotFound, BadUserInput, UrlForbidden, Conflict */
export async function updateAuditStream(ctx: Context, input: UpdateAuditStreamInput): Promise<AuditStreamRow> {
  const id = decodeId("auditStream", input.id, "input.id");
  const { access: given, ...wanted } = auditStreamColumns.changes(input);
  const read = await readAuditStream(ctx, id);
  const transport = read.transport as AuditStreamTransport;
  const { access, problems } = given === undefined ? { access: undefined, problems: [] } : readAccess(transport, given);
  const all = [...auditStreamColumns.textProblems(wanted), ...problems];
  if (all.length > 0) throw new BadUserInput(all);
  if (wanted.url !== undefined) {
    await assertDestination(ctx.services.config.outbound, transport, wanted.url);
    // Somebody who does not know them must not choose where they are sent.
    if (access === undefined && read.accessNames.length > 0 && hostOf(wanted.url) !== hostOf(read.url))
      throw new BadUserInput([
        {
          path: "input.access",
          message: "The URL leads to another host. Pass what it asks for again, because the stored values are not sent there.",
        },
      ]);
  }
  const { tenantId } = ctx.viewer;
  const row = await ctx.inTenant(async (tx) => {
    const before = await getAuditStream(tx, id);
    const changes = {
      ...auditStreamColumns.plain(wanted),
      ...(access && (await sealAccess(tx, ctx.services.secrets, { tenantId, id, access }))),
    };
    // The host was compared with that of the version that was read.
    const after = await updateAuditStreamRow(tx, id, input.expectedVersion ?? read.version, changes);
    if (after === null) throw changedMeanwhile("auditStream", before.version);
    const changed = [...Object.keys(wanted), ...(access ? ["access"] : [])];
    await recordChange(tx, ctx.meta, { event: { type: "auditStream.updated", payload: { changed } }, before, after });
    return after;
  });
  await wakeWorkers(ctx.services);
  return row;
}

/** Deletes a stream. What is being sent arrives. @throws NotFound, Conflict */
export async function deleteAuditStream(ctx: Context, input: VersionedIdInput): Promise<string> {
  const id = decodeId("auditStream", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getAuditStream(tx, id);
    const deleted = await deleteAuditStreamRow(tx, id, input.expectedVersion ?? before.version);
    if (deleted === null) throw changedMeanwhile("auditStream", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "auditStream.deleted", payload: {} }, before, after: null });
    return encodeId("auditStream", id);
  });
}

const hostOf = (url: string): string => new URL(url).host;

async function getAuditStream(tx: Tx, id: string): Promise<AuditStreamRow> {
  const row = await findAuditStream(tx, id);
  if (row === null) throw new NotFound("AuditStream", encodeId("auditStream", id));
  return row;
}
