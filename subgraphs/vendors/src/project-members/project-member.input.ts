import { Field, ID, InputType, Int } from "type-graphql";

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
