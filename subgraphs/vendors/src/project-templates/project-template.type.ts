import { Allow, connectionOf, DateTimeScalar, encodeId, staff, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { ShownTemplate } from "./project-template.store.js";

@ObjectType({
  description: "Tasks, dependencies, milestones, and phases from which projects are created. Only for users of the organization.",
})
@Allow(staff)
export class ProjectTemplate {
  @Field(() => ID, { description: "ID (`ptp_…`). Pass it to `createProject` as `templateId`." })
  id!: string;

  @Field(() => String, { description: "Name, unique in the tenant." })
  name!: string;

  @Field(() => String, { description: "Description. Can be empty." })
  description!: string;

  @Field(() => String, { description: "Key of the definition of the workflow of its projects." })
  definitionKey!: string;

  @Field(() => [String], { description: "Names of the phases of its projects." })
  phases!: readonly string[];

  @Field(() => Int, { description: "Number of tasks." })
  taskCount!: number;

  @Field(() => Int, { description: "Number of dependencies between the tasks." })
  dependencyCount!: number;

  @Field(() => Int, { description: "Number of milestones." })
  milestoneCount!: number;

  @Field(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  createdBy!: User | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;
}

export const { Connection: ProjectTemplateConnection } = connectionOf(ProjectTemplate, "ProjectTemplate");

/** Converts a row to its API type. */
export function toProjectTemplate({ id, createdBy, createdAt, ...template }: ShownTemplate): ProjectTemplate {
  const { name, description, definitionKey, phases, taskCount, dependencyCount, milestoneCount } = template;
  return Object.assign(new ProjectTemplate(), {
    id: encodeId("projectTemplate", id),
    name,
    description,
    definitionKey,
    phases,
    taskCount,
    dependencyCount,
    milestoneCount,
    createdBy: User.of(createdBy),
    createdAt,
  });
}

export const ProjectTemplatePayload = payloadOf(ProjectTemplate, "template");
export type ProjectTemplatePayload = InstanceType<typeof ProjectTemplatePayload>;
