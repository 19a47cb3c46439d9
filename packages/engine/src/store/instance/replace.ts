import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import type { InstanceHead } from "../model/instance-head.js";
import { cancelInstance } from "./cancel.js";
import { startInstance, type InstanceSubject, type Starting } from "./start.js";

export type Replacement = {
  /** UUID of the instance that ends. */
  readonly id: string;
  readonly expectedVersion?: number | null | undefined;
  /** Comment on its end. */
  readonly comment: string;
  /** The instance that takes its place for the same subject. */
  readonly starting: Starting & { readonly subject: InstanceSubject };
  /** Creation time of the subject, which its instances have. */
  readonly createdAt: string;
};

/**
 * Gives a business row another instance: the former one no longer belongs to it and is cancelled, the new one starts with the creation time of the
 * former. The events of the end are therefore not about the business row, which has not ended. Errors: as for `cancelInstance` and `startInstance`.
 */
export async function replaceInstance(tx: Tx, meta: WriteMeta, replacement: Replacement): Promise<InstanceHead> {
  const { id, expectedVersion, comment, starting, createdAt } = replacement;
  await detachInstance(tx, id);
  await cancelInstance(tx, meta, { id, comment, expectedVersion });
  const head = await startInstance(tx, meta, starting);
  await setCreationTime(tx, head.id, createdAt);
  return { ...head, createdAt };
}

async function detachInstance(tx: Tx, id: string): Promise<void> {
  await tx.execute(
    named(
      "detachInstance",
      sql`update workflows.instances set subject_type = null, subject_id = null where tenant_id = app.tenant() and id = ${id}::uuid`,
    ),
  );
}

/** Also of the indexed fields, which lists of instances order by. */
async function setCreationTime(tx: Tx, id: string, createdAt: string): Promise<void> {
  await tx.execute(
    named(
      "setCreationTime",
      sql`with fields as (
          update workflows.instance_fields set created_at = ${createdAt}::timestamptz where tenant_id = app.tenant() and instance_id = ${id}::uuid
        ) update workflows.instances set created_at = ${createdAt}::timestamptz where tenant_id = app.tenant() and id = ${id}::uuid`,
    ),
  );
}
