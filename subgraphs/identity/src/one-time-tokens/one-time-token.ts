import { type RowRef, rowTokens, type RowTokens } from "@weft/shared/ids";

/** Purposes of tokens: sent by email, or, PASSWORD_CHANGE, returned to somebody who knows a temporary password. */
export type TokenPurpose = "INVITATION" | "EMAIL_VERIFICATION" | "PASSWORD_RESET" | "PASSWORD_CHANGE";

const kinds: Readonly<Record<TokenPurpose, RowTokens>> = {
  INVITATION: rowTokens({ prefix: "win_", label: "weft invitation 1" }),
  EMAIL_VERIFICATION: rowTokens({ prefix: "wev_", label: "weft email verification 1" }),
  PASSWORD_RESET: rowTokens({ prefix: "wpr_", label: "weft password reset 1" }),
  PASSWORD_CHANGE: rowTokens({ prefix: "wpc_", label: "weft password change 1" }),
};

export const issueOneTimeToken = (purpose: TokenPurpose, key: Uint8Array, ref: RowRef): string => kinds[purpose].issue(key, ref);

/** Returns null for anything that this installation did not issue for this purpose. */
export const readOneTimeToken = (purpose: TokenPurpose, key: Uint8Array, token: string): RowRef | null => kinds[purpose].read(key, token);
