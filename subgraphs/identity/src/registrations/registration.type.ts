import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";

@InputType({ description: "The first user of a new organization and its administrator." })
export class OrganizationAdminInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { description: "Email address, for logins together with the organization's slug." })
  email!: string;

  @Field(() => String, {
    nullable: true,
    description: "User name for logins, as an alternative to the email address. Default: the part before the @.",
  })
  username?: string | null;

  @Field(() => String, { description: "Password (at most 256 characters)." })
  password!: string;
}

@InputType({ description: "A new organization." })
export class RegisterOrganizationInput {
  @Field(() => String, { description: "Display name (1 to 200 characters)." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Slug, unique in the installation. Default: derived from the name." })
  slug?: string | null;

  @Field(() => OrganizationAdminInput, { description: "The first user." })
  admin!: OrganizationAdminInput;

  @Field(() => String, {
    nullable: true,
    description:
      "Idempotency key. Repeating the call with the same key, email address, input, and password returns the same organization with a new session.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "Payload of a mutation that creates a user who is logged in at once." })
@Allow(inherit)
export class NewUserLoginPayload extends LoginPayload {
  @Field(() => String, { description: "Slug of the organization: the `tenant` of a login. See the query `tenant` for details." })
  slug!: string;
}
