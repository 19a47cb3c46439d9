import { Allow, inherit, JsonScalar } from "@weft/shared";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { SecondFactors } from "../second-factor.type.js";
import { Passkey } from "./passkey.type.js";

const assertion = "Result of `navigator.credentials.get` as JSON, for the options of";

@InputType({ description: "Input of `registerPasskey`." })
export class RegisterPasskeyInput {
  @Field(() => JsonScalar, {
    description: "Result of `navigator.credentials.create` as JSON (`credential.toJSON()`), for the options of `startPasskeyRegistration`.",
  })
  response!: unknown;

  @Field(() => String, { description: "Name by which you recognize the passkey (1 to 200 characters)." })
  name!: string;
}

@ObjectType({ description: "The passkey is registered." })
@Allow(inherit)
export class RegisterPasskeyPayload {
  @Field(() => Passkey, { description: "The passkey." })
  passkey!: Passkey;

  @Field(() => [String], {
    nullable: true,
    description:
      "Ten recovery codes, if the passkey is your first second factor. They are shown only once; keep them in a safe place. Otherwise null: your codes stay.",
  })
  recoveryCodes!: string[] | null;

  @Field(() => SecondFactors, { description: "Your second factors." })
  secondFactors!: SecondFactors;
}

@InputType({ description: "Input of `renamePasskey`." })
export class RenamePasskeyInput {
  @Field(() => ID, { description: "ID of your passkey (`psk_…`)." })
  id!: string;

  @Field(() => String, { description: "New name (1 to 200 characters)." })
  name!: string;
}

@InputType({ description: "Input of `removePasskey`. Give one of `code`, `recoveryCode` and `passkey`." })
export class RemovePasskeyInput {
  @Field(() => ID, { description: "ID of your passkey (`psk_…`)." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Code of the authenticator app (six digits)." })
  code?: string | null;

  @Field(() => String, { nullable: true, description: "One of the recovery codes. It works once." })
  recoveryCode?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: `${assertion} \`startPasskeyAssertion\`.` })
  passkey?: unknown;
}

@InputType({ description: "Input of `startPasskeyLogin`." })
export class StartPasskeyLoginInput {
  @Field(() => String, {
    nullable: true,
    description:
      "`extensions.mfaToken` of the error MFA_REQUIRED of `login`. The passkey is then the second factor, for `completeLogin`. If omitted, it is the only one, for `loginWithPasskey`.",
  })
  mfaToken?: string | null;
}

@InputType({ description: "Input of `loginWithPasskey`." })
export class LoginWithPasskeyInput {
  @Field(() => JsonScalar, { description: `${assertion} \`startPasskeyLogin\`.` })
  passkey!: unknown;

  @Field(() => String, {
    nullable: true,
    description: "Slug of the tenant. If given, passkeys of other tenants are refused. If omitted, the passkey determines the tenant.",
  })
  tenant?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Device token of the last login on this device (`wdt_…`). See `LoginInput.deviceToken`.",
  })
  deviceToken?: string | null;
}
