import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";

export const OrganizationAdminInput = createInputOf(
  "OrganizationAdminInput",
  columns({
    name: column.text("Display name (1 to 200 characters)."),
    email: column.text("Email address, for logins together with the organization's slug."),
    username: column.text("User name for logins, as an alternative to the email address. Default: the part before the @.", {
      nullable: true,
    }),
    password: column.text("Password (at most 256 characters)."),
  }),
  "The first user of a new organization and its administrator.",
);
export type OrganizationAdminInput = InstanceType<typeof OrganizationAdminInput>;

export const RegisterOrganizationInput = createInputOf(
  "RegisterOrganizationInput",
  columns({
    name: column.text("Display name (1 to 200 characters)."),
    slug: column.text("Slug, unique in the installation. Default: derived from the name.", { nullable: true }),
    admin: column.of(() => OrganizationAdminInput, "The first user."),
    idempotencyKey: column.text(
      "Idempotency key. Repeating the call with the same key, email address, input, and password returns the same organization with a new session.",
      { nullable: true },
    ),
  }),
  "A new organization.",
);
export type RegisterOrganizationInput = InstanceType<typeof RegisterOrganizationInput>;

@ObjectType({ description: "Payload of a mutation that creates a user who is logged in at once." })
@Allow(inherit)
export class NewUserLoginPayload extends LoginPayload {
  @Field(() => String, { description: "Slug of the organization: the `tenant` of a login. See the query `tenant` for details." })
  slug!: string;
}
