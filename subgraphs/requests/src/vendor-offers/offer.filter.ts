import { requests as tables } from "@weft/drizzle";
import { enumField, filterInput, idField, onlyWith, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { OfferRow } from "./offer.store.js";
import { VendorOfferStatus } from "./offer.type.js";

const { vendorOffers } = tables;

export const VendorOfferFilter = filterInput("VendorOfferFilter", {
  status: enumField("VendorOfferStatus", VendorOfferStatus, vendorOffers.status, "Status."),
  request: onlyWith("request.read", idField("request", vendorOffers.requestId, "The request.")),
  vendor: onlyWith("vendor.read", idField("vendor", vendorOffers.vendorId, "The vendor.")),
  offeredAt: timeField(vendorOffers.offeredAt, "Time of the offer."),
  expiresAt: timeField(vendorOffers.expiresAt, "Time until which the vendor can accept."),
});

export const VendorOfferOrder = orderByInput<OfferRow, "OFFERED_AT">("VendorOfferOrder", {
  OFFERED_AT: { column: vendorOffers.offeredAt, valueOf: (row) => row.offeredAt, description: "By time of the offer." },
});
