/** Properties of a tenant that determine how many emails it can send. */
export interface MailingTenant {
  readonly isVerified: boolean;
  readonly isSelfRegistered: boolean;
  readonly plan: string;
}

/**
 * Returns the number of emails that a tenant can send per hour. Otherwise, self-registered tenants could use Weft to send email to strangers. A
 * tenant can send only a few until one of its users has confirmed their email address, and a limited number while no operator has assigned it a plan.
 */
export function mailsPerHour({ isVerified, isSelfRegistered, plan }: MailingTenant): number {
  if (!isVerified) return 10;
  return isSelfRegistered && plan === "FREE" ? 50 : 300;
}
