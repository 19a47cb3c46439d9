import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

import { Passkey } from "./passkeys/passkey.type.js";

export enum SecondFactorMethod {
  TOTP = "TOTP",
  RECOVERY_CODE = "RECOVERY_CODE",
  PASSKEY = "PASSKEY",
}
registerEnumType(SecondFactorMethod, {
  name: "SecondFactorMethod",
  description: "A way to complete a login after the password. Others can follow.",
  valuesConfig: {
    TOTP: { description: "A code of an authenticator app." },
    RECOVERY_CODE: { description: "A recovery code, for when the app or the passkey is lost. Each works once." },
    PASSKEY: { description: "A passkey. It also works without the password: see `loginWithPasskey`." },
  },
});

@ObjectType({ description: "Your second factors." })
@Allow(inherit)
export class SecondFactors {
  @Field(() => [SecondFactorMethod], { description: "What can complete your logins. Empty if the password is enough." })
  methods!: (keyof typeof SecondFactorMethod)[];

  @Field(() => [Passkey], { description: "Your passkeys, oldest first." })
  passkeys!: Passkey[];

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the authenticator app was confirmed." })
  totpEnabledAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the last accepted code of the authenticator app." })
  totpLastUsedAt!: string | null;

  @Field(() => Int, { description: "Number of unused recovery codes." })
  recoveryCodesLeft!: number;

  @Field(() => Boolean, { description: "Whether your organization or one of your roles requires a second factor." })
  isRequired!: boolean;
}

@ObjectType({ description: "An authenticator app that must still be confirmed with `confirmTotp`." })
@Allow(inherit)
export class EnrolTotpPayload {
  @Field(() => String, { description: "Secret in base32, to type into the app. It is shown only once." })
  secret!: string;

  @Field(() => String, { description: "The secret as an `otpauth://` URI, to show as a QR code." })
  uri!: string;
}

@InputType({ description: "Input of `confirmTotp`." })
export class ConfirmTotpInput {
  @Field(() => String, { description: "Code that the authenticator app shows (six digits)." })
  code!: string;
}

/** Codes of second factors, in the inputs that take one. */
export const codeColumns = {
  code: column.text("Code of the authenticator app (six digits).", { nullable: true }),
  recoveryCode: column.text("One of the recovery codes. It works once.", { nullable: true }),
} as const;

/** Second factors of a person who is logged in. */
export const proofColumns = {
  ...codeColumns,
  passkey: column.json("Result of `navigator.credentials.get` as JSON, for the options of `startPasskeyAssertion`.", { nullable: true }),
} as const;

export const SecondFactorCodeInput = createInputOf(
  "SecondFactorCodeInput",
  columns(proofColumns),
  "One of your second factors. Give one of `code`, `recoveryCode` and `passkey`.",
);
export type SecondFactorCodeInput = InstanceType<typeof SecondFactorCodeInput>;
