import { rowTokens } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { RegistrationLinkRow } from "./registration-link.store.js";

/** The token is derived from the ID of the link, so the database contains no token. */
export const registrationLinkTokens = rowTokens({ prefix: "wvr_", label: "weft vendor registration link 1" });

interface RegistrationAccess {
  readonly token: string;
  /** The token is in the fragment, so that it is not in any server's log. */
  readonly url: string;
}

/** Returns the token of a link, and the URL of the page that uses it. */
export function registrationAccess({ config, keys }: Context["services"], { tenantId, id }: RegistrationLinkRow): RegistrationAccess {
  const token = registrationLinkTokens.issue(keys.refresh, { tenantId, id });
  return { token, url: `${config.mail.publicUrl}/vendor-registration#token=${token}` };
}
