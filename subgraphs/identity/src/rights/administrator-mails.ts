import { canSendMail, type MailValues, mailsPerHour, RateLimited, sendMail, type Services, type Tx, type WriteMeta } from "@weft/shared";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { findAdministrators } from "./rights.service.js";

const MAX_TOLD = 20;

type Template = "breakGlassUsed" | "domainRecordMissing" | "apiKeysExpiring";

/**
 * Emails something to administrators of the tenant. A limit of emails must not prevent what they are told of. Call `wakeMailSender` after the commit.
 * @param mail `valuesOf` gets the tenant's slug
 */
export async function mailAdministrators<Name extends Template>(
  { config, log }: Pick<Services, "config" | "log">,
  tx: Tx,
  meta: WriteMeta,
  { template, valuesOf }: { readonly template: Name; readonly valuesOf: (slug: string) => MailValues<Name> },
): Promise<void> {
  if (!canSendMail(config)) return;
  const { tenantId } = meta;
  const tenant = await findWrittenTenant(tx, tenantId);
  for (const { id, email } of await findAdministrators(tx, MAX_TOLD)) {
    const mail = {
      personId: id,
      to: email,
      template,
      perTenantAndHour: mailsPerHour(tenant),
      canFollow: true,
      values: valuesOf(tenant.slug),
    };
    await sendMail(tx, meta, mail).catch((error: unknown) => {
      if (!(error instanceof RateLimited)) throw error;
      log.warn({ tenantId, template }, "administrators were not emailed, because of a limit");
    });
  }
}
