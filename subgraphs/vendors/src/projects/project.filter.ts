import { vendors as tables, workflows } from "@weft/drizzle";
import { customFieldsFilter } from "@weft/api/custom-fields";
import { dateField, enumField, filterInput, idField, onlyStaff, textField, timeField, wordsField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { containsWords } from "@weft/api/search";
import { WorkflowStatus } from "@weft/api/workflow-status";
import type { ProjectRow } from "./project.store.js";

const { projects } = tables;
const { instanceHeads: heads } = workflows;

const searched = { objectType: "project", id: projects.id, permission: "project.read", columns: heads } as const;

export const ProjectFilter = filterInput("ProjectFilter", {
  state: textField(heads.state, "State of the workflow."),
  status: enumField("WorkflowStatus", WorkflowStatus, heads.status, "Status of the workflow."),
  code: textField(projects.code, "Code."),
  name: textField(projects.name, "Name."),
  search: wordsField((words, by) => {
    if (!by) throw new Error("search: toSql requires the viewer");
    return containsWords(searched, words, by);
  }, "Full-text search in the code, the name, and the description. Each word, its beginning, or another grammatical form of it must occur."),
  manager: onlyStaff(idField("user", projects.managerId, "User who is in charge. Only for users of the organization.")),
  startsOn: dateField(projects.startsOn, "First day."),
  endsOn: dateField(projects.endsOn, "Last day."),
  createdBy: onlyStaff(idField("user", projects.createdBy, "Creator. Only for users of the organization.")),
  createdAt: timeField(projects.createdAt, "Creation time."),
  fields: customFieldsFilter("PROJECT", projects.id),
});

export const ProjectOrder = orderByInput<ProjectRow, "NAME" | "STARTS_ON" | "ENDS_ON" | "CREATED_AT">(
  "ProjectOrder",
  {
    NAME: { column: projects.name, valueOf: (row) => row.name, description: "By name." },
    STARTS_ON: {
      column: projects.startsOrder,
      valueOf: (row) => row.startsOrder,
      description: "By first day; projects without one come last.",
    },
    ENDS_ON: { column: projects.endsOrder, valueOf: (row) => row.endsOrder, description: "By last day; projects without one come last." },
    CREATED_AT: { column: projects.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
  },
  { customFields: true },
);
