import { identity } from "@weft/drizzle";
import { enumField, filterInput, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { TenantRow } from "./tenant.store.js";
import { Plan, TenantKind, TenantStatus } from "./tenant.type.js";

const { tenants } = identity;

export const TenantFilter = filterInput("TenantFilter", {
  slug: textField(tenants.slug, "Slug."),
  name: textField(tenants.name, "Name."),
  search: searchField(wordIn(sql`concat_ws(' ', ${tenants.slug}, ${tenants.name})`), "Words in the slug or the name."),
  status: enumField("TenantStatus", TenantStatus, tenants.status, "Status of the tenant."),
  plan: enumField("Plan", Plan, tenants.plan, "Plan of the tenant."),
  kind: enumField("TenantKind", TenantKind, tenants.kind, "Kind of the tenant."),
  createdAt: timeField(tenants.createdAt, "Creation time."),
});

export const TenantOrder = orderByInput<TenantRow, "NAME" | "SLUG" | "CREATED_AT">("TenantOrder", {
  NAME: { column: tenants.name, valueOf: (row) => row.name, description: "By name." },
  SLUG: { column: tenants.slug, valueOf: (row) => row.slug, description: "By slug." },
  CREATED_AT: { column: tenants.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
