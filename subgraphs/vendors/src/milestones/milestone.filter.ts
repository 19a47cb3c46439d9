import { vendors as tables } from "@weft/drizzle";
import { dateField, enumField, filterInput, idField, onlyStaff, searchField, textField, timeField, wordIn } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import type { MilestoneRow } from "./milestone.store.js";
import { MilestoneStatus } from "./milestone.type.js";

const { milestones } = tables;

export const MilestoneFilter = filterInput("MilestoneFilter", {
  search: searchField(wordIn(sql`concat_ws(' ', ${milestones.name}, ${milestones.description})`), "Words in the name or the description."),
  name: textField(milestones.name, "Name."),
  status: enumField("MilestoneStatus", MilestoneStatus, milestones.status, "How far it is."),
  project: idField("project", milestones.projectId, "Project."),
  owner: onlyStaff(idField("user", milestones.ownerId, "User who is responsible. Only for users of the organization.")),
  dueOn: dateField(milestones.dueOn, "Last day on which it should be reached."),
  createdAt: timeField(milestones.createdAt, "Creation time."),
});

export const MilestoneOrder = orderByInput<MilestoneRow, "DUE_ON" | "CREATED_AT">("MilestoneOrder", {
  DUE_ON: { column: milestones.dueOn, valueOf: (row) => row.dueOn, description: "By due day." },
  CREATED_AT: { column: milestones.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
