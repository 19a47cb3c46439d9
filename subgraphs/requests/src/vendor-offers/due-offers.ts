import { asTenant, metaOfWork, type Services } from "@weft/shared";
import { lockDueOffers, openOffers } from "./due-offers.store.js";
import { recordEnd } from "./record-offer.js";

/** Offers of one transaction. */
const BATCH = 50;

/** Ends offers to vendors that nobody answered in time, as a source of due work. */
export function dueOffers({ databases, keyring }: Pick<Services, "databases" | "keyring">) {
  return {
    name: "vendorOffers",
    ...openOffers,
    run: async (tenantId: string, limit: number, signal: AbortSignal): Promise<number> => {
      const meta = metaOfWork("vendor-offers", tenantId, keyring);
      let done = 0;
      while (done < limit && !signal.aborted) {
        const taken = await asTenant(databases.app, { tenantId }, "write", async (tx) => {
          const due = await lockDueOffers(tx, Math.min(BATCH, limit - done));
          for (const offer of due) await recordEnd(tx, meta, offer, { status: "EXPIRED" });
          return due.length;
        });
        if (taken === 0) break;
        done += taken;
      }
      return done;
    },
  };
}
