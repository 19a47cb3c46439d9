import { RateLimited } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { canSendMail, mailsPerHour, type MailValues, sendMail } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { findAdministrators } from "./rights.service.js";

const MAX_TOLD = 20;

type Template = "breakGlassUsed" | "domainRecordMissing" | "apiKeysExpiring";

/**
 * Emails something to administrators of the tenant. A limit of emails must not prevent what they are told of. Call `wakeMailSender` after the commit.
 * @param mail `valuesOf` gets the tenant's slug
 * @returns the seconds after which it can be repeated, if limits of emails prevented that anybody was told
 */
export async function mailAdministrators<Name extends Template>(
  { config, log }: Pick<Services, "config" | "log">,
  tx: Tx,
  meta: WriteMeta,
  { template, valuesOf }: { readonly template: Name; readonly valuesOf: (slug: string) => MailValues<Name> },
): Promise<number | null> {
  if (!canSendMail(config)) return null;
  const { tenantId } = meta;
  const tenant = await findWrittenTenant(tx, tenantId);
  let isTold = false;
  let wait: number | null = null;
  for (const { id, email } of await findAdministrators(tx, MAX_TOLD)) {
    const mail = {
      personId: id,
      to: email,
      template,
      perTenantAndHour: mailsPerHour(tenant),
      canFollow: true,
      values: valuesOf(tenant.slug),
    };
    try {
      await sendMail(tx, meta, mail);
      isTold = true;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      wait = Math.min(wait ?? Infinity, error.retryAfter);
      log.warn({ tenantId, template }, "administrators were not emailed, because of a limit");
    }
  }
  return isTold ? null : wait;
}
