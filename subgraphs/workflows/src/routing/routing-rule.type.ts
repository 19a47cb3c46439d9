import type { RoutingStrategy as StrategyName, RoutingRuleRow } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { Directive, ObjectType, registerEnumType } from "type-graphql";
import { Team, User } from "../principals/principal.type.js";
import * as commonColumns from "../common-columns.js";

export enum RoutingStrategy {
  EVERYBODY = "EVERYBODY",
  ROUND_ROBIN = "ROUND_ROBIN",
  LEAST_BUSY = "LEAST_BUSY",
}
registerEnumType(RoutingStrategy, {
  name: "RoutingStrategy",
  description: "How a rule distributes work among the users it selects.",
  valuesConfig: {
    EVERYBODY: { description: "The work is offered to all of them. The first to claim it gets it." },
    ROUND_ROBIN: { description: "The work is assigned to the next user in turn (round robin)." },
    LEAST_BUSY: { description: "The work is assigned to the user who has claimed the fewest tasks (least busy)." },
  } satisfies Record<StrategyName, { description: string }>,
});

export enum RoutingHours {
  ANY = "ANY",
  WITHIN = "WITHIN",
  OUTSIDE = "OUTSIDE",
}
registerEnumType(RoutingHours, {
  name: "RoutingHours",
  description: "When a rule applies, according to the working hours and holidays in the tenant's configuration.",
  valuesConfig: {
    ANY: { description: "At any time." },
    WITHIN: { description: "During working hours only." },
    OUTSIDE: { description: "Outside working hours only." },
  },
});

/** What a rule does. Its inputs begin with these columns. */
const terms = {
  condition: column.text("Condition in CEL. If null, the rule applies to all work.", {
    created:
      "Condition in CEL over `data.…`, `owner.id`, `owner.roles`, `owner.teamIds`, `definition`, `state`, `task`, `time.date`, `time.time`, `time.weekday`, `time.isWorking`. If null or empty, the rule applies to all work.",
    nullable: true,
  }),
  workingHours: column.of(() => RoutingHours, "When it applies.", {
    created: "When the rule applies. By default, a new rule applies at any time.",
    optional: true,
  }),
  ...column.shownOnly({
    users: column.of(() => [User], "Users selected by the rule. Null instead of a user you cannot see.", { shownNullable: "items" }),
    teams: column.of(() => [Team], "Teams whose members the rule selects. Null instead of a team you cannot see.", {
      shownNullable: "items",
    }),
  }),
  userIds: column.ids("IDs of users selected by the rule, at most 100.", { shown: false, optional: true }),
  teamIds: column.ids("IDs of teams whose members the rule selects, at most 100.", { shown: false, optional: true }),
  roles: column.texts("Keys of roles whose holders the rule selects.", {
    created: "Keys of roles whose holders the rule selects, at most 100.",
    optional: true,
  }),
  skill: column.text("Skill that the selected users must have.", {
    max: 40,
    created: "Skill that the selected users must have (`setUserSkills`).",
    nullable: true,
  }),
  strategy: column.of(() => RoutingStrategy, "Whether the work is offered to all selected users or assigned to one of them.", {
    created: "Whether the work is offered to all selected users or assigned to one of them (default EVERYBODY for a new rule).",
    optional: true,
  }),
  isActive: column.flag("Whether the rule is active. Inactive rules are not evaluated.", {
    created: "Whether the rule is active (default true for a new rule). Inactive rules are not evaluated.",
    optional: true,
  }),
};

export const routingRuleColumns = columns({
  ...commonColumns.id("ID (`rtr_…`).", "ID of the rule (`rtr_…`)."),
  ...commonColumns.nodeKey,
  route: column.text("Name of the route, which definitions (`candidates: { route: facilities }`) and request types refer to.", {
    created: "Name of the route: lower-case letters, digits and single hyphens, at most 64 characters.",
    updated: false,
  }),
  name: column.text("Display name.", { max: 200, created: "Display name, at most 200 characters." }),
  position: column.int("Position of the rule. Rules with lower positions are evaluated first.", {
    created: "Position of the rule. Rules with lower positions are evaluated first. If omitted, the rule is last.",
    updated: "Position of the rule. Rules with lower positions are evaluated first.",
    optional: true,
  }),
  ...terms,
  ...standardColumns.expectedVersion,
  ...commonColumns.idempotencyKey,
  ...commonColumns.versionToExpect,
  ...column.shownOnly({ createdBy: column.of(() => User, "Author. Null if you cannot see the user.", { nullable: true }) }),
  ...standardColumns.times,
});

@ShowColumns(routingRuleColumns)
@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "A rule that finds candidates for work. The rules of a route are evaluated by position, and the first one that applies decides.",
})
@Allow(canInTenant("routing.read"))
export class RoutingRule extends shapeOf(routingRuleColumns) {}

const inputColumns = columns({ ...terms, ...routingRuleColumns.map });

export const CreateRoutingRuleInput = createInputOf("CreateRoutingRuleInput", inputColumns, "The rule to add to a route.");
export type CreateRoutingRuleInput = InstanceType<typeof CreateRoutingRuleInput>;

export const UpdateRoutingRuleInput = updateInputOf(
  "UpdateRoutingRuleInput",
  inputColumns,
  "Changes to a rule. Omitted fields stay unchanged. Null removes a condition or a skill.",
);
export type UpdateRoutingRuleInput = InstanceType<typeof UpdateRoutingRuleInput>;

export const { Connection: RoutingRuleConnection } = connectionOf(RoutingRule);

export function toRoutingRule(row: RoutingRuleRow): RoutingRule {
  const id = encodeId("routingRule", row.id);
  return {
    ...routingRuleColumns.shown(row),
    id,
    nodeKey: id,
    condition: row.condition === "" ? null : row.condition,
    workingHours: toHours(row.duringWorkingHours),
    users: row.userIds.map(User.of),
    teams: row.teamIds.map(Team.of),
    strategy: row.strategy as RoutingStrategy,
    createdBy: User.of(row.createdBy),
  };
}

const toHours = (duringWorkingHours: boolean | null): RoutingHours =>
  duringWorkingHours === null ? RoutingHours.ANY : duringWorkingHours ? RoutingHours.WITHIN : RoutingHours.OUTSIDE;

export const RoutingRulePayload = payloadOf(RoutingRule, "rule");
export type RoutingRulePayload = InstanceType<typeof RoutingRulePayload>;
