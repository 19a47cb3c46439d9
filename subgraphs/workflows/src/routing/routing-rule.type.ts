import type { RoutingChoice as ChoiceName, RoutingRuleRow } from "@weft/engine";
import { Allow, DateTimeScalar, canInTenant, connectionOf, encodeId } from "@weft/shared";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { Team, User, teamReference, userReference } from "../principals/principal.type.js";

export enum RoutingChoice {
  EVERYBODY = "EVERYBODY",
  ROUND_ROBIN = "ROUND_ROBIN",
  LEAST_BUSY = "LEAST_BUSY",
}
registerEnumType(RoutingChoice, {
  name: "RoutingChoice",
  description: "How many of those whom a rule means get the work.",
  valuesConfig: {
    EVERYBODY: { description: "It is offered to all of them; who claims it has it." },
    ROUND_ROBIN: { description: "It is given to one: the next in turn." },
    LEAST_BUSY: { description: "It is given to one: who has claimed the fewest tasks." },
  } satisfies Record<ChoiceName, { description: string }>,
});

export enum RoutingHours {
  ANY = "ANY",
  WITHIN = "WITHIN",
  OUTSIDE = "OUTSIDE",
}
registerEnumType(RoutingHours, {
  name: "RoutingHours",
  description: "When a rule applies, by the working hours and holidays of the tenant's configuration.",
  valuesConfig: {
    ANY: { description: "At any time." },
    WITHIN: { description: "Within working hours only." },
    OUTSIDE: { description: "Outside of working hours only." },
  },
});

@Directive('@key(fields: "id")')
@Directive('@key(fields: "nodeKey")')
@ObjectType({
  description:
    "By which a piece of work finds its people. The rules of a route are tried in the order of their positions; the first that applies decides.",
})
@Allow(canInTenant("routing.read"))
export class RoutingRule {
  @Field(() => ID, { description: "TypeID, `rtr_…`." })
  id!: string;

  @Directive("@inaccessible")
  @Field(() => ID, { description: "The id again, for what other subgraphs add." })
  nodeKey!: string;

  @Field(() => String, { description: "The name that definitions (`candidates: { route: facilities }`) and request types ask for." })
  route!: string;

  @Field(() => String, { description: "For people." })
  name!: string;

  @Field(() => Int, { description: "Lower ones are tried first." })
  position!: number;

  @Field(() => String, { nullable: true, description: "In CEL; null: it applies whatever the work is about." })
  condition!: string | null;

  @Field(() => RoutingHours, { description: "When it applies." })
  workingHours!: RoutingHours;

  @Field(() => [User], { nullable: "items", description: "Whom it means; null in the place of who cannot be shown to you." })
  users!: User[];

  @Field(() => [Team], {
    nullable: "items",
    description: "Whose members it means; null in the place of a team that cannot be shown to you.",
  })
  teams!: Team[];

  @Field(() => [String], { description: "Keys of the roles whose holders it means." })
  roles!: string[];

  @Field(() => String, { nullable: true, description: "Of all of these only those who have it." })
  skill!: string | null;

  @Field(() => RoutingChoice, { description: "Whether they are offered the work, or one of them is given it." })
  choice!: RoutingChoice;

  @Field(() => Boolean, { description: "What is not active is not tried." })
  isActive!: boolean;

  @Field(() => Int, { description: "Grows with each change; give it as `expectedVersion`." })
  version!: number;

  @Field(() => User, { nullable: true, description: "Null when the author cannot be shown to you." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "When it came to be." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "When it last changed." })
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
    users: row.userIds.map(userReference),
    teams: row.teamIds.map(teamReference),
    roles,
    skill,
    choice: row.choice as RoutingChoice,
    isActive,
    version,
    createdBy: userReference(row.createdBy),
    createdAt,
    updatedAt,
  };
}

const toHours = (duringWorkingHours: boolean | null): RoutingHours =>
  duringWorkingHours === null ? RoutingHours.ANY : duringWorkingHours ? RoutingHours.WITHIN : RoutingHours.OUTSIDE;
