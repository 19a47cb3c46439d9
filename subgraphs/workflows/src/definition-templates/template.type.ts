import { formsOfMachine, graphsOf } from "@weft/engine";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Definition, DefinitionFormat, DefinitionProblem } from "../definitions/definition.type.js";
import { referencesOf, type NamedReference, type ReferenceKind } from "../definitions/source/references.js";
import type { LibraryTemplate } from "./library.js";
import { DefinitionTemplateCategory } from "./template-category.js";

/** Its values are those of `ReferenceKind`. */
export const DefinitionReferenceKind: { readonly [K in ReferenceKind]: K } = {
  ROLE: "ROLE",
  PERMISSION: "PERMISSION",
  DEFINITION: "DEFINITION",
  ROUTE: "ROUTE",
  CALENDAR: "CALENDAR",
  INTEGRATION: "INTEGRATION",
  SECRET: "SECRET",
  AGENT: "AGENT",
  EVENT_TYPE: "EVENT_TYPE",
};
registerEnumType(DefinitionReferenceKind, {
  name: "DefinitionReferenceKind",
  description: "Kinds of objects that a definition references by name.",
  valuesConfig: {
    ROLE: { description: "A role whose users can fire a transition or are offered a task: the queue of a role." },
    PERMISSION: { description: "A permission that is required to fire a transition." },
    DEFINITION: { description: "A definition that is started. It needs a published version." },
    ROUTE: { description: "A route, which needs an active routing rule to offer tasks." },
    CALENDAR: { description: "A calendar of the configuration." },
    INTEGRATION: { description: "An integration that is called." },
    SECRET: { description: "A secret that steps read." },
    AGENT: { description: "An agent that works on a step." },
    EVENT_TYPE: { description: "An event that steps publish or wait for." },
  },
});

@ObjectType({ description: "What a template contains." })
@Allow(inherit)
export class DefinitionTemplateContents {
  @Field(() => Int, { description: "Number of states. 0 for an automation." })
  states!: number;

  @Field(() => Int, { description: "Number of transitions, automatic ones included. 0 for an automation." })
  transitions!: number;

  @Field(() => Int, { description: "Number of kinds of tasks." })
  tasks!: number;

  @Field(() => Int, { description: "Number of forms, of tasks and of transitions." })
  forms!: number;

  @Field(() => Int, { description: "Number of timers, of states and of tasks." })
  timers!: number;

  @Field(() => Int, { description: "Number of automation steps." })
  steps!: number;

  @Field(() => Int, { description: "Number of scenarios, which run before each publication." })
  scenarios!: number;
}

@ObjectType({ description: "Something that a template references, and that it does not contain." })
@Allow(inherit)
export class DefinitionTemplateReference {
  @Field(() => DefinitionReferenceKind, { description: "Kind of the object." })
  kind!: ReferenceKind;

  @Field(() => String, { description: "Key or name of the object." })
  name!: string;
}

@ObjectType({
  description:
    "A definition that ships with Weft and can be imported with `importDefinitionTemplate`. The library is the same in every tenant.",
})
@Allow(inherit)
export class DefinitionTemplate {
  @Field(() => String, { description: "Key of the template, which becomes the key of the definition by default." })
  key!: string;

  @Field(() => String, { description: "Display name, in English." })
  name!: string;

  @Field(() => String, { description: "Purpose of the definition, in English." })
  description!: string;

  @Field(() => DefinitionTemplateCategory, { description: "Area of the template." })
  category!: DefinitionTemplateCategory;

  @Field(() => String, {
    description: "Fingerprint of `source`. It changes when a release of Weft changes the template. Imported definitions keep their text.",
  })
  version!: string;

  @Field(() => DefinitionTemplateContents, { description: "Numbers of what the template contains." })
  contents!: DefinitionTemplateContents;

  @Field(() => [DefinitionTemplateReference], {
    description: "What the template references in the tenant, by kind. `previewDefinitionTemplate` returns what your tenant has of it.",
  })
  references!: readonly NamedReference[];

  @Field(() => DefinitionFormat, { description: "Format of `source`." })
  format!: DefinitionFormat;

  @Field(() => String, { description: "The definition as text, including comments." })
  source!: string;

  @Field(() => JsonScalar, { description: "The source, parsed." })
  document!: Readonly<Record<string, unknown>>;
}

export const { Connection: DefinitionTemplateConnection } = connectionOf(DefinitionTemplate);

@ObjectType({ description: "Something that a template references, and whether your tenant has it." })
@Allow(inherit)
export class DefinitionTemplateRequirement {
  @Field(() => DefinitionReferenceKind, { description: "Kind of the object." })
  kind!: ReferenceKind;

  @Field(() => String, { description: "Key or name of the object." })
  name!: string;

  @Field(() => Boolean, { nullable: true, description: "Whether your tenant has it. Null if you cannot read objects of this kind." })
  isAvailable!: boolean | null;

  @Field(() => DefinitionTemplate, {
    nullable: true,
    description: "For a definition: the template of the library with its key. Null if there is none.",
  })
  template!: DefinitionTemplate | null;
}

@ObjectType({ description: "What importing a template would do in your tenant. Nothing is written." })
@Allow(inherit)
export class DefinitionTemplatePreview {
  @Field(() => DefinitionTemplate, { description: "The template." })
  template!: DefinitionTemplate;

  @Field(() => String, { description: "Key of the definition that would be created." })
  key!: string;

  @Field(() => String, { description: "Name of the definition that would be created." })
  name!: string;

  @Field(() => Boolean, {
    description: "Whether the import would succeed, if the limits of the plan allow it: the key is unused, and there are no problems.",
  })
  canImport!: boolean;

  @Field(() => Boolean, { description: "Whether a definition has the key already. Pass another key." })
  isKeyTaken!: boolean;

  /** UUID of the newest version with the key. */
  existingId!: string | null;

  @Field(() => Definition, {
    nullable: true,
    description: "The newest version of the definition that has the key already. Null if there is none, or if you cannot see it.",
  })
  existing?: Definition | null;

  @Field(() => [DefinitionTemplateRequirement], { description: "What the template references, and whether your tenant has it." })
  requirements!: readonly DefinitionTemplateRequirement[];

  @Field(() => [DefinitionProblem], {
    description: "What prevents the import, as in `validateDefinition`: for example, a role that your tenant does not have.",
  })
  problems!: DefinitionProblem[];

  @Field(() => [DefinitionProblem], {
    description: "What would prevent publishing the draft today, as in `validateDefinition`. Empty if there are problems.",
  })
  warnings!: DefinitionProblem[];
}

export function toTemplate({ machine, ...template }: LibraryTemplate): DefinitionTemplate {
  return { ...template, format: DefinitionFormat.YAML, contents: contentsOf(machine), references: referencesOf(machine) };
}

function contentsOf(machine: LibraryTemplate["machine"]): DefinitionTemplateContents {
  // The states of an automation only frame its steps.
  const states = machine.isAutomation ? [] : [...machine.states.values()];
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    states: states.length,
    transitions: sum(states.map(({ transitions }) => transitions.size)),
    tasks: machine.tasks.size,
    forms: formsOfMachine(machine).length,
    timers: sum([...states, ...machine.tasks.values()].map(({ timers }) => timers.size)),
    steps: sum(graphsOf(machine).map(({ graph }) => graph.steps.size)),
    scenarios: machine.scenarios.length + machine.automationScenarios.length,
  };
}
