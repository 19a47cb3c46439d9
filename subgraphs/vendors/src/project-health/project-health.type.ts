import { Allow, inherit } from "@weft/api/rules";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { colorOf, type HealthColor, type HealthRule, type Reason } from "./health-rules.js";

export const ProjectHealthStatus = { GREEN: "GREEN", AMBER: "AMBER", RED: "RED" } as const satisfies {
  readonly [Color in HealthColor]: Color;
};

registerEnumType(ProjectHealthStatus, {
  name: "ProjectHealthStatus",
  description: "How healthy a project is.",
  valuesConfig: {
    GREEN: { description: "No rule was reached." },
    AMBER: { description: "Needs attention." },
    RED: { description: "Needs action." },
  },
});

export const ProjectHealthRule = {
  LATE_TASKS: "LATE_TASKS",
  OVERDUE_MILESTONES: "OVERDUE_MILESTONES",
  BUDGET: "BUDGET",
  RISKS: "RISKS",
} as const satisfies { readonly [Rule in HealthRule]: Rule };

registerEnumType(ProjectHealthRule, {
  name: "ProjectHealthRule",
  description: "Rule by which a project is not green.",
  valuesConfig: {
    LATE_TASKS: { description: "Tasks of the critical path should be finished and are not." },
    OVERDUE_MILESTONES: { description: "The due days of milestones are over, and they are not reached." },
    BUDGET: { description: "More of the budget is spent than of the work is done." },
    RISKS: { description: "Open risks have a high score." },
  },
});

@ObjectType({ description: "Why a project is not green." })
@Allow(inherit)
export class ProjectHealthReason {
  @Field(() => ProjectHealthRule, { description: "The rule." })
  rule!: HealthRule;

  @Field(() => ProjectHealthStatus, { description: "What the rule makes of the project: `AMBER` or `RED`." })
  status!: HealthColor;

  @Field(() => Int, { description: "Number of tasks, milestones, or risks. 1 for the budget." })
  count!: number;

  @Field(() => String, { description: "The reason in words, with the worst case." })
  message!: string;
}

@ObjectType({
  description:
    "How healthy a project is, computed from its tasks, milestones, costs, and risks. The configuration `projects.health` has the thresholds.",
})
@Allow(inherit)
export class ProjectHealth {
  @Field(() => ProjectHealthStatus, { description: "The worst status of the reasons." })
  status!: HealthColor;

  @Field(() => [ProjectHealthReason], { description: "Reasons. Empty if it is green." })
  reasons!: ProjectHealthReason[];
}

export const toHealth = (reasons: readonly Reason[]): ProjectHealth =>
  Object.assign(new ProjectHealth(), {
    status: colorOf(reasons),
    reasons: reasons.map(({ color, ...reason }) => Object.assign(new ProjectHealthReason(), { ...reason, status: color })),
  });
