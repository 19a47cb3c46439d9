import { Allow, ConnectionArgs, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";
import { Project } from "./project.type.js";

@ArgsType()
export class ProjectsArgs extends ConnectionArgs {
  @Field(() => ProjectFilter.Input, { nullable: true, description: "Only projects that meet this." })
  filter?: FilterValue | null;

  @Field(() => ProjectOrder.Input, { nullable: true, description: "The newest first when nothing is said." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "What `createProject` takes." })
export class CreateProjectInput {
  @Field(() => String, { description: "Short code, unique in the tenant; 1 to 40 characters." })
  code!: string;

  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { defaultValue: "", description: "What it is about; at most 2000 characters." })
  description!: string;

  @Field(() => String, { nullable: true, description: "Decimal text with at most two places: `12500.00`; needs a currency." })
  budget?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217: `EUR`; needs a budget." })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: "Your own key: the same call again gives the first result." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createProject` answers." })
@Allow(inherit)
export class CreateProjectPayload {
  @Field(() => Project, { description: "The new project." })
  project!: Project;
}
