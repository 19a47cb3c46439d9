import { canSendMail, mailsPerHour, RateLimited, sendMail } from "@weft/shared";
import type { Context, MailValues, Tx, WriteMeta } from "@weft/shared";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import type { UserRow } from "../users/known-user.service.js";

/** What a user is told by email. */
export type SecurityNotice =
  /** `apiKeys`: number of the user's API keys that stay. */
  | { readonly template: "passwordChanged"; readonly apiKeys: number }
  | { readonly template: "secondFactorChanged"; readonly change: MailValues<"secondFactorChanged">["change"] };

/**
 * Emails a user about a change of how they log in, so that a change by somebody else does not stay unnoticed. A limit of emails must not prevent the
 * change. The caller wakes the mail sender after the commit.
 */
export async function mailSecurityNotice(
  { services, log }: Pick<Context, "services" | "log">,
  tx: Tx,
  meta: WriteMeta,
  user: Pick<UserRow, "id" | "email">,
  notice: SecurityNotice,
): Promise<void> {
  if (!canSendMail(services.config)) return;
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  const { slug } = tenant;
  const common = { personId: user.id, to: user.email, perTenantAndHour: mailsPerHour(tenant), canFollow: true } as const;
  const sent =
    notice.template === "passwordChanged"
      ? sendMail(tx, meta, { ...common, template: notice.template, values: { slug, apiKeys: notice.apiKeys } })
      : sendMail(tx, meta, { ...common, template: notice.template, values: { slug, change: notice.change } });
  await sent.catch((error: unknown) => {
    if (!(error instanceof RateLimited)) throw error;
    log.info({ tenantId: meta.tenantId, template: notice.template }, "a change of a login was not emailed, because of a limit");
  });
}
