import { Allow, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ObjectType } from "type-graphql";
import { User } from "../references.js";
import type { BuildingUserRow } from "./building-user.store.js";

@ObjectType({ description: "A user who is assigned to a building." })
@Allow(staff)
export class BuildingUser {
  @Field(() => User, { nullable: true, description: "The user. Null if you cannot see them." })
  @Allow(inherit)
  user!: User | null;

  @Field(() => DateTimeScalar, { description: "Time of the assignment." })
  @Allow(inherit)
  assignedAt!: string;
}

/** Converts a row to its API type. */
export const toBuildingUser = ({ userId, createdAt }: BuildingUserRow): BuildingUser =>
  Object.assign(new BuildingUser(), { user: User.of(userId), assignedAt: createdAt });
