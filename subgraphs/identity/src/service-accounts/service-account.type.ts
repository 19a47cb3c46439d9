import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "A new service account. Reference roles and teams by ID or by key." })
export class CreateServiceAccountInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "User name, unique in the tenant, for example `invoice-import`." })
  username!: string;

  @Field(() => [ID], {
    nullable: true,
    description: "Roles by ID. You can assign roles that you have yourself and, with role.update, all roles whose permissions you have.",
  })
  roleIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Roles by key, in addition to those by ID." })
  roleKeys?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Teams of the account. You can use your own teams and, with team.update, all teams." })
  teamIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Teams by key, in addition to those by ID." })
  teamKeys?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same account.",
  })
  idempotencyKey?: string | null;
}
