import { scope } from "@weft/drizzle";
import { enumField, filterInput, idField, onlyWith, textField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { ShownScopeChange } from "./scope-change.store.js";
import { ScopeChangeStatus } from "./scope-change.type.js";

const { scopeChanges } = scope;

export const ScopeChangeFilter = filterInput("ScopeChangeFilter", {
  status: enumField("ScopeChangeStatus", ScopeChangeStatus, scopeChanges.status, "Status."),
  project: onlyWith("project.read", idField("project", scopeChanges.projectId, "Project.")),
  reason: textField(scopeChanges.reason, "Why the change is proposed."),
  createdBy: idField("user", scopeChanges.createdBy, "User who proposed it."),
  createdAt: timeField(scopeChanges.createdAt, "Time of the proposal."),
});

export const ScopeChangeOrder = orderByInput<ShownScopeChange, "CREATED_AT">("ScopeChangeOrder", {
  CREATED_AT: { column: scopeChanges.createdAt, valueOf: (row) => row.createdAt, description: "By time of the proposal." },
});
