import type { Chore } from "@weft/platform/cleaning";
import { deleteOldLinks } from "./link.store.js";

/** For this long, the page of a link reports that the link is no longer valid. The audit trail keeps what was done with it permanently. */
const KEPT_DAYS = 30;

/** Deletes expired task links, used or not. */
export const pastLinks: Chore = {
  what: "task links",
  deleteSome: (tx, limit) => deleteOldLinks(tx, { days: KEPT_DAYS, limit }),
};
