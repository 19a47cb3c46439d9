import type { Chore } from "@weft/platform/cleaning";
import type { Services } from "@weft/platform/services";
import { eraseExpiredKeys } from "./service-provider-key.service.js";

/**
 * Erases keys of Weft that were replaced at providers of the kind SAML, once they decrypt no assertions any more. It works as weft_app, because the cleaner's
 * role can read no secrets.
 */
export const pastProviderKeys = (parts: Pick<Services, "databases" | "keyring" | "secrets">): Chore => ({
  what: "keys of Weft at identity providers",
  deleteSome: (_tx, limit, tenantId) => eraseExpiredKeys(parts, { tenantId, limit }),
});
