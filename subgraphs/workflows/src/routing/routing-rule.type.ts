import type { RoutingStrategy as StrategyName, RoutingRuleRow } from "@weft/engine";
import { Allow, DateTimeScalar, canInTenant, connectionOf, encodeId, payloadOf } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Team, User } from "../principals/principal.type.js";

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

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "A rule that finds candidates for work. The rules of a route are evaluated by position, and the first one that applies decides.",
})
@Allow(canInTenant("routing.read"))
export class RoutingRule {
  @Field(() => ID, { description: "ID (`rtr_…`)." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The ID again, used by other subgraphs to extend this type." })
  nodeKey!: string;

  @Field(() => String, {
    description: "Name of the route, which definitions (`candidates: { route: facilities }`) and request types refer to.",
  })
  route!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;

  @Field(() => Int, { description: "Position of the rule. Rules with lower positions are evaluated first." })
  position!: number;

  @Field(() => String, { nullable: true, description: "Condition in CEL. If null, the rule applies to all work." })
  condition!: string | null;

  @Field(() => RoutingHours, { description: "When it applies." })
  workingHours!: RoutingHours;

  @Field(() => [User], { nullable: "items", description: "Users selected by the rule. Null instead of a user you cannot see." })
  users!: User[];

  @Field(() => [Team], {
    nullable: "items",
    description: "Teams whose members the rule selects. Null instead of a team you cannot see.",
  })
  teams!: Team[];

  @Field(() => [String], { description: "Keys of roles whose holders the rule selects." })
  roles!: string[];

  @Field(() => String, { nullable: true, description: "Skill that the selected users must have." })
  skill!: string | null;

  @Field(() => RoutingStrategy, { description: "Whether the work is offered to all selected users or assigned to one of them." })
  strategy!: RoutingStrategy;

  @Field(() => Boolean, { description: "Whether the rule is active. Inactive rules are not evaluated." })
  isActive!: boolean;

  @Field(() => Int, { description: "Version number, incremented on every change. Pass it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;
}

export const { Connection: RoutingRuleConnection } = connectionOf(RoutingRule);

export function toRoutingRule(row: RoutingRuleRow): RoutingRule {
  const { route, name, position, duringWorkingHours, roles, skill, isActive, version, createdAt, updatedAt } = row;
  const id = encodeId("routingRule", row.id);
  return {
    id,
    nodeKey: id,
    route,
    name,
    position,
    condition: row.condition === "" ? null : row.condition,
    workingHours: toHours(duringWorkingHours),
    users: row.userIds.map(User.of),
    teams: row.teamIds.map(Team.of),
    roles,
    skill,
    strategy: row.strategy as RoutingStrategy,
    isActive,
    version,
    createdBy: User.of(row.createdBy),
    createdAt,
    updatedAt,
  };
}

const toHours = (duringWorkingHours: boolean | null): RoutingHours =>
  duringWorkingHours === null ? RoutingHours.ANY : duringWorkingHours ? RoutingHours.WITHIN : RoutingHours.OUTSIDE;

export const RoutingRulePayload = payloadOf(RoutingRule, "rule");
export type RoutingRulePayload = InstanceType<typeof RoutingRulePayload>;
