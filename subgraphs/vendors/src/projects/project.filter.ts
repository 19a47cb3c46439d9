import { vendors as tables, workflows } from "@weft/drizzle";
import { enumField, filterInput, idField, orderByInput, searchField, textField, timeField, wordIn, WorkflowStatus } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { ProjectRow } from "./project.store.js";

const { projects } = tables;
const { instanceHeads: heads } = workflows;

export const ProjectFilter = filterInput("ProjectFilter", {
  state: textField(heads.state, "State of the workflow."),
  status: enumField("WorkflowStatus", WorkflowStatus, heads.status, "Status of the workflow."),
  code: textField(projects.code, "Code."),
  name: textField(projects.name, "Name."),
  search: searchField(
    wordIn(sql`concat_ws(' ', ${projects.code}, ${projects.name}, ${projects.description})`),
    "Words in the code, the name, or the description.",
  ),
  createdBy: idField("user", projects.createdBy, "Creator."),
  createdAt: timeField(projects.createdAt, "Creation time."),
});

export const ProjectOrder = orderByInput<ProjectRow, "NAME" | "CREATED_AT">("ProjectOrder", {
  NAME: { column: projects.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: projects.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
