import type { Chore } from "@weft/platform/cleaning";
import { deleteOldImports, deleteOldProblems } from "./past-imports.store.js";

/** By then, an import that was never started has long lost its file. The audit trail keeps what was imported permanently. */
const KEPT_DAYS = 90;

/** Deletes imports that have ended, or were never started, with their problems. */
export const pastImports: Chore = {
  what: "imports",
  deleteSome: async (tx, limit) => {
    // First the problems: an import can have many, and they reference it.
    const problems = await deleteOldProblems(tx, { days: KEPT_DAYS, limit });
    return problems + (await deleteOldImports(tx, { days: KEPT_DAYS, limit: limit - problems }));
  },
};
