import { Field, ID, InputType } from "type-graphql";

@InputType({ description: "Input of `loginWithDirectory`." })
export class LoginWithDirectoryInput {
  @Field(() => ID, { description: "ID of the tenant (`ten_…`). See `loginMethods`." })
  tenantId!: string;

  @Field(() => ID, { description: "ID of the identity provider, of the kind LDAP (`idp_…`)." })
  providerId!: string;

  @Field(() => String, { description: "What the user types to log in to the directory (at most 320 characters)." })
  login!: string;

  @Field(() => String, { description: "Password (at most 256 characters). Only the directory gets it." })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Device token of the last login on this device (`wdt_…`). It counts if `login` is the user's email address or user name in Weft. See `LoginInput.deviceToken`.",
  })
  deviceToken?: string | null;
}
