import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { showDeleted } from "../db/show-deleted.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { TenantSecrets } from "../secrets/tenant-secrets.js";
import { becomePurger } from "../purge/purge.store.js";
import { beginStep, isErasureDue } from "./erase-rows.store.js";
import type { ErasureKind } from "./erasure-plan.js";

/** A person whose erasure has been approved. `table` has the person's own row: `identity.users` or `vendors.vendor_contacts`. */
export interface ErasedPerson {
  readonly tenantId: string;
  readonly personId: string;
  readonly table: string;
  readonly kind: ErasureKind;
}

export interface ErasureParts {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly keyring: PersonKeyring;
  readonly secrets: TenantSecrets;
}

/** A legal hold covers the person, or nobody has approved the erasure. Nothing was changed since this was noticed. */
export class ErasureNotDue extends Error {
  constructor() {
    super("A legal hold covers the person, or the erasure is not approved.");
  }
}

/** An erasure waits for what others have begun, and continues after some seconds. What it has done is recorded. */
export class ErasureWaits extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`The erasure continues in ${seconds} seconds.`);
    this.seconds = seconds;
  }
}

/**
 * Every transaction of an erasure asks again whether the erasure is due, under a lock that a new legal hold waits for. So nothing is erased after the
 * hold has been answered.
 */
async function whileDue<T>(tx: Tx, { personId }: ErasedPerson, fn: (tx: Tx) => Promise<T>): Promise<T> {
  await beginStep(tx);
  if (!(await isErasureDue(tx, personId))) throw new ErasureNotDue();
  return fn(tx);
}

/** Runs a step of an erasure with the rights of the application. @throws ErasureNotDue */
export const asAppWhileDue = <T>({ databases }: ErasureParts, person: ErasedPerson, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId: person.tenantId }, "write", async (tx) => {
    await showDeleted(tx);
    return whileDue(tx, person, fn);
  });

/** Runs a step of an erasure as the purge role, which can change personal values everywhere. @throws ErasureNotDue */
export const asEraserWhileDue = <T>({ databases }: ErasureParts, person: ErasedPerson, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.worker, { tenantId: person.tenantId }, "write", async (tx) => {
    await becomePurger(tx);
    return whileDue(tx, person, fn);
  });
