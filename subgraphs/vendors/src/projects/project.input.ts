import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue } from "@weft/api/pages";
import { ArgsType, Field } from "type-graphql";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";

@ArgsType()
export class ProjectsArgs extends ConnectionArgs {
  @Field(() => ProjectFilter.Input, { nullable: true, description: "Filter for projects." })
  filter?: FilterValue | null;

  @Field(() => ProjectOrder.Input, { nullable: true, description: "Sort order (default: newest first)." })
  orderBy?: OrderByValue | null;
}
