import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import type { RunLogRow } from "./log.store.js";

export enum RunLogStream {
  STDOUT = "STDOUT",
  STDERR = "STDERR",
  SYSTEM = "SYSTEM",
}
registerEnumType(RunLogStream, {
  name: "RunLogStream",
  description: "Where a line of a log is from.",
  valuesConfig: {
    STDOUT: { description: "Standard output of a program." },
    STDERR: { description: "Standard error of a program." },
    SYSTEM: { description: "Weft itself, such as the failure of an attempt." },
  },
});

const runLogLineColumns = columns({
  line: column.int("Number of the line in the log of the run, from 1."),
  step: column.text("ID of the step, with the index of the item in brackets."),
  attempt: column.int("Number of the attempt, from 1."),
  stream: column.of(() => RunLogStream, "Where it is from."),
  text: column.text("Text, without the line break."),
  at: column.time("Time when it was logged."),
});

@ShowColumns(runLogLineColumns)
@ObjectType({ description: "A line of the log of a run. Values of secrets are removed." })
@Allow(allOf(staff, can("workflow.read")))
export class RunLogLine extends shapeOf(runLogLineColumns) {}

export const { Connection: RunLogLineConnection } = connectionOf(RunLogLine);

export const toLogLine = (row: RunLogRow): RunLogLine => ({
  ...runLogLineColumns.shown(row),
  stream: row.stream.toUpperCase() as RunLogStream,
});

@ArgsType()
export class RunLogsArgs {
  @Field(() => ID, { nullable: true, description: "Only lines of this run." })
  runId?: string | null;
}

@ObjectType({ description: "Lines that were added to the log of a run." })
@Allow(allOf(staff, can("workflow.read")))
export class RunLogged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => ID, { description: "ID of the run (`run_…`)." })
  runId!: string;

  @Field(() => [RunLogLine], { description: "The lines, in their order. Each line is delivered once." })
  lines!: RunLogLine[];
}
