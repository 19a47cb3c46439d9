import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../references.js";
import type { MemberRow } from "./project-member.store.js";

export enum ProjectRole {
  MANAGER = "MANAGER",
  MEMBER = "MEMBER",
  OBSERVER = "OBSERVER",
}
registerEnumType(ProjectRole, {
  name: "ProjectRole",
  description: "Role of a member in a project.",
  valuesConfig: {
    MANAGER: { description: "Manages the project together with its manager." },
    MEMBER: { description: "Works on the project." },
    OBSERVER: { description: "Follows the project." },
  },
});

@ObjectType({ description: "A user who takes part in a project." })
@Allow(staff)
export class ProjectMember {
  @Field(() => User, { nullable: true, description: "The user. Null if you cannot see the user." })
  @Allow(inherit)
  user!: User | null;

  @Field(() => ProjectRole, { description: "Role in the project." })
  @Allow(inherit)
  role!: ProjectRole;

  @Field(() => DateTimeScalar, { description: "Time since which the user is a member." })
  @Allow(inherit)
  createdAt!: string;
}

/** Converts a row to its API type. */
export const toMember = ({ userId, role, createdAt }: MemberRow): ProjectMember =>
  Object.assign(new ProjectMember(), { user: User.of(userId), role: role as ProjectRole, createdAt });
