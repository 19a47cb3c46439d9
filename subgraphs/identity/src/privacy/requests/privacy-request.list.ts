import { privacy } from "@weft/drizzle";
import { enumField, filterInput, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { PrivacyRequestRow } from "./privacy-request.store.js";
import { PrivacyRequestKind, PrivacyRequestStatus } from "./privacy-request.type.js";

const { privacyRequests } = privacy;

export const PrivacyRequestFilter = filterInput("PrivacyRequestFilter", {
  kind: enumField("PrivacyRequestKind", PrivacyRequestKind, privacyRequests.kind),
  status: enumField("PrivacyRequestStatus", PrivacyRequestStatus, privacyRequests.status),
  createdAt: timeField(privacyRequests.createdAt, "Creation time."),
});

export const PrivacyRequestOrder = orderByInput<PrivacyRequestRow, "CREATED_AT">("PrivacyRequestOrder", {
  CREATED_AT: { column: privacyRequests.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
