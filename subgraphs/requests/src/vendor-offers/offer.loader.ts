import { requests as tables } from "@weft/drizzle";
import { among, named } from "@weft/platform/db";
import { rowLoader } from "@weft/api/context";
import { and } from "drizzle-orm";
import { visibleOffers } from "./offer.store.js";
import { toOffer } from "./offer.type.js";

const { vendorOffers } = tables;

/** Loads offers by UUID, batched per request. Null for offers that the viewer cannot see. */
export const offerLoader = rowLoader(
  "vendorOffer",
  (tx, viewer, ids) =>
    named(
      "findOffers",
      tx
        .select()
        .from(vendorOffers)
        .where(and(among(vendorOffers.id, ids), visibleOffers(viewer))),
    ),
  toOffer,
);
