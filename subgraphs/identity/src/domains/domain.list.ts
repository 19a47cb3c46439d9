import { identity } from "@weft/drizzle";
import { filterInput, flagField, textField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { DomainRow } from "./domain.store.js";

const { domains } = identity;

export const DomainFilter = filterInput("DomainFilter", {
  name: textField(domains.name, "Name."),
  isVerified: flagField(sql`(${domains.verifiedAt} is not null)`, "Whether the domain is verified."),
  createdAt: timeField(domains.createdAt, "Creation time."),
});

export const DomainOrder = orderByInput<DomainRow, "NAME" | "CREATED_AT">("DomainOrder", {
  NAME: { column: domains.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: domains.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
