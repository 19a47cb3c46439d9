import { rowTokens } from "@weft/shared";
import type { RowRef } from "@weft/shared";

/** Which row a refresh token stands for. */
export type RefreshTokenRef = RowRef;

/** `wrt_…`. Being derived, the same successor can be given again to a second tab. */
export const { issue: issueRefreshToken, read: readRefreshToken } = rowTokens({ prefix: "wrt_", label: "weft refresh token 1" });
