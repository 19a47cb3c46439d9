import { Allow, JsonScalar, inherit } from "@weft/shared";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Definition } from "./definition.type.js";

export enum DefinitionChangeKind {
  ADDED = "ADDED",
  REMOVED = "REMOVED",
  CHANGED = "CHANGED",
}
registerEnumType(DefinitionChangeKind, {
  name: "DefinitionChangeKind",
  description: "How a part of a definition differs.",
  valuesConfig: {
    ADDED: { description: "It was not there." },
    REMOVED: { description: "It is not there any more." },
    CHANGED: { description: "It is another." },
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
  CHILDREN = "CHILDREN",
  ACTIONS = "ACTIONS",
  FORM = "FORM",
  FIELD = "FIELD",
  SCENARIO = "SCENARIO",
  NOTE = "NOTE",
}
registerEnumType(DefinitionPart, {
  name: "DefinitionPart",
  description: "What a change of a definition is about.",
  valuesConfig: {
    DEFINITION: { description: "Name, description, or the initial state." },
    STATE: { description: "A whole state, its title or how it ends." },
    TRANSITION: { description: "A whole transition, where it leads, its title, or whether it needs a comment." },
    CONDITION: { description: "`when` of a transition." },
    RIGHTS: { description: "`allow` of a transition." },
    TASK: { description: "The task of a state, or one of its tasks." },
    DECISION: { description: "`decide` of a state." },
    CHILDREN: { description: "`children` and `join` of a state." },
    ACTIONS: { description: "What happens on a transition, on entry or on exit." },
    FORM: { description: "A form, or a part of one." },
    FIELD: { description: "A part of the schema of the data, or of a transition's input." },
    SCENARIO: { description: "The scenarios, which are compared as a whole." },
    NOTE: { description: "A key that begins with `x-`." },
  },
});

@ObjectType({ description: "One difference. What was added or removed is one, with all that is in it." })
@Allow(inherit)
export class DefinitionChange {
  @Field(() => DefinitionChangeKind, { description: "Added, removed or changed." })
  kind!: DefinitionChangeKind;

  @Field(() => DefinitionPart, { description: "What it is about." })
  part!: DefinitionPart;

  @Field(() => String, { description: "Where, for instance `states.triage.transitions.approve.when`." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "What stood there; null when it was added." })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: "What stands there; null when it was removed." })
  after!: unknown;
}

@ObjectType({ description: "How one version differs from another." })
@Allow(inherit)
export class DefinitionDiff {
  @Field(() => Definition, { description: "The version that is compared with." })
  from!: Definition;

  @Field(() => Definition, { description: "The version that is looked at." })
  to!: Definition;

  @Field(() => [DefinitionChange], { description: "In the order of `to`, at most 1,000; empty when both say the same." })
  changes!: DefinitionChange[];

  @Field(() => Int, { description: "How many there are, also beyond those that are listed." })
  totalChanges!: number;
}
