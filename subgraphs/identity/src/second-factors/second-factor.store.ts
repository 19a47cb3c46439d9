import { hasFactor, requiresFactor } from "@weft/platform/rights";
import { identity } from "@weft/drizzle";
import type { Config } from "@weft/platform/config";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, gt, isNotNull, isNull, lt, sql } from "drizzle-orm";

const { recoveryCodes, secondFactors, wrongCodes } = identity;

interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

export type SecondFactorRow = typeof secondFactors.$inferSelect;

export async function hasSecondFactor(tx: Tx, userId: string): Promise<boolean> {
  const [row] = await tx.execute<{ has: boolean }>(named("hasSecondFactor", sql`select ${hasFactor(userId)} as has`));
  return row?.has ?? false;
}

/** What completes a login after the password. */
export type FactorMethod = "PASSKEY" | "TOTP" | "RECOVERY_CODE";

/** Returns what completes a user's logins. Empty if the password is enough. Passkeys count only in installations that use them. */
export async function findMethods(tx: Tx, userId: string, { passkeys }: Pick<Config, "passkeys">): Promise<FactorMethod[]> {
  const [row] = await tx.execute<{ has_totp: boolean; has_passkey: boolean }>(
    named(
      "findMethods",
      sql`select exists (select from identity.second_factors f where f.tenant_id = app.tenant() and f.user_id = ${userId} and f.confirmed_at is not null) as has_totp,
        exists (select from identity.passkeys k where k.tenant_id = app.tenant() and k.user_id = ${userId}) as has_passkey`,
    ),
  );
  if (!row?.has_totp && !row?.has_passkey) return [];
  return [...(row.has_passkey && passkeys ? (["PASSKEY"] as const) : []), ...(row.has_totp ? (["TOTP"] as const) : []), "RECOVERY_CODE"];
}

/** Returns a user's TOTP factor. */
export async function findTotp(tx: Tx, userId: string): Promise<SecondFactorRow | null> {
  const [row] = await named(
    "findTotp",
    tx
      .select()
      .from(secondFactors)
      .where(and(eq(secondFactors.userId, userId), eq(secondFactors.kind, "TOTP"), isNotNull(secondFactors.confirmedAt))),
  );
  return row ?? null;
}

/** Minutes within which an enrolment must be confirmed. */
const pendingMinutes = 15;

/**
 * Returns the TOTP factor that a user has begun to enrol in the session, unless that is too long ago. Somebody else who has begun one could otherwise
 * confirm it much later, in any session of the user.
 */
export async function findPendingTotp(
  tx: Tx,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
): Promise<SecondFactorRow | null> {
  const [row] = await named(
    "findPendingTotp",
    tx
      .select()
      .from(secondFactors)
      .where(
        and(
          eq(secondFactors.userId, userId),
          eq(secondFactors.kind, "TOTP"),
          isNull(secondFactors.confirmedAt),
          eq(secondFactors.sessionId, sessionId),
          sql`${secondFactors.createdAt} > now() - make_interval(mins => ${pendingMinutes}::int)`,
        ),
      ),
  );
  return row ?? null;
}

export async function insertTotp(
  tx: Tx,
  row: { tenantId: string; id: string; userId: string; sessionId: string; secret: string },
): Promise<void> {
  await named("insertTotp", tx.insert(secondFactors).values({ ...row, kind: "TOTP" }));
}

/** Deletes a TOTP factor that was never confirmed. Also part of every change that takes the account back from somebody else. */
export async function deletePendingTotp(tx: Tx, userId: string): Promise<void> {
  await named(
    "deletePendingTotp",
    tx
      .delete(secondFactors)
      .where(and(eq(secondFactors.userId, userId), eq(secondFactors.kind, "TOTP"), isNull(secondFactors.confirmedAt))),
  );
}

/** Deletes a user's TOTP factor, for another one. Returns whether there was one. */
export async function deleteConfirmedTotp(tx: Tx, userId: string): Promise<boolean> {
  const rows = await named(
    "deleteConfirmedTotp",
    tx
      .delete(secondFactors)
      .where(and(eq(secondFactors.userId, userId), eq(secondFactors.kind, "TOTP"), isNotNull(secondFactors.confirmedAt)))
      .returning({ id: secondFactors.id }),
  );
  return rows.length > 0;
}

export async function markConfirmed(tx: Tx, id: string): Promise<void> {
  await named(
    "markConfirmed",
    tx
      .update(secondFactors)
      .set({ confirmedAt: sql`now()`, sessionId: null })
      .where(eq(secondFactors.id, id)),
  );
}

/**
 * Uses up a time step and all earlier ones. Of two concurrent uses the second waits for the first and finds the step used.
 * @returns whether the step was unused
 */
export async function useStep(tx: Tx, { id, step }: { id: string; step: number }): Promise<boolean> {
  const rows = await named(
    "useStep",
    tx
      .update(secondFactors)
      .set({ lastStep: step, lastUsedAt: sql`now()` })
      .where(and(eq(secondFactors.id, id), lt(secondFactors.lastStep, step)))
      .returning({ id: secondFactors.id }),
  );
  return rows.length > 0;
}

/**
 * Counts a wrong code, or passkey, at a login with the right password.
 * @returns whether the user is due to be told: there are at least `from`, and the user was not told within a day. They then count from 0 again.
 */
export async function countWrongCode(tx: Tx, { tenantId, userId }: Owner, { from }: { readonly from: number }): Promise<boolean> {
  const isDue = sql`(${wrongCodes.codeCount} + 1 >= ${from}::int and coalesce(${wrongCodes.warnedAt} < now() - interval '1 day', true))`;
  const [row] = await named(
    "countWrongCode",
    tx
      .insert(wrongCodes)
      .values({ tenantId, userId, codeCount: 1 })
      .onConflictDoUpdate({
        target: [wrongCodes.tenantId, wrongCodes.userId],
        set: {
          codeCount: sql`case when ${isDue} then 0 else ${wrongCodes.codeCount} + 1 end`,
          warnedAt: sql`case when ${isDue} then now() else ${wrongCodes.warnedAt} end`,
        },
      })
      .returning({ isDue: sql<boolean>`${wrongCodes.codeCount} = 0` }),
  );
  return row?.isDue ?? false;
}

/** Forgets the wrong codes of a user who has given a right one, but not when the user was told of some. */
export async function forgetWrongCodes(tx: Tx, userId: string): Promise<void> {
  await named(
    "forgetWrongCodes",
    tx
      .update(wrongCodes)
      .set({ codeCount: 0 })
      .where(and(eq(wrongCodes.userId, userId), gt(wrongCodes.codeCount, 0))),
  );
}

/** Deletes a user's TOTP factor, and one that was begun. Returns whether one was confirmed. */
export async function deleteTotp(tx: Tx, userId: string): Promise<boolean> {
  const rows = await named(
    "deleteTotp",
    tx.delete(secondFactors).where(eq(secondFactors.userId, userId)).returning({ confirmedAt: secondFactors.confirmedAt }),
  );
  return rows.some(({ confirmedAt }) => confirmedAt !== null);
}

export async function deleteRecoveryCodes(tx: Tx, userId: string): Promise<void> {
  await named("deleteRecoveryCodes", tx.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)));
}

export async function insertRecoveryCodes(
  tx: Tx,
  rows: readonly { tenantId: string; id: string; userId: string; codeHash: string }[],
): Promise<void> {
  await named("insertRecoveryCodes", tx.insert(recoveryCodes).values([...rows]));
}

/** Uses a code up. Of two concurrent uses the second waits for the first and finds the code used. Returns whether it was unused. */
export async function useRecoveryCode(tx: Tx, { userId, codeHash }: { userId: string; codeHash: string }): Promise<boolean> {
  const rows = await named(
    "useRecoveryCode",
    tx
      .update(recoveryCodes)
      .set({ usedAt: sql`now()` })
      .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.codeHash, codeHash), isNull(recoveryCodes.usedAt)))
      .returning({ id: recoveryCodes.id }),
  );
  return rows.length > 0;
}

/** Returns the number of unused recovery codes, and whether the user must have a second factor. */
export async function findFactorState(
  tx: Tx,
  userId: string,
  required: { readonly byTenant: boolean },
): Promise<{ codesLeft: number; isRequired: boolean }> {
  const [row] = await tx.execute<{ codes_left: number; is_required: boolean }>(
    named(
      "findFactorState",
      sql`select (select count(*)::int from identity.recovery_codes c where c.tenant_id = app.tenant() and c.user_id = ${userId} and c.used_at is null) as codes_left,
        ${requiresFactor(userId, required)} as is_required`,
    ),
  );
  return { codesLeft: row?.codes_left ?? 0, isRequired: row?.is_required ?? false };
}
