import { type RowRef, rowTokens } from "@weft/shared/ids";

/** Row that a refresh token refers to. */
export type RefreshTokenRef = RowRef;

/** Issues a refresh token (`wrt_…`). Because it is derived, the same successor can be returned again to a second tab. */
export const { issue: issueRefreshToken, read: readRefreshToken } = rowTokens({ prefix: "wrt_", label: "weft refresh token 1" });
