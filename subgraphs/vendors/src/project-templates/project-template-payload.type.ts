import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { ProjectTemplate } from "./project-template.type.js";

@ObjectType({ description: "Payload of a mutation that returns a project template." })
@Allow(inherit)
export class ProjectTemplatePayload {
  @Field(() => ProjectTemplate, { description: "The project template as it is after the call." })
  template!: ProjectTemplate;
}
