import { vendors as tables } from "@weft/drizzle";
import { BadUserInput, Forbidden, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, countRows, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import { assertMailIsSent, dropMailsAbout, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { emailProblems, type VersionedIdInput } from "@weft/api/inputs";
import { keysetPage, type Page } from "@weft/api/pages";
import { assertOnboardingIsPossible } from "../vendors/start-onboarding.js";
import { VendorRegistrationLinkFilter, VendorRegistrationLinkOrder } from "./registration-link.filter.js";
import type { InviteVendorInput, VendorRegistrationLinksArgs } from "./registration-link.input.js";
import {
  findInviter,
  findRegistrationLinks,
  inDays,
  insertRegistrationLink,
  lockRegistrationLink,
  type NewRegistrationLink,
  type RegistrationLinkRow,
  revokeRegistrationLinkRow,
  selectRegistrationLinkPage,
  type ShownLink,
} from "./registration-link.store.js";
import { registrationAccess } from "./registration-link.token.js";
import {
  type CreateVendorRegistrationLinkInput,
  registrationLinkColumns,
  toRegistrationLink,
  type VendorRegistrationLink,
} from "./registration-link.type.js";

const maxPerHour = 1_000;
const maxInTotal = 100_000;
const maxDays = 90;

/** Returns a page of the links and invitations. @throws BadUserInput if the filter, the page size or a cursor is not valid */
export function listRegistrationLinks(
  ctx: Context,
  { filter, orderBy, ...args }: VendorRegistrationLinksArgs,
): Promise<Page<VendorRegistrationLink>> {
  const where = VendorRegistrationLinkFilter.toSql(filter, "filter", ctx.viewer);
  return keysetPage<ShownLink, VendorRegistrationLink>(ctx, {
    args,
    list: "vendorRegistrationLinks",
    orderBy: VendorRegistrationLinkOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
    id: { column: tables.registrationLinks.id, valueOf: (row) => row.id },
    fetch: (slice) => ctx.read((tx) => selectRegistrationLinkPage(tx, where, slice)),
    count: () => ctx.read((tx) => countRows(tx, { name: "countVendorRegistrationLinks", table: tables.registrationLinks, where })),
    toNode: toRegistrationLink,
  });
}

/**
 * Creates a link with which everybody can register a vendor, in the name of the viewer.
 * @throws BadUserInput (limits, expiration time, no definition of onboardings), Conflict (idempotency key)
 */
export async function createRegistrationLink(ctx: Context, input: CreateVendorRegistrationLinkInput): Promise<ShownLink> {
  registrationLinkColumns.assertText(input);
  const { registrationsPerHour, maxRegistrations = null, expiresAt = null } = input;
  assertWithin(registrationsPerHour, maxPerHour, "input.registrationsPerHour", "registrations per hour");
  if (maxRegistrations !== null) assertWithin(maxRegistrations, maxInTotal, "input.maxRegistrations", "registrations in total");
  const note = input.note?.trim() ?? "";
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createVendorRegistrationLink", input }, async () => {
      const values = { note: note === "" ? null : note, email: null, registrationsPerHour, maxRegistrations, expiresAt };
      const row = await writeLink(tx, ctx, values);
      if (row.expiresAt !== null && row.expiresAt <= row.createdAt)
        throw new BadUserInput([{ path: "input.expiresAt", message: "The expiration time must be in the future." }]);
      return row;
    });
    return getLink(tx, ctx, id, id);
  });
}

/**
 * Emails a company a link with which it can register once, in the name of the viewer. Only the email contains the link.
 * @throws BadUserInput, Forbidden (the organization is not verified), Conflict (idempotency key), RateLimited, ServiceUnavailable (no mail server)
 */
export async function inviteVendor(ctx: Context, input: InviteVendorInput): Promise<ShownLink> {
  assertMailIsSent(ctx.services.config);
  const problems: Problem[] = [
    ...emailProblems("input.email", input.email),
    ...textProblems("input.message", input.message, { max: 1_000, hasLines: true }),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  assertWithin(input.days, maxDays, "input.days", "days");
  const row = await ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "inviteVendor", input }, async () => {
      const limits = { registrationsPerHour: 1, maxRegistrations: 1, expiresAt: inDays(input.days) };
      const link = await writeLink(tx, ctx, { note: null, email: input.email, ...limits });
      await sendInvitation(tx, ctx, link, input);
      return link;
    });
    return getLink(tx, ctx, id, id);
  });
  wakeMailSender(ctx.services);
  return row;
}

async function sendInvitation(tx: Tx, { meta, services }: Context, link: RegistrationLinkRow, input: InviteVendorInput): Promise<void> {
  const inviter = await findInviter(tx, meta.actorId);
  if (inviter === null) throw new Error(`The user ${meta.actorId} acts but cannot be read.`);
  const { tenant } = inviter;
  // Otherwise anybody could register an organization and have Weft send email to strangers.
  if (!tenant.isVerified)
    throw new Forbidden(
      "Your organization can invite vendors after one of its users has verified an email address. See requestEmailVerification.",
    );
  await sendMail(tx, meta, {
    personId: link.id,
    to: input.email,
    template: "vendorInvitation",
    perTenantAndHour: mailsPerHour(tenant),
    referenceId: link.id,
    values: {
      inviter: inviter.name,
      organization: tenant.name,
      slug: tenant.slug,
      message: input.message ?? null,
      days: input.days,
      ...registrationAccess(services, link),
    },
  });
  await appendEvents(tx, meta, [eventOf("vendorRegistrationLink.sent", link)]);
}

/** Ends the use of a link, and cancels its email if it is not yet sent. A link that is revoked already stays as it is. @throws NotFound, Conflict */
export async function revokeRegistrationLink(ctx: Context, input: VersionedIdInput): Promise<ShownLink> {
  const id = decodeId("vendorRegistrationLink", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockRegistrationLink(tx, id);
    if (before === null) throw new NotFound("VendorRegistrationLink", input.id);
    if (before.revokedAt !== null) return getLink(tx, ctx, id, input.id);
    const after = await revokeRegistrationLinkRow(tx, id, input.expectedVersion ?? before.version);
    if (after === null) throw changedMeanwhile("vendorRegistrationLink", before.version);
    await dropMailsAbout(tx, [id]);
    await appendEvents(tx, ctx.meta, [eventOf("vendorRegistrationLink.revoked", after)]);
    await writeAudit(tx, ctx.meta, [
      { action: "vendorRegistrationLink.revoke", entityType: "vendorRegistrationLink", entityId: id, before, after },
    ]);
    return getLink(tx, ctx, id, input.id);
  });
}

type LinkValues = Omit<NewRegistrationLink, "tenantId" | "id" | "createdBy">;

async function writeLink(tx: Tx, { viewer, meta }: Context, values: LinkValues): Promise<RegistrationLinkRow> {
  // A company that registers could do nothing about it.
  await assertOnboardingIsPossible(tx, viewer.tenantId, "input");
  const { tenantId, userId: createdBy } = viewer;
  const row = await insertRegistrationLink(tx, { tenantId, id: newId(), ...values, createdBy });
  await appendEvents(tx, meta, [eventOf("vendorRegistrationLink.created", row)]);
  await writeAudit(tx, meta, [
    { action: "vendorRegistrationLink.create", entityType: "vendorRegistrationLink", entityId: row.id, before: null, after: row },
  ]);
  return row;
}

async function getLink(tx: Tx, ctx: Context, id: string, given: string): Promise<ShownLink> {
  const [row] = await findRegistrationLinks(tx, ctx.viewer, [id]);
  if (row === undefined) throw new NotFound("VendorRegistrationLink", given);
  return row;
}

function assertWithin(value: number, max: number, path: string, what: string): void {
  if (value >= 1 && value <= max) return;
  throw new BadUserInput([{ path, message: `Use 1 to ${max} ${what}, not ${value}.` }]);
}

const eventOf = <Type extends "vendorRegistrationLink.created" | "vendorRegistrationLink.sent" | "vendorRegistrationLink.revoked">(
  type: Type,
  { id, version }: RegistrationLinkRow,
) => ({ type, subjectId: id, subjectVersion: version, payload: {} }) as const;
