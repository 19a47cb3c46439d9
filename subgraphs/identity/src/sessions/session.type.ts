import { column, columns, createInputOf } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { codeColumns, proofColumns } from "../second-factors/second-factor.type.js";
import { User } from "../users/user.type.js";

@InputType({ description: "Login credentials." })
export class LoginInput {
  @Field(() => String, { description: "Email address or user name, ignoring case." })
  login!: string;

  @Field(() => String, { description: "Password (at most 256 characters)." })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Slug of the tenant. Required for tenants that registered themselves, and if users of several tenants have the same login name and password.",
  })
  tenant?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Device token of the last login on this device (`wdt_…`). With it, failed logins elsewhere do not delay yours. Invalid tokens and those of other users are ignored.",
  })
  deviceToken?: string | null;
}

@ObjectType({ description: "A new session." })
@Allow(inherit)
export class LoginPayload {
  @Field(() => String, { description: "Access token. Send it as `Authorization: Bearer <accessToken>`." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "Expiry of the access token. Renew it before then." })
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Refresh token for the next access token. It works once; keep it secret." })
  refreshToken!: string;

  @Field(() => String, {
    description:
      "Token by which this device is known at the next login (`wdt_…`). Keep it on the device, also after a logout, and send it as `deviceToken`. It does not replace the password. Each login renews it for 180 days.",
  })
  deviceToken!: string;

  @Field(() => User, { description: "User of the session, as in `me`." })
  user!: User;

  @Field(() => Boolean, {
    description:
      "Whether the organization or a role requires a second factor that the user does not have yet. Until `confirmTotp` or `registerPasskey`, every other operation of the session fails with MFA_REQUIRED.",
  })
  mustEnrolSecondFactor!: boolean;
}

export const CompleteLoginInput = createInputOf(
  "CompleteLoginInput",
  columns({
    mfaToken: column.text("`extensions.mfaToken` of the error MFA_REQUIRED of `login` or `loginWithDirectory`."),
    ...codeColumns,
    passkey: column.json("Result of `navigator.credentials.get` as JSON, for the options of `startPasskeyLogin` with this `mfaToken`.", {
      nullable: true,
    }),
  }),
  "Input of `completeLogin`. Give one of `code`, `recoveryCode` and `passkey`.",
);
export type CompleteLoginInput = InstanceType<typeof CompleteLoginInput>;

/** What completes a login with an identity provider. */
export const singleSignOnColumns = columns({
  code: column.text("The code from the URL. It works once, within a minute."),
  codeVerifier: column.text("The code verifier, whose challenge the application gave at the start."),
});

export const SingleSignOnProofInput = createInputOf(
  "SingleSignOnProofInput",
  singleSignOnColumns,
  "What a login with an identity provider proves. See `startSingleSignOn` with `isReauthentication`.",
);
export type SingleSignOnProofInput = InstanceType<typeof SingleSignOnProofInput>;

export const ReauthenticateInput = createInputOf(
  "ReauthenticateInput",
  columns({
    password: column.text(
      "Your password: that of the directory, if the session began with `loginWithDirectory`, or if you have no other.",
      { nullable: true },
    ),
    code: proofColumns.code,
    passkey: proofColumns.passkey,
    singleSignOn: column.of(() => SingleSignOnProofInput, "A new login with your identity provider.", { nullable: true }),
  }),
  "Input of `reauthenticate`. Give one of `password`, `code`, `passkey` and `singleSignOn`.",
);
export type ReauthenticateInput = InstanceType<typeof ReauthenticateInput>;

@ObjectType({ description: "You have proven again who you are." })
@Allow(inherit)
export class ReauthenticatePayload {
  @Field(() => DateTimeScalar, { description: "Time from which `security.stepUpMinutes` count." })
  authenticatedAt!: string;
}

@InputType({ description: "Input of `refreshSession`." })
export class RefreshSessionInput {
  @Field(() => String, { description: "The most recent refresh token." })
  refreshToken!: string;
}

@ObjectType({ description: "The renewed session." })
@Allow(inherit)
export class RefreshSessionPayload {
  @Field(() => String, { description: "Access token. Send it as `Authorization: Bearer <accessToken>`." })
  accessToken!: string;

  @Field(() => DateTimeScalar, { description: "Expiry of the access token. Renew it before then." })
  accessTokenExpiresAt!: string;

  @Field(() => String, { description: "Refresh token that replaces the one you sent." })
  refreshToken!: string;
}

@ObjectType({ description: "The session has ended: its tokens are invalid, and its WebSockets close." })
@Allow(inherit)
export class EndedSessionPayload {
  @Field(() => ID, { description: "ID of the ended session (`ses_…`)." })
  sessionId!: string;
}
