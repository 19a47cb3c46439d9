import type { Chore } from "@weft/shared";
import { deleteOldLinks } from "./link.store.js";

/** The page behind a link says for so long that it does not work any more; what was done with it stands in the audit trail for good. */
const KEPT_DAYS = 30;

/** Links of tasks whose time is over, used or not. */
export const pastLinks: Chore = {
  what: "links of tasks",
  deleteSome: (tx, limit) => deleteOldLinks(tx, { days: KEPT_DAYS, limit }),
};
