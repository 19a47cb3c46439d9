import { Allow, inherit } from "@weft/shared";
import { Field, InputType, ObjectType } from "type-graphql";
import { LoginPayload } from "../sessions/session.type.js";

@InputType({ description: "The first person of a new organisation, its administrator." })
export class OrganizationAdminInput {
  @Field(() => String, { description: "What people call this person; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { description: "Logs in, together with the organisation's slug." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Logs in like the email; the part before the @ when left out." })
  username?: string | null;

  @Field(() => String, { description: "At most 256 characters." })
  password!: string;
}

@InputType({ description: "A new organisation." })
export class RegisterOrganizationInput {
  @Field(() => String, { description: "What people call it; 1 to 200 characters." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Short name, unique in the installation; made of the name when left out." })
  slug?: string | null;

  @Field(() => OrganizationAdminInput, { description: "Its first person." })
  admin!: OrganizationAdminInput;

  @Field(() => String, {
    nullable: true,
    description: "The same key and email with the same input and password give the same organisation, in a new session.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The new organisation, and a session of its administrator." })
@Allow(inherit)
export class RegisterOrganizationPayload extends LoginPayload {
  @Field(() => String, { description: "The organisation's short name: the `tenant` of a login. The query `tenant` has the rest." })
  slug!: string;
}
