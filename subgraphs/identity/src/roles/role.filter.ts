import { identity } from "@weft/drizzle";
import { filterInput, flagField, orderByInput, searchField, textField, timeField, wordIn } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { RoleRow } from "./role.store.js";

const { roles } = identity;

export const RoleFilter = filterInput("RoleFilter", {
  key: textField(roles.key, "The key."),
  name: textField(roles.name, "The name."),
  search: searchField(wordIn(sql`concat_ws(' ', ${roles.key}, ${roles.name})`), "By words of the key and the name."),
  isShipped: flagField(sql`${roles.isShipped}`, "Shipped with Weft."),
  createdAt: timeField(roles.createdAt, "When the role was made."),
});

export const RoleOrder = orderByInput<RoleRow, "KEY" | "NAME" | "CREATED_AT">("RoleOrder", {
  KEY: { column: roles.key, valueOf: (row) => row.key, description: "By key." },
  NAME: { column: roles.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: roles.createdAt, valueOf: (row) => row.createdAt, description: "By the time when the role was made." },
});
