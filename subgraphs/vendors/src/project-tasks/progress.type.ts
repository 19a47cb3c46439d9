import { encodeId } from "@weft/shared/ids";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { ReportRow } from "./progress.store.js";

@ObjectType({ description: "A progress report of a project task. Reports are never changed." })
@Allow(inherit)
export class ProjectTaskReport {
  @Field(() => ID, { description: "ID (`ptr_…`)." })
  id!: string;

  @Field(() => Int, { description: "How much was done, 0 to 100." })
  percentComplete!: number;

  @Field(() => Int, { description: "Minutes worked since the report before." })
  workedMinutes!: number;

  @Field(() => String, { nullable: true, description: "Note." })
  note!: string | null;

  @Field(() => User, { nullable: true, description: "User who reported." })
  reportedBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the report." })
  reportedAt!: string;
}

export const { Connection: ProjectTaskReportConnection } = connectionOf(ProjectTaskReport, "ProjectTaskReport");

/** Converts a row to its API type. */
export function toReport({ id, percentComplete, workedMinutes, note, reportedBy, reportedAt }: ReportRow): ProjectTaskReport {
  return Object.assign(new ProjectTaskReport(), {
    id: encodeId("projectTaskReport", id),
    percentComplete,
    workedMinutes,
    note,
    reportedBy: User.of(reportedBy),
    reportedAt,
  });
}
