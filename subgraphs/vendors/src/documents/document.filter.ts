import { vendorDocuments as tables } from "@weft/drizzle";
import {
  dateField,
  enumField,
  type FilterField,
  filterInput,
  flagField,
  idField,
  onlyWith,
  searchField,
  textField,
  timeField,
  wordIn,
} from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import { VendorDocumentStatus } from "./document.enums.js";
import { isExpired, type ShownDocument } from "./document.store.js";

const { documents } = tables;

const lastDay = dateField(documents.validUntilOrder);

/** Reads the column that contains `infinity` in place of no last day, because it has the index. */
const validUntil: FilterField = {
  ...lastDay,
  description: "Last day. Documents without one match only `isNull: true`.",
  condition: (operator, operand, path) => {
    const isSet = sql`${documents.validUntilOrder} < 'infinity'`;
    if (operator === "isNull") return operand === true ? sql`${documents.validUntilOrder} = 'infinity'` : isSet;
    return sql`(${isSet} and ${lastDay.condition(operator, operand, path)})`;
  },
};

export const VendorDocumentFilter = filterInput("VendorDocumentFilter", {
  status: enumField("VendorDocumentStatus", VendorDocumentStatus, documents.status, "Status. `SUBMITTED` documents wait for their review."),
  kind: textField(documents.kind, "Kind, for example `INSURANCE`."),
  vendor: onlyWith("vendor.read", idField("vendor", documents.vendorId, "The vendor.")),
  validUntil,
  isExpired: flagField(isExpired, "Whether the last day is over, in the time zone of the organization."),
  search: searchField(wordIn(sql`concat_ws(' ', ${documents.title}, ${documents.number})`), "Words in the title or the number."),
  createdAt: timeField(documents.createdAt, "Creation time."),
});

export const VendorDocumentOrder = orderByInput<ShownDocument, "CREATED_AT" | "VALID_UNTIL">("VendorDocumentOrder", {
  CREATED_AT: { column: documents.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
  VALID_UNTIL: {
    column: documents.validUntilOrder,
    valueOf: (row) => row.validUntilOrder,
    description: "By last day. Documents without one come last in ascending order.",
  },
});
