import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { ProjectRiskRow } from "./project-risk.store.js";

export const RiskStatus = { OPEN: "OPEN", CLOSED: "CLOSED" } as const;
export type RiskStatus = keyof typeof RiskStatus;

registerEnumType(RiskStatus, {
  name: "RiskStatus",
  description: "Status of a risk.",
  valuesConfig: { OPEN: { description: "It can still happen." }, CLOSED: { description: "It has happened, or no longer can." } },
});

export const riskColumns = columns({
  ...standardColumns.id("ID (`prk_…`).", "The risk."),
  ...standardColumns.expectedVersion,
  projectId: column.id("The project.", { shown: false, updated: false, converted: true }),
  title: column.text("Title.", { max: 200, trimmed: true, updated: "New title." }),
  probability: column.int("How probable it is, from 1 (very low) to 5 (very high).", { updated: "New probability." }),
  impact: column.int("How much it would harm the project, from 1 (very low) to 5 (very high).", { updated: "New impact." }),
  ...column.shownOnly({ score: column.int("Probability times impact, from 1 to 25.") }),
  mitigation: column.text("What is done against it.", {
    max: 4000,
    hasLines: true,
    initial: "",
    shown: "What is done against it. Can be empty.",
    updated: "What is done against it from now on.",
  }),
  ownerId: column.id("User of the organization who watches it.", {
    shown: false,
    nullable: true,
    converted: true,
    updated: "User who watches it from now on. Null: nobody.",
  }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    owner: column.of(() => User, "User who watches it. Null if there is none, or you cannot see the user.", { nullable: true }),
    status: column.of(() => RiskStatus, "Status."),
    outcome: column.text("How it ended. Null while it is open.", { nullable: true }),
    closedAt: column.time("When it was closed.", { nullable: true }),
    createdBy: column.of(() => User, "Creator.", { nullable: true }),
    version: column.int("Version number, incremented on every change. Pass it to mutations as `expectedVersion`."),
  }),
  ...standardColumns.times,
});

@ShowColumns(riskColumns)
@ObjectType({ description: "Something that could go wrong in a project." })
@Allow(inherit)
export class ProjectRisk extends shapeOf(riskColumns) {}

export const CreateProjectRiskInput = createInputOf("CreateProjectRiskInput", riskColumns);
export type CreateProjectRiskInput = InstanceType<typeof CreateProjectRiskInput>;

export const UpdateProjectRiskInput = updateInputOf("UpdateProjectRiskInput", riskColumns);
export type UpdateProjectRiskInput = InstanceType<typeof UpdateProjectRiskInput>;

export const { Connection: ProjectRiskConnection } = connectionOf(ProjectRisk, "ProjectRisk");

/** Converts a row to its API type. */
export const toProjectRisk = (row: ProjectRiskRow): ProjectRisk =>
  Object.assign(new ProjectRisk(), riskColumns.shown(row), {
    id: encodeId("projectRisk", row.id),
    owner: User.ofOrNull(row.ownerId),
    status: row.status as RiskStatus,
    createdBy: User.of(row.createdBy),
  });
