import type { Chore } from "../cleaning/cleaner.js";
import { deleteSurplusHashes } from "./surplus-passwords.store.js";

/**
 * Deletes hashes that a tenant no longer keeps, after it has lowered the setting.
 * @param countOf returns `security.passwordHistory` of a tenant (by UUID)
 */
export const surplusPasswords = (countOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "hashes of passwords",
  deleteSome: async (tx, limit, tenantId) => deleteSurplusHashes(tx, { kept: Math.max(0, (await countOf(tenantId)) - 1), limit }),
});
