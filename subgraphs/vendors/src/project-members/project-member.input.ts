import { Allow, inherit } from "@weft/shared";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { Project } from "../projects/project.type.js";
import { ProjectRole } from "./project-member.type.js";

const expectedVersion = "Version of the project that you last read. The call fails with `CONFLICT` if the current version differs.";

@InputType({ description: "Input of `addProjectMember`." })
export class AddProjectMemberInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => ID, { description: "An active user of the organization." })
  userId!: string;

  @Field(() => ProjectRole, { defaultValue: ProjectRole.MEMBER, description: "Role in the project." })
  role!: ProjectRole;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `updateProjectMember`." })
export class UpdateProjectMemberInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => ID, { description: "The member." })
  userId!: string;

  @Field(() => ProjectRole, { description: "New role in the project." })
  role!: ProjectRole;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `removeProjectMember`." })
export class RemoveProjectMemberInput {
  @Field(() => ID, { description: "The project." })
  projectId!: string;

  @Field(() => ID, { description: "The member." })
  userId!: string;

  @Field(() => Int, { nullable: true, description: expectedVersion })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `addProjectMember`." })
@Allow(inherit)
export class AddProjectMemberPayload {
  @Field(() => Project, { description: "The project." })
  project!: Project;
}

@ObjectType({ description: "Payload of `updateProjectMember`." })
@Allow(inherit)
export class UpdateProjectMemberPayload {
  @Field(() => Project, { description: "The project." })
  project!: Project;
}

@ObjectType({ description: "Payload of `removeProjectMember`." })
@Allow(inherit)
export class RemoveProjectMemberPayload {
  @Field(() => Project, { description: "The project." })
  project!: Project;
}
