import { rowTokens } from "@weft/shared/ids";

/** Tokens of logins that wait for a second factor (`wmf_…`). Nothing but `completeLogin` accepts them. */
export const { issue: issueMfaToken, read: readMfaToken } = rowTokens({ prefix: "wmf_", label: "weft pending login 1" });
