import type { Chore } from "@weft/platform/cleaning";
import { deleteOldExports } from "./past-exports.store.js";

const KEPT_DAYS = 90;

/** Deletes exports that have ended. One whose file is still attached to something is kept, because it restricts who can download the file. */
export const pastExports: Chore = {
  what: "exports",
  deleteSome: (tx, limit) => deleteOldExports(tx, { days: KEPT_DAYS, limit }),
};
