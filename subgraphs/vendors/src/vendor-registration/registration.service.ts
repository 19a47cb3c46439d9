/** Vendors registered by people without a login, who have a link. */
import { BadUserInput, Conflict, RateLimited, ServiceUnavailable, Unauthenticated, WeftError } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { reachesAll } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { appendEvents, wakeRelay } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { writeFirstContact } from "../vendor-contacts/vendor-contact.service.js";
import type { Writer } from "../vendors/start-onboarding.js";
import { assertVendorTexts, writeNewVendor } from "../vendors/vendor.service.js";
import type { RegisterVendorInput } from "./registration.input.js";
import { findLiveRegistrationLink, type RegistrationLinkRow, useRegistrationLink } from "./registration-link.store.js";
import { registrationLinkTokens } from "./registration-link.token.js";
import { vendorCodeOf } from "./vendor-code.js";

/**
 * Creates a vendor in onboarding with a link, in the name of the user who created the link. The vendor, its contact and its workflow commit together.
 * @returns the time at which the registration was received
 * @throws Unauthenticated (the same for every reason), BadUserInput, RateLimited, Conflict (idempotency key)
 */
export async function registerVendor(ctx: Context, input: RegisterVendorInput): Promise<string> {
  const { link, writer } = await openLink(ctx, input.token);
  assertVendorTexts(input);
  assertText(input, { contactName: { max: 200, mayBeEmpty: true } });
  const { services } = ctx;
  const call = { mutation: "registerVendor", key: input.idempotencyKey, input };
  const { result } = await refusedAlike(ctx, () =>
    asTenant(services.databases.app, writer.viewer, "write", (tx) =>
      once(tx, writer.meta, call, async () => ({ receivedAt: await register(tx, writer, link, input) })),
    ),
  );
  wakeRelay(services.pubsub, ctx.log);
  return result["receivedAt"] ?? "";
}

async function register(tx: Tx, writer: Writer, link: RegistrationLinkRow, input: RegisterVendorInput): Promise<string> {
  const used = await useRegistrationLink(tx, link.id);
  if (used === null) throw linkRefused();
  const { row, retryAfter } = used;
  if (row.hourCount > row.registrationsPerHour) throw new RateLimited({ retryAfter }, "Too many vendors registered with this link.");
  const name = input.name.trim();
  const { email, categories } = input;
  const phone = input.phone ?? null;
  // Custom fields are filled in by users of the organization.
  const by = { registrationMethod: row.email === null ? "LINK" : "INVITATION", registrationLinkId: row.id };
  const values = { id: newId(), code: vendorCodeOf(name), name, email, phone, categories, fields: {}, fieldsVersion: 0, ...by };
  const vendor = await writeNewVendor(tx, writer, values, "input.token");
  const contactName = input.contactName?.trim() ?? "";
  if (contactName !== "") await writeFirstContact(tx, writer, { vendorId: vendor.id, name: contactName, email, phone });
  await appendEvents(tx, writer.meta, [
    { type: "vendorRegistrationLink.used", subjectId: row.id, subjectVersion: row.version, related: { vendor: vendor.id }, payload: {} },
  ]);
  const after = { ...row, vendorId: vendor.id };
  await writeAudit(tx, writer.meta, [
    { action: "vendorRegistrationLink.use", entityType: "vendorRegistrationLink", entityId: row.id, before: link, after },
  ]);
  return row.lastUsedAt ?? "";
}

/** Returns a valid link, and the user in whose name it acts, with their current rights. @throws Unauthenticated */
async function openLink(ctx: Context, token: string): Promise<{ readonly link: RegistrationLinkRow; readonly writer: Writer }> {
  const { databases, keys, keyring } = ctx.services;
  const ref = registrationLinkTokens.read(keys.refresh, token);
  if (ref === null) throw linkRefused();
  const { tenantId } = ref;
  const link = await asTenant(databases.app, { tenantId }, "read", (tx) => findLiveRegistrationLink(tx, ref.id));
  const viewer = link && (await viewerOfUser(databases.auth, { tenantId, userId: link.createdBy, sessionId: link.id }));
  if (!link || !viewer || viewer.vendorId !== null || !reachesAll(viewer, "vendor.create")) throw linkRefused();
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
    ctx.log.info({ err: error }, "a vendor registration link cannot be used");
    throw linkRefused();
  }
}

function isForEverybody(error: WeftError): boolean {
  if (error instanceof BadUserInput) return error.problems.every(({ path }) => path === "input.idempotencyKey");
  return error instanceof RateLimited || error instanceof ServiceUnavailable || error instanceof Conflict || error.code === "INTERNAL";
}

/** One error for all reasons: revoked, expired, used up, or the user who created the link can no longer create vendors. */
const linkRefused = (): Unauthenticated =>
  new Unauthenticated("This link is invalid or has expired. Ask the organization for another one.");
