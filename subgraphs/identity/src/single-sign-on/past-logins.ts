import type { Chore } from "@weft/platform/cleaning";
import { deleteExpiredLogoutTokens, deleteExpiredProviderLogins } from "./past-logins.store.js";

/** Deletes logins with identity providers that nobody finished in time. The next login deletes some, too, but there need not be one. */
export const pastProviderLogins: Chore = {
  what: "logins with identity providers",
  deleteSome: (tx, limit) => deleteExpiredProviderLogins(tx, limit),
};

/** Deletes logout tokens that are no longer valid, so that they need not be remembered. */
export const pastLogoutTokens: Chore = {
  what: "logout tokens of identity providers",
  deleteSome: (tx, limit) => deleteExpiredLogoutTokens(tx, limit),
};
