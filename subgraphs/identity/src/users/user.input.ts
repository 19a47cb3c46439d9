import { Allow, ConnectionArgs, connectionOf, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { UserFilter, UserOrder } from "./user.filter.js";
import { User, UserTypeEnum } from "./user.type.js";

export const { Connection: UserConnection } = connectionOf(User);

@ArgsType()
export class UsersArgs extends ConnectionArgs {
  @Field(() => UserFilter.Input, { nullable: true, description: "Only users that meet this." })
  filter?: FilterValue | null;

  @Field(() => UserOrder.Input, { nullable: true, description: "By name when nothing is said." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "A new user. Roles and teams may be named by id or by key." })
export class CreateUserInput {
  @Field(() => String, { description: "Unique in the tenant, whatever the case; logs in." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Logs in like the email; the part before the @ when left out." })
  username?: string | null;

  @Field(() => String, { description: "What people call the user; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Without one the user is INVITED and cannot log in yet." })
  password?: string | null;

  @Field(() => UserTypeEnum, { defaultValue: UserTypeEnum.EMPLOYEE, description: "What kind of user it is." })
  type!: UserTypeEnum;

  @Field(() => ID, { nullable: true, description: "The vendor that a VENDOR user works for." })
  vendorId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: "You can give roles that you have yourself; with role.update all whose permissions you hold.",
  })
  roleIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Roles by key, besides those by id." })
  roleKeys?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Teams that the user is in from the start; teams of yours, with team.update all." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Teams by key, besides those by id." })
  teamKeys?: string[] | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same user." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What `createUser` answers." })
@Allow(inherit)
export class CreateUserPayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}

@InputType({ description: "What is left out stays." })
export class UpdateUserInput {
  @Field(() => ID, { description: "The user." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Unique in the tenant, whatever the case; logs in." })
  email?: string | null;

  @Field(() => String, { nullable: true, description: "New user name." })
  username?: string | null;

  @Field(() => String, { nullable: true, description: "What people call the user; 1 to 200 characters." })
  name?: string | null;

  @Field(() => [ID], { nullable: true, description: "All roles that the user has from now on." })
  roleIds?: string[] | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `updateUser` answers." })
@Allow(inherit)
export class UpdateUserPayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}

@InputType({ description: "What `deactivateUser` takes." })
export class DeactivateUserInput {
  @Field(() => ID, { description: "The user." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `deactivateUser` answers." })
@Allow(inherit)
export class DeactivateUserPayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}

@InputType({ description: "What `reactivateUser` takes." })
export class ReactivateUserInput {
  @Field(() => ID, { description: "The user." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType({ description: "What `reactivateUser` answers." })
@Allow(inherit)
export class ReactivateUserPayload {
  @Field(() => User, { description: "The user as it is now." })
  user!: User;
}
