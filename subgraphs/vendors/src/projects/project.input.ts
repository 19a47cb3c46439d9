import { ConnectionArgs, JsonScalar } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, registerEnumType } from "type-graphql";
import { MoneyInput } from "../money/money.type.js";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";

@ArgsType()
export class ProjectsArgs extends ConnectionArgs {
  @Field(() => ProjectFilter.Input, { nullable: true, description: "Filter for projects." })
  filter?: FilterValue | null;

  @Field(() => ProjectOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

export const ProjectPhaseOrder = { PARALLEL: "PARALLEL", SEQUENTIAL: "SEQUENTIAL" } as const;
export type ProjectPhaseOrder = keyof typeof ProjectPhaseOrder;

registerEnumType(ProjectPhaseOrder, {
  name: "ProjectPhaseOrder",
  description: "When the phases of a project start.",
  valuesConfig: {
    PARALLEL: { description: "All at once." },
    SEQUENTIAL: { description: "Each when the one before it is completed. `after` in the data of the workflow names it." },
  },
});

@InputType({ description: "Input of `createProject`." })
export class CreateProjectInput {
  @Field(() => String, { description: "Short code, unique in the tenant (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Description (at most 2000 characters)." })
  description!: string;

  @Field(() => ID, {
    nullable: true,
    description: "Template from which it gets its tasks, dependencies, and milestones, counted from `startsOn`, which is then required.",
  })
  templateId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Key of the definition of its workflow, for example `phased-project`. The newest published version is used. Default: that of the template, or `project`.",
  })
  definitionKey?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Names of the phases, in order (at most 100, 1 to 200 characters each). They become `phases` in the data of the workflow, so the definition must have this property. Default: those of the template, which follow each other as in its project.",
  })
  phases?: string[] | null;

  @Field(() => ProjectPhaseOrder, {
    nullable: true,
    description:
      "When the phases start. `SEQUENTIAL` needs a definition whose phases have the property `after`, as those of `phased-project` do. Default: as in the template for its own phases, otherwise `PARALLEL`.",
  })
  phaseOrder?: ProjectPhaseOrder | null;

  @Field(() => String, { nullable: true, description: "First day, for example `2026-03-01`." })
  startsOn?: string | null;

  @Field(() => String, { nullable: true, description: "Last day, for example `2026-09-30`. Not before the first day." })
  endsOn?: string | null;

  @Field(() => ID, { nullable: true, description: "User of the organization who is in charge." })
  managerId?: string | null;

  @Field(() => MoneyInput, { nullable: true, description: "Budget." })
  budget?: MoneyInput | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values of custom fields, by name." })
  fields?: unknown;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateProject`. Omitted fields keep their values." })
export class UpdateProjectInput {
  @Field(() => ID, { description: "The project." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New code (1 to 40 characters)." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters). Also changes `name` in the data of the workflow." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: "New description (at most 2000 characters)." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "New first day. Null removes it." })
  startsOn?: string | null;

  @Field(() => String, { nullable: true, description: "New last day. Null removes it." })
  endsOn?: string | null;

  @Field(() => ID, { nullable: true, description: "User of the organization who is in charge from now on. Null: nobody." })
  managerId?: string | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: "New budget. Also changes `budget` in the data of the workflow, in units of the currency. Null removes it.",
  })
  budget?: MoneyInput | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "New values of custom fields, by name. Null removes a value. Omitted fields keep their values.",
  })
  fields?: unknown;
}
