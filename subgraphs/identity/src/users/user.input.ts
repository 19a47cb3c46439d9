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
  @Field(() => String)
  email!: string;

  @Field(() => String, { nullable: true, description: "Logs in like the email; the part before the @ when left out." })
  username?: string | null;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: "Without one the user is INVITED and cannot log in yet." })
  password?: string | null;

  @Field(() => UserTypeEnum, { defaultValue: UserTypeEnum.EMPLOYEE })
  type!: UserTypeEnum;

  @Field(() => ID, { nullable: true, description: "The vendor that a VENDOR user works for." })
  vendorId?: string | null;

  @Field(() => [ID], { nullable: true, description: "You can give only roles whose permissions you hold yourself." })
  roleIds?: string[] | null;

  @Field(() => [String], { nullable: true })
  roleKeys?: string[] | null;

  @Field(() => [ID], { nullable: true })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true })
  teamKeys?: string[] | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same user." })
  idempotencyKey?: string | null;
}

@ObjectType()
@Allow(inherit)
export class CreateUserPayload {
  @Field(() => User)
  user!: User;
}

@InputType({ description: "What is left out stays." })
export class UpdateUserInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  username?: string | null;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => [ID], { nullable: true, description: "All roles that the user has from now on." })
  roleIds?: string[] | null;

  @Field(() => Int, { nullable: true, description: "The `version` that you have read; another one is a CONFLICT." })
  expectedVersion?: number | null;
}

@ObjectType()
@Allow(inherit)
export class UpdateUserPayload {
  @Field(() => User)
  user!: User;
}

@InputType()
export class DeactivateUserInput {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { nullable: true })
  expectedVersion?: number | null;
}

@ObjectType()
@Allow(inherit)
export class DeactivateUserPayload {
  @Field(() => User)
  user!: User;
}
