import type { Problem } from "@weft/shared/errors";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import { hashingTurnOf } from "./hashing-places.js";
import { verifyPassword } from "./password.js";

/** Returns how many of a user's most recent passwords, including the current one, a new one must not repeat. */
export async function historyCountOf(services: Services, tenantId: string): Promise<number> {
  return (await effectiveConfigOf(services, tenantId)).security.passwordHistory;
}

/**
 * Returns a problem with the given `path` if the password matches one of the hashes. Each hash is a wait of its own for a place to hash, one after the
 * other, so that a long history does not keep others from logging in.
 * @throws RateLimited if too many passwords are waiting
 */
export async function repeatedPasswordProblems(
  ctx: Pick<Context, "services" | "maybeViewer" | "address">,
  hashes: readonly string[],
  password: string,
  path: string,
): Promise<Problem[]> {
  for (const passwordHash of hashes)
    if (await verifyPassword(passwordHash, { password, turn: hashingTurnOf(ctx) }, ctx.services.config.passwordCost))
      return [{ path, message: "You have used this password recently. Choose another." }];
  return [];
}
