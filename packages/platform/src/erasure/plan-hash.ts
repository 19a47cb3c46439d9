import { createHash } from "node:crypto";
import type { CopiesTable } from "./copies.store.js";
import type { TablePlan } from "./erasure-plan.js";

interface Planned {
  readonly steps: readonly { readonly name: string }[];
  readonly plans: readonly TablePlan[];
  readonly tables: readonly CopiesTable[];
}

/**
 * Returns a hash of what an erasure does, in its order. It changes with an upgrade that adds a table or a column, so that what an earlier version has done is
 * not taken for all that is to be done.
 */
export const hashOfPlan = ({ steps, plans, tables }: Planned): string =>
  createHash("sha256")
    .update(JSON.stringify([steps.map(({ name }) => name), plans, tables]))
    .digest("hex");
