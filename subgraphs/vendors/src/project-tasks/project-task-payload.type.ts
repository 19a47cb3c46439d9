import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ProjectTask } from "./project-task.type.js";

@ObjectType({ description: "Payload of a mutation that returns a project task." })
@Allow(inherit)
export class ProjectTaskPayload {
  @Field(() => ProjectTask, { description: "The project task as it is after the call." })
  projectTask!: ProjectTask;
}
