import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { singleSignOnColumns } from "../sessions/session.type.js";

export const StartSingleSignOnInput = createInputOf(
  "StartSingleSignOnInput",
  columns({
    tenantId: column.id("ID of the tenant (`ten_…`). See `loginMethods`."),
    providerId: column.id("ID of the identity provider (`idp_…`)."),
    redirectUrl: column.text("URL of the application to return to. The provider must list exactly this URL."),
    codeChallenge: column.text(
      "SHA-256 of a random code verifier of 43 to 128 characters, as base64url without padding (S256 of RFC 7636). Only the application that knows the verifier gets the session.",
    ),
    state: column.text("A text that the application gets back with the code (at most 500 characters).", { nullable: true }),
    isReauthentication: column.flag(
      "Whether a user who is logged in here proves again who they are: the provider must let them log in again, and the code is for `reauthenticate`.",
      { initial: false },
    ),
  }),
);
export type StartSingleSignOnInput = InstanceType<typeof StartSingleSignOnInput>;

@ObjectType({ description: "Payload of `startSingleSignOn`." })
@Allow(inherit)
export class StartSingleSignOnPayload {
  @Field(() => String, { description: "Where to send the browser: the login page of the provider." })
  authorizationUrl!: string;

  @Field(() => String, {
    description: "Binds the login to the browser. `startUrl` of the provider sets it as a cookie; keep it secret.",
  })
  browserToken!: string;

  @Field(() => String, {
    description: "What the provider's answer refers to: the `state` of OpenID Connect, or the ID of the request of SAML.",
  })
  state!: string;

  @Field(() => Int, { description: "Seconds within which the user must log in." })
  expiresInSeconds!: number;
}

@InputType({ description: "Input of `receiveSingleSignOn`." })
export class ReceiveSingleSignOnInput {
  @Field(() => String, { description: "The provider's `callbackUrl` with the parameters with which the browser returned to it." })
  url!: string;

  @Field(() => String, { nullable: true, description: "`browserToken` of `startSingleSignOn`." })
  browserToken?: string | null;
}

@ObjectType({ description: "Payload of `receiveSingleSignOn`." })
@Allow(inherit)
export class ReceiveSingleSignOnPayload {
  @Field(() => String, {
    description:
      "Where to send the browser: the application's URL, with the parameters `code` or `error` and `error_description`, and `state`.",
  })
  redirectUrl!: string;
}

@InputType({ description: "Input of `receiveSamlResponse`." })
export class ReceiveSamlResponseInput {
  @Field(() => ID, { description: "ID of the tenant (`ten_…`)." })
  tenantId!: string;

  @Field(() => ID, { description: "ID of the identity provider (`idp_…`)." })
  providerId!: string;

  @Field(() => String, { description: "The parameter `SAMLResponse`: the provider's response as base64 (at most 200000 characters)." })
  samlResponse!: string;
}

@ObjectType({ description: "Payload of `receiveSamlResponse`." })
@Allow(inherit)
export class ReceiveSamlResponsePayload {
  @Field(() => String, {
    description:
      "Where to send the browser: the provider's `callbackUrl`, whose parameters go to `receiveSingleSignOn`, or the application's URL with an error.",
  })
  redirectUrl!: string;
}

export const CompleteSingleSignOnInput = createInputOf("CompleteSingleSignOnInput", singleSignOnColumns);
export type CompleteSingleSignOnInput = InstanceType<typeof CompleteSingleSignOnInput>;

@InputType({ description: "Input of `receiveLogoutToken`." })
export class ReceiveLogoutTokenInput {
  @Field(() => ID, { description: "ID of the tenant (`ten_…`)." })
  tenantId!: string;

  @Field(() => ID, { description: "ID of the identity provider (`idp_…`)." })
  providerId!: string;

  @Field(() => String, { description: "The logout token, signed by the provider." })
  logoutToken!: string;
}

@ObjectType({ description: "Payload of `receiveLogoutToken`." })
@Allow(inherit)
export class ReceiveLogoutTokenPayload {
  @Field(() => Boolean, { description: "Always true: the sessions have ended, as far as there were any." })
  isAccepted!: boolean;
}

@ObjectType({ description: "A directory whose passwords users of a login name's domain log in with. See `loginWithDirectory`." })
@Allow(inherit)
export class LoginDirectory {
  @Field(() => ID, { description: "ID of the tenant (`ten_…`)." })
  tenantId!: string;

  @Field(() => ID, { description: "ID of the identity provider (`idp_…`)." })
  providerId!: string;

  @Field(() => String, { description: "Display name." })
  name!: string;
}

@ObjectType({ description: "An identity provider with which users of a login name's domain log in." })
@Allow(inherit)
export class LoginProvider extends LoginDirectory {
  @Field(() => String, {
    description:
      "Where to send the browser, with the parameters `redirect_url`, `code_challenge`, and optionally `state`. See `startSingleSignOn`.",
  })
  startUrl!: string;
}

@ObjectType({ description: "Ways to log in with a login name. They depend only on its domain, not on whether the user exists." })
@Allow(inherit)
export class LoginMethods {
  @Field(() => Boolean, { description: "Whether to ask for a password of Weft. If not, only break-glass users log in with one." })
  acceptsPassword!: boolean;

  @Field(() => [LoginProvider], {
    description: "Active identity providers, other than directories, of the tenant that has verified the domain, oldest first.",
  })
  providers!: LoginProvider[];

  @Field(() => [LoginDirectory], { description: "Active directories of this tenant, oldest first. Ask for the password of one of them." })
  directories!: LoginDirectory[];
}
