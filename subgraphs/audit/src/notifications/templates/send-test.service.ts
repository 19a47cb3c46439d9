/** Test messages: a version of a template, sent to the user who asks for it and to nobody else. */
import { BadUserInput, Conflict } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { assertMailIsSent, destinationHash, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { type Addressee, findAddressee, isSuppressed } from "../deliveries/send.store.js";
import type { NotificationKind } from "../notification.type.js";
import { timetableOf } from "../preferences/effective.js";
import { findRecipients } from "../preferences/preference.store.js";
import { type RenderedMail, renderTemplate, type TemplateValues } from "./language/render.js";
import { getTemplate, shownBy } from "./template.service.js";
import { findVersion, type TemplateRow, type TemplateVersionRow } from "./template.store.js";
import { valuesOf } from "./values.js";
import type { SendTestNotificationInput } from "./template.type.js";

/**
 * Sends a version of a template to the viewer's own address.
 * @throws NotFound, BadUserInput, Conflict (no usable address), RateLimited, ServiceUnavailable (no email is sent here)
 */
export async function sendTest(
  ctx: Context,
  input: SendTestNotificationInput,
): Promise<{ readonly template: TemplateRow; readonly subject: string }> {
  const { services, viewer } = ctx;
  assertMailIsSent(services.config);
  const id = decodeId("notificationTemplate", input.id, "input.id");
  const notificationId =
    typeof input.notificationId === "string" ? decodeId("notification", input.notificationId, "input.notificationId") : null;
  const config = await effectiveConfigOf(services, viewer.tenantId);
  const { publicUrl } = services.config.mail;
  const { template, version, values, addressee } = await ctx.read(async (tx) => {
    const row = await getTemplate(tx, id);
    const number = input.number ?? row.latestNumber;
    const found = await findVersion(tx, id, number);
    if (found === null) throw new BadUserInput([{ path: "input.number", message: `The template has no version ${number}.` }]);
    const shown = await shownBy(tx, ctx, { kind: row.kind as NotificationKind, notificationId, now: new Date().toISOString() });
    const to = await addresseeOf(tx, viewer.userId);
    const recipient = (await findRecipients(tx, [viewer.userId])).get(viewer.userId);
    const { timeZone } = timetableOf(recipient ?? { timeZone: null, rows: [] }, config, "NONE");
    return {
      template: row,
      version: found,
      addressee: to,
      values: valuesOf({
        ...shown,
        recipient: { name: to.name, timeZone },
        organization: to.organization,
        url: publicUrl,
        unsubscribeUrl: `${publicUrl}/notifications/unsubscribe`,
      }),
    };
  });
  const mail = await rendered(version, values);
  await ctx.inTenant(async (tx) => {
    const { email: to, isVerifiedTenant: isVerified, isSelfRegistered, plan } = addressee;
    const perTenantAndHour = mailsPerHour({ isVerified, isSelfRegistered, plan });
    await sendMail(tx, ctx.meta, { personId: viewer.userId, to, template: "notificationTest", values: mail, perTenantAndHour });
    const after = { ...template, testedNumber: version.number };
    await writeAudit(tx, ctx.meta, [
      { action: "notificationTemplate.test", entityType: "notificationTemplate", entityId: id, before: template, after },
    ]);
  });
  wakeMailSender(services);
  return { template, subject: mail.subject };
}

/** Returns the viewer as a recipient of emails. @throws Conflict if they must get none */
async function addresseeOf(tx: Tx, userId: string): Promise<Addressee> {
  const addressee = await findAddressee(tx, userId);
  if (addressee === null || !addressee.email.includes("@")) throw new Conflict("You have no email address in this organization.");
  if (addressee.isSelfRegistered && !addressee.isConfirmed)
    throw new Conflict("Your email address is not confirmed. Confirm it with requestEmailVerification first.");
  if (await isSuppressed(tx, userId, destinationHash(addressee.email)))
    throw new Conflict("The mail server has refused your address for good. Allow emails to it again with liftMailSuppression.");
  return addressee;
}

/** @throws BadUserInput if the template takes too long or writes too much with these values */
async function rendered(version: TemplateVersionRow, values: TemplateValues): Promise<RenderedMail> {
  try {
    return await renderTemplate(version, values);
  } catch (error) {
    throw new BadUserInput([{ path: "input.id", message: `The template cannot be rendered: ${(error as Error).message}` }]);
  }
}
