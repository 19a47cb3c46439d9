import { allOf, staff, Allow, DateTimeScalar, can, connectionOf } from "@weft/shared";
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A line of the log of a run. Values of secrets are removed." })
@Allow(allOf(staff, can("workflow.read")))
export class RunLogLine {
  @Field(() => Int, { description: "Number of the line in the log of the run, from 1." })
  line!: number;

  @Field(() => String, { description: "ID of the step, with the index of the item in brackets." })
  step!: string;

  @Field(() => Int, { description: "Number of the attempt, from 1." })
  attempt!: number;

  @Field(() => RunLogStream, { description: "Where it is from." })
  stream!: RunLogStream;

  @Field(() => String, { description: "Text, without the line break." })
  text!: string;

  @Field(() => DateTimeScalar, { description: "Time when it was logged." })
  at!: string;
}

export const { Connection: RunLogLineConnection } = connectionOf(RunLogLine);

export const toLogLine = ({ line, step, attempt, stream, text, at }: RunLogRow): RunLogLine => ({
  line,
  step,
  attempt,
  stream: stream.toUpperCase() as RunLogStream,
  text,
  at,
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
