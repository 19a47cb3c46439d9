import type { Outcome } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "What would follow automatically from a start or a transition." })
@Allow(inherit)
export class SimulatedTransition {
  @Field(() => String, { nullable: true, description: "Name of the automatic transition. Null for an incident." })
  transition!: string | null;

  @Field(() => String, { description: "State before the change." })
  from!: string;

  @Field(() => String, { description: "State after the transition. For an incident, the state in which the instance would be stopped." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Cause of the incident. Null unless there would be one." })
  incident!: string | null;
}

export const toSimulatedTransition = ({ transition, from, to, incident }: Outcome): SimulatedTransition => ({
  transition,
  from: from ?? to,
  to,
  incident: incident?.message ?? null,
});
