import { vendors as tables } from "@weft/drizzle";
import { enumField, filterInput, flagField, idField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { isNotNull } from "drizzle-orm";
import { linkStatus, type ShownLink } from "./registration-link.store.js";
import { VendorRegistrationLinkStatus } from "./registration-link.type.js";

const { registrationLinks } = tables;

export const VendorRegistrationLinkFilter = filterInput("VendorRegistrationLinkFilter", {
  status: enumField(
    "VendorRegistrationLinkStatus",
    VendorRegistrationLinkStatus,
    linkStatus,
    "Whether vendors can register with the link.",
  ),
  isRevoked: flagField(isNotNull(registrationLinks.revokedAt), "Whether the link is revoked."),
  isInvitation: flagField(isNotNull(registrationLinks.email), "Whether the link was sent to one company by email."),
  createdBy: idField("user", registrationLinks.createdBy, "User who created the link."),
  createdAt: timeField(registrationLinks.createdAt, "Creation time."),
});

export const VendorRegistrationLinkOrder = orderByInput<ShownLink, "CREATED_AT">("VendorRegistrationLinkOrder", {
  CREATED_AT: { column: registrationLinks.createdAt, valueOf: (row) => row.createdAt },
});
