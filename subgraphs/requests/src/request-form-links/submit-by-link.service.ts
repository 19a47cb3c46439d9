/** Requests by people without a login, who have a link. */
import { dataForm, findPublishedMachine, pointerPart, type Machine } from "@weft/engine";
import { BadUserInput, Conflict, RateLimited, ServiceUnavailable, Unauthenticated, WeftError } from "@weft/shared/errors";
import { hasPermission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeRelay } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { makeForm } from "@weft/api/forms";
import { type Numbering, numberingOf } from "@weft/api/numbers";
import { getAsset } from "../assets/asset.service.js";
import { findUsableRequestType, type RequestTypeRow } from "../request-types/request-type.service.js";
import { createDraft, type Writer } from "../requests/create-request.service.js";
import { submitDraft } from "../requests/request.service.js";
import type { SubmitRequestByLinkInput } from "./request-form-link.input.js";
import { findLiveRequestFormLink, type RequestFormLinkRow, useRequestFormLink } from "./request-form-link.store.js";
import { requestFormLinkTokens } from "./request-form-link.token.js";
import type { RequestFormByLink } from "./request-form-link.type.js";

/**
 * Returns the form of a link, and the name of its asset. Nothing else can be read with a link.
 * @throws Unauthenticated (the same for every reason); RateLimited if the tenant has used its share of processor time
 */
export async function requestFormByLink(ctx: Context, token: string): Promise<RequestFormByLink> {
  const { link, writer } = await openLink(ctx, token);
  const { viewer } = writer;
  const computing = ctx.computing.chargedTo(viewer.tenantId);
  computing.assertShare();
  const found = await refusedAlike(ctx, () =>
    asTenant(ctx.services.databases.app, viewer, "read", async (tx) => {
      const asset = await getAsset(tx, viewer, link.assetId, "asset.read");
      const type = await getUsableType(tx, writer, link);
      return { asset, type, machine: await findPublishedMachine(tx, viewer.tenantId, type.definitionKey) };
    }),
  );
  const { asset, type, machine } = found;
  if (machine === null) throw linkRefused();
  return { assetName: asset.name, form: await makeForm(ctx, () => formOf(type, machine), computing) };
}

function formOf({ key, name, description, fields }: RequestTypeRow, machine: Machine): RequestFormByLink["form"] {
  const { schema, controls, data } = dataForm(machine, fields);
  const elements = controls.map(({ name: property, label, options }) => {
    const scope = `#/properties/${pointerPart(property)}`;
    return { type: "Control", label, options, scope };
  });
  return {
    name: key,
    title: name,
    description: description === "" ? null : description,
    schema: { $schema: "http://json-schema.org/draft-07/schema#", ...schema },
    uiSchema: { type: "VerticalLayout", elements },
    data,
  };
}

/**
 * Creates and submits a request with a link: about its asset, of its type, in the name and with the current rights of the user who created the link.
 * @returns the time at which the request was received
 * @throws Unauthenticated (the same for every reason), BadUserInput (the data), RateLimited, Conflict (idempotency key)
 */
export async function submitRequestByLink(ctx: Context, input: SubmitRequestByLinkInput): Promise<string> {
  const { link, writer } = await openLink(ctx, input.token);
  const { services } = ctx;
  const numbering = await numberingOf({ services, viewer: writer.viewer });
  const call = { mutation: "submitRequestByLink", key: input.idempotencyKey, input };
  const { result } = await refusedAlike(ctx, () =>
    asTenant(services.databases.app, writer.viewer, "write", (tx) =>
      once(tx, writer.meta, call, async () => ({ receivedAt: await submit(tx, writer, { link, data: input.data, numbering }) })),
    ),
  );
  wakeRelay(services.pubsub, ctx.log);
  return result["receivedAt"] ?? "";
}

interface Submission {
  readonly link: RequestFormLinkRow;
  readonly data: Record<string, unknown>;
  readonly numbering: Numbering;
}

async function submit(tx: Tx, writer: Writer, { link, data, numbering }: Submission): Promise<string> {
  const used = await useRequestFormLink(tx, link.id);
  if (used === null) throw linkRefused();
  const { row, retryAfter } = used;
  if (row.hourCount > row.requestsPerHour) throw new RateLimited({ retryAfter }, "Too many requests were sent with this link.");
  const { key: typeKey } = await getUsableType(tx, writer, row);
  const place = { buildingId: null, assetId: row.assetId, spaceId: undefined };
  const id = await createDraft(tx, writer, { typeKey, data, place, numbering, linkId: row.id });
  await submitDraft(tx, writer, id);
  await writeAudit(tx, writer.meta, [
    { action: "requestFormLink.use", entityType: "requestFormLink", entityId: row.id, before: link, after: { ...row, requestId: id } },
  ]);
  return row.lastUsedAt ?? "";
}

async function getUsableType(tx: Tx, { viewer }: Writer, { typeId }: RequestFormLinkRow): Promise<RequestTypeRow> {
  const type = await findUsableRequestType(tx, viewer, typeId);
  if (type === null) throw linkRefused();
  return type;
}

/** Returns a valid link, and the user in whose name it acts, with their current rights. @throws Unauthenticated */
async function openLink(ctx: Context, token: string): Promise<{ readonly link: RequestFormLinkRow; readonly writer: Writer }> {
  const { databases, keys, keyring } = ctx.services;
  const ref = requestFormLinkTokens.read(keys.refresh, token);
  if (ref === null) throw linkRefused();
  const { tenantId } = ref;
  const link = await asTenant(databases.app, { tenantId }, "read", (tx) => findLiveRequestFormLink(tx, ref.id));
  const viewer = link && (await viewerOfUser(databases.auth, { tenantId, userId: link.createdBy, sessionId: link.id }));
  if (!link || !viewer || !hasPermission(viewer, "request.create")) throw linkRefused();
  const { requestId, address } = ctx;
  const meta = { tenantId, actorId: link.createdBy, onBehalfOf: null, sessionId: null, requestId, address, traceId: null, keyring };
  return { link, writer: { viewer, meta } };
}

/** Replaces errors that would tell people without a login something about the organization. The log has them. */
async function refusedAlike<T>(ctx: Context, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof WeftError) || isForEverybody(error)) throw error;
    ctx.log.info({ err: error }, "a request form link cannot be used");
    throw linkRefused();
  }
}

function isForEverybody(error: WeftError): boolean {
  if (error instanceof BadUserInput) return error.problems.every(({ path }) => /^input\.(?:data|idempotencyKey)\b/.test(path));
  return error instanceof RateLimited || error instanceof ServiceUnavailable || error instanceof Conflict || error.code === "INTERNAL";
}

/** One error for all reasons: revoked, expired, or the user who created the link can no longer create the request. */
const linkRefused = (): Unauthenticated => new Unauthenticated("This link is invalid or has expired. Report the problem in another way.");
