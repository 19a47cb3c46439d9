import { vendors as tables, workflows } from "@weft/drizzle";
import { enumField, filterInput, idField, orderByInput, searchField, textField, timeField, wordIn, WorkflowStatus } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { ProjectRow } from "./project.store.js";

const { projects } = tables;
const { instanceHeads: heads } = workflows;

export const ProjectFilter = filterInput("ProjectFilter", {
  state: textField(heads.state, "State of its workflow."),
  status: enumField("WorkflowStatus", WorkflowStatus, heads.status, "Status of its workflow."),
  code: textField(projects.code, "Its code."),
  name: textField(projects.name, "Its name."),
  search: searchField(
    wordIn(sql`concat_ws(' ', ${projects.code}, ${projects.name}, ${projects.description})`),
    "By words of the code, the name and the description.",
  ),
  createdBy: idField("user", projects.createdBy, "Who made it."),
  createdAt: timeField(projects.createdAt, "When it was created."),
});

export const ProjectOrder = orderByInput<ProjectRow, "NAME" | "CREATED_AT">("ProjectOrder", {
  NAME: { column: projects.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: projects.createdAt, valueOf: (row) => row.createdAt, description: "By the time of creation." },
});
