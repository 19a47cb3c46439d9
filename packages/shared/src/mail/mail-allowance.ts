/** What of a tenant says how many mails it may send. */
export interface MailingTenant {
  readonly isVerified: boolean;
  readonly isSelfRegistered: boolean;
  readonly plan: string;
}

/**
 * How many mails a tenant sends within an hour. Whoever registers himself could else have us write to strangers: a few until somebody of the
 * organisation has answered one, and not many as long as no operator has given it a plan.
 */
export function mailsPerHour({ isVerified, isSelfRegistered, plan }: MailingTenant): number {
  if (!isVerified) return 10;
  return isSelfRegistered && plan === "FREE" ? 50 : 300;
}
