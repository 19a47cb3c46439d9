import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import { Environment } from "../definitions/life-cycle/environment.type.js";

@ArgsType()
export class DashboardArgs {
  @Field(() => String, { nullable: true, description: "Only instances of the definition with this key." })
  definitionKey?: string | null;

  @Field(() => Environment, { nullable: true, description: "Environment. Default: PROD." })
  environment?: Environment | null;
}

@ObjectType({ description: "Number of unfinished instances in a state." })
@Allow(inherit)
@ViewerIndependent("workflow.read")
export class DashboardState {
  @Field(() => String, { description: "Key of the definition." })
  definitionKey!: string;

  @Field(() => String, { description: "State." })
  state!: string;

  @Field(() => String, { description: "Display name of the state." })
  @ViewerIndependent("workflow.read")
  stateTitle?: string;

  @Field(() => Boolean, {
    description: "Whether the work counts as ended in the state (`closed: true`), although transitions still lead out of it.",
  })
  @ViewerIndependent("workflow.read")
  isEnded?: boolean;

  @Field(() => Int, { description: "Number of running instances." })
  running!: number;

  @Field(() => Int, { description: "Number of suspended instances." })
  suspended!: number;

  @Field(() => Int, { description: "Number of instances that an incident has stopped." })
  failed!: number;
}

@ObjectType({
  description: "Counters of the instances and tasks that you can see. Days begin at midnight in the time zone of the organization.",
})
@Allow(inherit)
@ViewerIndependent("workflow.read")
export class Dashboard {
  @Field(() => String, { nullable: true, description: "Cursor of the last event, for the argument `after`. Null in a query." })
  cursor!: string | null;

  @Field(() => Int, { description: "Number of unfinished instances." })
  unfinished!: number;

  @Field(() => Int, { description: "Number of running instances." })
  running!: number;

  @Field(() => Int, { description: "Number of suspended instances." })
  suspended!: number;

  @Field(() => Int, { description: "Number of instances that an incident has stopped." })
  failed!: number;

  @Field(() => [DashboardState], { description: "Unfinished instances by state, by definition and state in alphabetical order." })
  states!: DashboardState[];

  @Field(() => Int, { description: "Number of instances started today." })
  startedToday!: number;

  @Field(() => Int, { description: "Number of instances completed today." })
  completedToday!: number;

  @Field(() => Int, { description: "Number of instances rejected today." })
  rejectedToday!: number;

  @Field(() => Int, { description: "Number of instances canceled today." })
  cancelledToday!: number;

  @Field(() => Int, { nullable: true, description: "Number of open tasks that nobody has claimed. Counting stops at 1,000." })
  @Allow(can("task.read"))
  @ViewerIndependent("task.read", "task.assign")
  openTasks?: number | null;

  @Field(() => Int, { nullable: true, description: "Number of claimed tasks. Counting stops at 1,000." })
  @Allow(can("task.read"))
  @ViewerIndependent("task.read", "task.assign")
  claimedTasks?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Number of open or claimed tasks that are overdue. Counting stops at 1,000.",
  })
  @Allow(can("task.read"))
  @ViewerIndependent("task.read", "task.assign")
  overdueTasks?: number | null;
}
