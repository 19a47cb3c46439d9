import type { Viewer } from "@weft/shared/viewer";
import { type AccessibleType, objectAccessRules, readPermissionOf, visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Returns whether the viewer can see the object. */
export async function isVisible(tx: Tx, viewer: Viewer, type: AccessibleType, id: string): Promise<boolean> {
  const { from, id: column } = objectAccessRules[type];
  const rows = await tx.execute(
    named(
      "isSubjectVisible",
      sql`select from ${from} where ${column} = ${id}::uuid and ${visibleObjects(type, viewer, readPermissionOf(type))} limit 1`,
    ),
  );
  return rows.length > 0;
}
