import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import { Field, InputType, ObjectType } from "type-graphql";
import { proofColumns, SecondFactors } from "../second-factor.type.js";
import { Passkey } from "./passkey.type.js";

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

export const RemovePasskeyInput = createInputOf(
  "RemovePasskeyInput",
  columns({ id: column.id("ID of your passkey (`psk_…`)."), ...proofColumns }),
  "Input of `removePasskey`. Give one of `code`, `recoveryCode` and `passkey`.",
);
export type RemovePasskeyInput = InstanceType<typeof RemovePasskeyInput>;

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
  @Field(() => JsonScalar, { description: "Result of `navigator.credentials.get` as JSON, for the options of `startPasskeyLogin`." })
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
