import type { Config } from "@weft/shared";

type Step = "start" | "callback" | "back-channel-logout";

/**
 * Returns the address of a provider at the gateway. Each provider has its own redirect URI, so that a response of one provider cannot be taken for that
 * of another (RFC 9700, 4.4).
 */
export const providerUrl = (
  { mail }: Pick<Config, "mail">,
  { tenantId, providerId }: { readonly tenantId: string; readonly providerId: string },
  step: Step,
): string => `${mail.publicUrl}/sso/${tenantId}/${providerId}/${step}`;
