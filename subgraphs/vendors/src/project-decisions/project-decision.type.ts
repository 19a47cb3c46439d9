import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectDecisionRow } from "./project-decision.store.js";

export const DecisionStatus = { ACTIVE: "ACTIVE", CLOSED: "CLOSED" } as const;
export type DecisionStatus = keyof typeof DecisionStatus;

registerEnumType(DecisionStatus, {
  name: "DecisionStatus",
  description: "Status of a decision.",
  valuesConfig: { ACTIVE: { description: "It applies." }, CLOSED: { description: "It no longer applies." } },
});

export const decisionColumns = columns({
  ...standardColumns.id("ID (`pdc_…`).", "The decision."),
  ...standardColumns.expectedVersion,
  projectId: column.id("The project.", { shown: false, updated: false, converted: true }),
  title: column.text("What the decision is about.", {
    max: 200,
    trimmed: true,
    shown: "What the decision was about.",
    updated: "New title.",
  }),
  decision: column.text("What was decided.", { max: 4000, hasLines: true, trimmed: true, updated: "Corrected decision." }),
  reason: column.text("Why.", { max: 4000, hasLines: true, initial: "", shown: "Why. Can be empty.", updated: "New reason." }),
  decidedOn: column.text("Day of the decision, as `YYYY-MM-DD`.", { updated: "Corrected day." }),
  decidedById: column.id("User of the organization who decided (default: you).", {
    shown: false,
    optional: true,
    converted: true,
    updated: "User who decided.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    decidedBy: column.of(() => User, "User who decided. Null if you cannot see the user.", { nullable: true }),
    status: column.of(() => DecisionStatus, "Status."),
    outcome: column.text("Why it no longer applies. Null while it applies.", { nullable: true }),
    closedAt: column.time("When it was closed.", { nullable: true }),
    createdBy: column.of(() => User, "Creator.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(decisionColumns)
@ObjectType({ description: "What was decided in a project, and why." })
@Allow(inherit)
export class ProjectDecision extends shapeOf(decisionColumns) {}

export const CreateProjectDecisionInput = createInputOf("CreateProjectDecisionInput", decisionColumns);
export type CreateProjectDecisionInput = InstanceType<typeof CreateProjectDecisionInput>;

export const UpdateProjectDecisionInput = updateInputOf("UpdateProjectDecisionInput", decisionColumns);
export type UpdateProjectDecisionInput = InstanceType<typeof UpdateProjectDecisionInput>;

export const { Connection: ProjectDecisionConnection } = connectionOf(ProjectDecision, "ProjectDecision");

/** Converts a row to its API type. */
export const toProjectDecision = (row: ProjectDecisionRow): ProjectDecision =>
  Object.assign(new ProjectDecision(), decisionColumns.shown(row), {
    id: encodeId("projectDecision", row.id),
    decidedBy: User.of(row.decidedBy),
    status: row.status as DecisionStatus,
    createdBy: User.of(row.createdBy),
  });
