import type { Chore } from "../cleaning/cleaner.js";
import { deletePastChallenges, deletePastGatewayReports, deletePastPendingLogins } from "./past-pending-logins.store.js";

/** Deletes logins that waited for a second factor and are over. They contain the network of a device, and not every user logs in again. */
export const pastPendingLogins: Chore = {
  what: "logins that waited for a second factor",
  deleteSome: (tx, limit) => deletePastPendingLogins(tx, { limit }),
};

/** Deletes the used challenges of passkeys that have expired. Nothing accepts them any more, and not every user logs in again. */
export const pastChallenges: Chore = {
  what: "used challenges of passkeys",
  deleteSome: (tx, limit) => deletePastChallenges(tx, { limit }),
};

/** Deletes what gateways that are gone have reported of open connections. It no longer counts. */
export const pastGatewayReports: Chore = {
  what: "reports of gateways that are gone",
  deleteSome: (tx, limit) => deletePastGatewayReports(tx, { limit }),
};
