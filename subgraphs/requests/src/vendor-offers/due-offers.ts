import { metaOfWork } from "@weft/platform/events";
import { doInBatches } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { lockDueOffers, openOffers } from "./due-offers.store.js";
import { recordEnd } from "./record-offer.js";

/** Offers of one transaction. */
const BATCH = 50;

/** Ends offers to vendors that nobody answered in time, as a source of due work. */
export function dueOffers({ databases, keyring }: Pick<Services, "databases" | "keyring">) {
  return {
    name: "vendorOffers",
    ...openOffers,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      const meta = metaOfWork("vendor-offers", tenantId, keyring);
      return doInBatches({ db: databases.app, tenantId, limit, batch: BATCH, signal }, async (tx, size) => {
        const due = await lockDueOffers(tx, size);
        for (const offer of due) await recordEnd(tx, meta, offer, { status: "EXPIRED" });
        return due.length;
      });
    },
  };
}
