import { rowTokens } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { RequestFormLinkRow } from "./request-form-link.store.js";

/** The token is derived from the ID of the link, so that a lost QR code can be printed again although the database contains no token. */
export const requestFormLinkTokens = rowTokens({ prefix: "wrl_", label: "weft request form link 1" });

/** Returns the URL of a link. The token is in the fragment, so that it is not in any server's log. */
export const requestFormLinkUrl = ({ config, keys }: Context["services"], { tenantId, id }: RequestFormLinkRow): string =>
  `${config.mail.publicUrl}/request#token=${requestFormLinkTokens.issue(keys.refresh, { tenantId, id })}`;
