import { identity } from "@weft/drizzle";
import { filterInput, flagField, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { RoleRow } from "./role.store.js";

const { roles } = identity;

export const RoleFilter = filterInput("RoleFilter", {
  key: textField(roles.key, "Key."),
  name: textField(roles.name, "Name."),
  search: searchField(wordIn(sql`concat_ws(' ', ${roles.key}, ${roles.name})`), "Words in the key or the name."),
  isBuiltIn: flagField(sql`${roles.isBuiltIn}`, "Whether the role is built in."),
  createdAt: timeField(roles.createdAt, "Creation time."),
});

export const RoleOrder = orderByInput<RoleRow, "KEY" | "NAME" | "CREATED_AT">("RoleOrder", {
  KEY: { column: roles.key, valueOf: (row) => row.key, description: "By key." },
  NAME: { column: roles.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: roles.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
