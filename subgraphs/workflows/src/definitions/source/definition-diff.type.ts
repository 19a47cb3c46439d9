import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Definition } from "../definition.type.js";

export enum DefinitionChangeKind {
  ADDED = "ADDED",
  REMOVED = "REMOVED",
  CHANGED = "CHANGED",
}
registerEnumType(DefinitionChangeKind, {
  name: "DefinitionChangeKind",
  description: "How a part of a definition differs.",
  valuesConfig: {
    ADDED: { description: "The part was added." },
    REMOVED: { description: "The part was removed." },
    CHANGED: { description: "The part was changed." },
  },
});

export enum DefinitionPart {
  DEFINITION = "DEFINITION",
  STATE = "STATE",
  TRANSITION = "TRANSITION",
  CONDITION = "CONDITION",
  RIGHTS = "RIGHTS",
  TASK = "TASK",
  DECISION = "DECISION",
  TIMER = "TIMER",
  CHILDREN = "CHILDREN",
  ACTIONS = "ACTIONS",
  STEP = "STEP",
  FORM = "FORM",
  FIELD = "FIELD",
  SCENARIO = "SCENARIO",
  NOTE = "NOTE",
}
registerEnumType(DefinitionPart, {
  name: "DefinitionPart",
  description: "Parts of a definition that can differ.",
  valuesConfig: {
    DEFINITION: { description: "Name, description, or the initial state." },
    STATE: { description: "An entire state, its title, or how it ends." },
    TRANSITION: { description: "An entire transition, its target, its title, or whether it requires a comment." },
    CONDITION: { description: "`when` of a transition." },
    RIGHTS: { description: "`allow` of a transition." },
    TASK: { description: "The task of a state, or one of its tasks." },
    TIMER: { description: "Timer of a state." },
    DECISION: { description: "`decide` of a state." },
    CHILDREN: { description: "`children` and `join` of a state." },
    ACTIONS: { description: "Actions on a transition, on entry or on exit." },
    STEP: { description: "A step, a part of one, or the order of the steps." },
    FORM: { description: "A form, or a part of one." },
    FIELD: { description: "A part of the data schema, or of a transition's input schema." },
    SCENARIO: { description: "The scenarios, compared as a whole." },
    NOTE: { description: "A key that begins with `x-`." },
  },
});

@ObjectType({ description: "One difference. An added or removed part counts as one difference, including everything in it." })
@Allow(inherit)
export class DefinitionChange {
  @Field(() => DefinitionChangeKind, { description: "How the part differs." })
  kind!: DefinitionChangeKind;

  @Field(() => DefinitionPart, { description: "Part of the definition that differs." })
  part!: DefinitionPart;

  @Field(() => String, { description: "Path of the difference. Example: `states.triage.transitions.approve.when`." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Value before. Null if it was added." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "Value after. Null if it was removed." })
  after!: unknown;
}

@ObjectType({ description: "Differences between two versions." })
@Allow(inherit)
export class DefinitionDiff {
  @Field(() => Definition, { description: "Version compared with." })
  from!: Definition;

  @Field(() => Definition, { description: "Version examined." })
  to!: Definition;

  @Field(() => [DefinitionChange], { description: "Differences in the order of `to`, at most 1,000. Empty if the versions are equal." })
  changes!: DefinitionChange[];

  @Field(() => Int, { description: "Total number of differences, including those not listed." })
  totalChanges!: number;
}
