import { RateLimited } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { canSendMail, mailsPerHour, type MailToSend, type MailValues, sendMail } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { findWrittenTenant } from "../tenants/tenant.service.js";

/** What a user is told by email. */
export type SecurityNotice =
  /** What stays, apart from what the user certainly knows. */
  | ({ readonly template: "passwordChanged" } & Omit<MailValues<"passwordChanged">, "slug">)
  /** What else than the password can be used. */
  | ({ readonly template: "emailVerified" } & Omit<MailValues<"emailVerified">, "slug">)
  /** The user of the notice has the former address. */
  | { readonly template: "emailChanged"; readonly by: MailValues<"emailChanged">["by"] }
  /** `isTakenOver`: the password, second factors and API keys were removed. */
  | { readonly template: "providerLinked"; readonly provider: string; readonly isTakenOver: boolean }
  | { readonly template: "secondFactorChanged"; readonly change: MailValues<"secondFactorChanged">["change"] }
  | { readonly template: "apiKeysExpiring"; readonly keys: MailValues<"apiKeysExpiring">["keys"] }
  /** IDs of a hold that the user has placed, and of what it was on. */
  | { readonly template: "legalHoldEnded"; readonly hold: string; readonly object: string }
  | ({ readonly template: "apiKeyChanged" } & Omit<MailValues<"apiKeyChanged">, "slug">);

/**
 * Emails a user about a change of how they log in, so that a change by somebody else does not stay unnoticed. A limit of emails must not prevent the
 * change. The caller wakes the mail sender after the commit.
 * @returns the seconds after which it can be repeated, if a limit of emails prevented it
 */
export async function mailSecurityNotice(
  { services, log }: { readonly services: Pick<Context["services"], "config">; readonly log: Context["log"] },
  tx: Tx,
  meta: WriteMeta,
  user: { readonly id: string; readonly email: string },
  notice: SecurityNotice,
): Promise<number | null> {
  if (!canSendMail(services.config)) return null;
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  const { slug } = tenant;
  const common = { personId: user.id, to: user.email, perTenantAndHour: mailsPerHour(tenant), canFollow: true } as const;
  try {
    await sendNotice(tx, meta, common, { slug, notice });
    return null;
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    log.info({ tenantId: meta.tenantId, template: notice.template }, "a notice was not emailed, because of a limit");
    return error.retryAfter;
  }
}

function sendNotice(
  tx: Tx,
  meta: WriteMeta,
  common: Omit<MailToSend<SecurityNotice["template"]>, "template" | "values">,
  { slug, notice }: { readonly slug: string; readonly notice: SecurityNotice },
): Promise<void> {
  switch (notice.template) {
    case "passwordChanged":
      return sendMail(tx, meta, {
        ...common,
        template: notice.template,
        values: { slug, apiKeys: notice.apiKeys, passkeys: notice.passkeys, identities: notice.identities, hasApp: notice.hasApp },
      });
    case "emailVerified": {
      const { apiKeys, passkeys, identities, hasApp } = notice;
      return sendMail(tx, meta, { ...common, template: notice.template, values: { slug, apiKeys, passkeys, identities, hasApp } });
    }
    case "emailChanged":
      return sendMail(tx, meta, { ...common, template: notice.template, values: { slug, by: notice.by } });
    case "providerLinked":
      return sendMail(tx, meta, {
        ...common,
        template: notice.template,
        values: { slug, provider: notice.provider, isTakenOver: notice.isTakenOver },
      });
    case "secondFactorChanged":
      return sendMail(tx, meta, { ...common, template: notice.template, values: { slug, change: notice.change } });
    case "apiKeyChanged":
      // Otherwise, whoever creates many keys could keep the user from being told about a new password.
      return sendMail(tx, meta, {
        ...common,
        template: notice.template,
        values: { slug, change: notice.change, hint: notice.hint },
        leaves: 3,
      });
    case "apiKeysExpiring":
      return sendMail(tx, meta, { ...common, template: notice.template, values: { slug, keys: [...notice.keys] }, leaves: 3 });
    case "legalHoldEnded":
      return sendMail(tx, meta, { ...common, template: notice.template, values: { slug, hold: notice.hold, object: notice.object } });
    default:
      return notice satisfies never;
  }
}
