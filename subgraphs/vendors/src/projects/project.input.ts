import { Allow, ConnectionArgs, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";
import { Project } from "./project.type.js";

@ArgsType()
export class ProjectsArgs extends ConnectionArgs {
  @Field(() => ProjectFilter.Input, { nullable: true, description: "Filter for projects." })
  filter?: FilterValue | null;

  @Field(() => ProjectOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Input of `createProject`." })
export class CreateProjectInput {
  @Field(() => String, { description: "Short code, unique in the tenant (1 to 40 characters)." })
  code!: string;

  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "Description (at most 2000 characters)." })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description: "Decimal as text with at most two decimal places, for example `12500.00`. Requires a currency.",
  })
  budget?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217 code, for example `EUR`. Requires a budget." })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of `createProject`." })
@Allow(inherit)
export class CreateProjectPayload {
  @Field(() => Project, { description: "The new project." })
  project!: Project;
}
