import { identity } from "@weft/drizzle";
import { filterInput, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { TeamRow } from "./team.store.js";

const { teams } = identity;

export const TeamFilter = filterInput("TeamFilter", {
  key: textField(teams.key, "Key."),
  name: textField(teams.name, "Name."),
  search: searchField(wordIn(sql`concat_ws(' ', ${teams.key}, ${teams.name})`), "Words in the key or the name."),
  createdAt: timeField(teams.createdAt, "Creation time."),
});

export const TeamOrder = orderByInput<TeamRow, "KEY" | "NAME" | "CREATED_AT">("TeamOrder", {
  KEY: { column: teams.key, valueOf: (row) => row.key, description: "By key." },
  NAME: { column: teams.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: teams.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
