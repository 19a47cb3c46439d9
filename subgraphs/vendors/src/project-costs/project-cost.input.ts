import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { ProjectCost } from "./project-cost.type.js";

const expectedVersion = "Version that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `voidProjectCost`." })
export class VoidProjectCostInput {
  @Field(() => ID, { description: "The cost." })
  id!: string;

  @Field(() => String, { description: "Why it does not count (1 to 2000 characters)." })
  reason!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of the mutations that record, correct, or void a cost." })
@Allow(inherit)
export class ProjectCostPayload {
  @Field(() => ProjectCost, { description: "The cost. After a correction, the new one." })
  cost!: ProjectCost;

  @Field(() => Project, { nullable: true, description: "The project. Null if you cannot see it." })
  project!: Project | null;
}
