import { automationRules } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { asc, eq } from "drizzle-orm";
import type { SecurityProfileRow } from "./security-profile.type.js";

const { securityProfiles } = automationRules;

export const selectSecurityProfiles = (tx: Tx): Promise<SecurityProfileRow[]> =>
  named("selectSecurityProfiles", tx.select().from(securityProfiles).orderBy(asc(securityProfiles.key)));

export async function findSecurityProfile(tx: Tx, id: string): Promise<SecurityProfileRow | null> {
  const [row] = await named("findSecurityProfile", tx.select().from(securityProfiles).where(eq(securityProfiles.id, id)));
  return row ?? null;
}

export const countSecurityProfiles = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countSecurityProfiles", table: securityProfiles, where: undefined });

/** @throws BadUserInput if the key is taken */
export const insertSecurityProfile = (tx: Tx, values: typeof securityProfiles.$inferInsert): Promise<SecurityProfileRow> =>
  insertedRow(named("insertSecurityProfile", tx.insert(securityProfiles).values(values).returning()), {
    security_profiles_key_key: { type: "securityProfile", field: "key", value: values.key },
  });

export type SecurityProfileChanges = Partial<Pick<SecurityProfileRow, "name" | "description" | "rules">>;

/** Null if the profile has changed since `version`. */
export const updateSecurityProfileRow = (
  tx: Tx,
  id: string,
  version: number,
  changes: SecurityProfileChanges,
): Promise<SecurityProfileRow | null> =>
  writtenRow(
    named(
      "updateSecurityProfile",
      tx
        .update(securityProfiles)
        .set({ ...changes, ...nextVersion(securityProfiles) })
        .where(atVersion(securityProfiles, id, version))
        .returning(),
    ),
  );

/** Null if the profile has changed since `version`. */
export const deleteSecurityProfileRow = (tx: Tx, id: string, version: number): Promise<SecurityProfileRow | null> =>
  writtenRow(
    named(
      "deleteSecurityProfile",
      tx
        .delete(securityProfiles)
        .where(atVersion(securityProfiles, id, version))
        .returning(),
    ),
  );
