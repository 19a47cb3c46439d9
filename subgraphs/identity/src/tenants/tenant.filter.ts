import { identity } from "@weft/drizzle";
import { enumField, filterInput, orderByInput, searchField, textField, timeField, wordIn } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { TenantRow } from "./tenant.store.js";
import { Plan, TenantKind, TenantStatus } from "./tenant.type.js";

const { tenants } = identity;

export const TenantFilter = filterInput("TenantFilter", {
  slug: textField(tenants.slug, "The short name."),
  name: textField(tenants.name, "The name."),
  search: searchField(wordIn(sql`concat_ws(' ', ${tenants.slug}, ${tenants.name})`), "By words of the short name and the name."),
  status: enumField("TenantStatus", TenantStatus, tenants.status, "Whether its people can work."),
  plan: enumField("Plan", Plan, tenants.plan, "What it has subscribed to."),
  kind: enumField("TenantKind", TenantKind, tenants.kind, "Whose tenant it is."),
  createdAt: timeField(tenants.createdAt, "When it was created."),
});

export const TenantOrder = orderByInput<TenantRow, "NAME" | "SLUG" | "CREATED_AT">("TenantOrder", {
  NAME: { column: tenants.name, valueOf: (row) => row.name, description: "By name." },
  SLUG: { column: tenants.slug, valueOf: (row) => row.slug, description: "By short name." },
  CREATED_AT: { column: tenants.createdAt, valueOf: (row) => row.createdAt, description: "By the time when it was created." },
});
