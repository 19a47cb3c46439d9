import { type RowLoader, rowLoader } from "@weft/api/context";
import { findRegistrationLinks } from "./registration-link.store.js";
import { toRegistrationLink, type VendorRegistrationLink } from "./registration-link.type.js";

/** Loads registration links by UUID, batched per request. */
export const registrationLinkLoader: RowLoader<VendorRegistrationLink> = rowLoader(
  "vendorRegistrationLink",
  findRegistrationLinks,
  toRegistrationLink,
);
