import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Project } from "./project.type.js";

@ObjectType({ description: "Payload of a mutation that returns a project." })
@Allow(inherit)
export class ProjectPayload {
  @Field(() => Project, { description: "The project as it is after the call." })
  project!: Project;
}
