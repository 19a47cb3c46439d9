import { Allow, inherit } from "@weft/api/rules";
import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "Payload of a mutation after which a person can log in." })
@Allow(inherit)
export class LoginOrganizationPayload {
  @Field(() => String, { description: "Slug of the organization: the `tenant` of a login." })
  slug!: string;
}
