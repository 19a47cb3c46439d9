import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ProjectTaskReport } from "./progress.type.js";
import { ProjectTask } from "./project-task.type.js";

@InputType({ description: "Input of `reportProjectTaskProgress`." })
export class ReportProjectTaskProgressInput {
  @Field(() => ID, { description: "The project task." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => Int, { description: "How much is done, 0 to 100. The first report above 0 begins the task, 100 finishes it." })
  percentComplete!: number;

  @Field(() => Int, {
    defaultValue: 0,
    description: "Minutes worked since the last report (0 to 100,000). They are added to `actualMinutes`.",
  })
  workedMinutes!: number;

  @Field(() => String, { nullable: true, description: "Note (at most 2000 characters)." })
  note?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work began, for a task that has not begun. By default now." })
  startedAt?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When work ended, for 100 percent. By default now." })
  finishedAt?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `reportProjectTaskProgress`." })
@Allow(inherit)
export class ReportProjectTaskProgressPayload {
  @Field(() => ProjectTask, { description: "The project task." })
  projectTask!: ProjectTask;

  @Field(() => ProjectTaskReport, { description: "The new report." })
  report!: ProjectTaskReport;
}
