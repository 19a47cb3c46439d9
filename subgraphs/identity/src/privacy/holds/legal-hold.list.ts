import { privacy } from "@weft/drizzle";
import { filterInput, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { LegalHoldRow } from "./legal-hold.store.js";

const { legalHolds } = privacy;

export const LegalHoldFilter = filterInput("LegalHoldFilter", {
  createdAt: timeField(legalHolds.createdAt, "Creation time."),
  endedAt: timeField(legalHolds.endedAt, "When it was ended. `{ isNull: true }` finds open holds."),
});

export const LegalHoldOrder = orderByInput<LegalHoldRow, "CREATED_AT">("LegalHoldOrder", {
  CREATED_AT: { column: legalHolds.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
