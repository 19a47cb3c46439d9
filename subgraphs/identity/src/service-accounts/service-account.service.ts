import { BadUserInput } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { belongingProblems, makeUser } from "../users/creation/make-user.js";
import { nameProblems, serviceAccountAddress, usernameProblems } from "../users/user-problems.js";
import { findUserOfLogin } from "../users/user.service.js";
import type { UserRow } from "../users/known-user.service.js";
import type { CreateServiceAccountInput } from "./service-account.type.js";

/**
 * Creates a service account: an active user without a password, who cannot log in. Programs act as the account with its API keys.
 * @throws BadUserInput, Forbidden (roles and teams that the viewer cannot assign), Conflict, LimitExceeded
 */
export async function createServiceAccount(ctx: Context, { idempotencyKey, ...input }: CreateServiceAccountInput): Promise<UserRow> {
  const name = input.name.trim();
  const username = input.username.normalize("NFKC").trim();
  const problems = [...nameProblems(name), ...usernameProblems(username)];
  if (problems.length > 0) throw new BadUserInput([...problems, ...(await ctx.read((tx) => belongingProblems(tx, "SERVICE", input)))]);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createServiceAccount", key: idempotencyKey ?? null, input }, async () => {
      const id = newId();
      const email = serviceAccountAddress(id);
      const row = await makeUser(ctx, tx, { id, name, username, email, type: "SERVICE", vendorId: null, passwordHash: null }, input);
      return { userId: row.id };
    });
    return findUserOfLogin(tx, result["userId"] ?? "");
  });
}
