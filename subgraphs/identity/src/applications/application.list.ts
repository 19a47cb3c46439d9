import { applications as tables } from "@weft/drizzle";
import { filterInput, textField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { ApplicationRow } from "./application.store.js";

const { applications } = tables;

export const ApplicationFilter = filterInput("ApplicationFilter", {
  key: textField(applications.key, "Key."),
  name: textField(applications.name, "Name."),
  createdAt: timeField(applications.createdAt, "Creation time."),
});

export const ApplicationOrder = orderByInput<ApplicationRow, "NAME" | "CREATED_AT">("ApplicationOrder", {
  NAME: { column: applications.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: applications.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
