import { parseAnyId } from "@weft/shared/ids";
import { ApiClient, beginTotp, enrolTotp, startTestWeft, totpCode, type TestTenant, TestUser, type TestWeft, until } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const enrol = "mutation { enrolTotp { secret uri } }";
const confirm =
  "mutation ($code: String!) { confirmTotp(input: { code: $code }) { recoveryCodes secondFactors { methods recoveryCodesLeft } } }";
const disable = "mutation ($input: SecondFactorCodeInput!) { removeTotp(input: $input) { secondFactors { methods } } }";
const regenerate = "mutation ($input: SecondFactorCodeInput!) { regenerateRecoveryCodes(input: $input) { recoveryCodes } }";
const reset = "mutation ($id: ID!) { resetSecondFactors(input: { id: $id }) { user { id } } }";
const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken mustEnrolSecondFactor user { id } } }";
const complete = "mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken refreshToken user { id } } }";
const reauthenticate = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { authenticatedAt } }";
const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken refreshToken } }";
const factors = "{ secondFactors { methods totpEnabledAt totpLastUsedAt recoveryCodesLeft isRequired } }";
const me = "{ me { id } }";
const another = "a winding road 77";

let weft: TestWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let anyone: ApiClient;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It uses the platform." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
  anyone = new ApiClient(weft.url);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

type Sent = Awaited<ReturnType<ApiClient["send"]>>;
const codeOf = ({ errors }: Sent) => errors?.[0]?.extensions?.code ?? "done";
const uuidOf = (id: string) => parseAnyId(id)?.uuid ?? "";
/** As if the current time step had not been used, so that a test need not wait for the next one. */
const rewind = ({ id }: TestUser) => owner`update identity.second_factors set last_step = 0 where user_id = ${uuidOf(id)}`;
/** As if the user had logged in that many minutes ago. */
const age = ({ id }: TestUser, minutes: number) =>
  owner`update identity.sessions set authenticated_at = now() - make_interval(mins => ${minutes}) where user_id = ${uuidOf(id)}`;
const setConfiguration = (tenant: TestTenant, document: object) =>
  tenant.admin.run(
    'mutation ($document: JSON!) { updateConfiguration(input: { document: $document, message: "test" }) { configuration { version } } }',
    { document },
  );

/** Gives the user an authenticator app whose current code is not used up. */
async function enrolled(user: TestUser): ReturnType<typeof enrolTotp> {
  const made = await enrolTotp(user);
  await rewind(user);
  return made;
}

const logIn = ({ login: name }: TestUser, password: string) => anyone.send(login, { input: { login: name, password } });

/** Returns the token of a login that waits for a code. */
async function pending(user: TestUser): Promise<string> {
  const { errors } = await logIn(user, user.password);
  const { code, mfaToken, methods } = (errors?.[0]?.extensions ?? {}) as Record<string, unknown>;
  expect([code, methods]).toEqual(["MFA_REQUIRED", ["TOTP", "RECOVERY_CODE"]]);
  return String(mfaToken);
}

const completeWith = (input: { mfaToken: string; code?: string; recoveryCode?: string }) =>
  anyone.send<{
    completeLogin: { accessToken: string; refreshToken: string; user: { id: string } } | null;
  }>(complete, { input });

describe("an authenticator app", () => {
  test("is active after its first code, ends other sessions, and tells the user", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    const { enrolTotp: begun } = await user.run<{ enrolTotp: { secret: string; uri: string } }>(enrol);
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\/.*secret=/);
    expect(codeOf(await logIn(user, user.password))).toBe("done");
    const { confirmTotp } = await user.run<{ confirmTotp: { recoveryCodes: string[]; secondFactors: object } }>(confirm, {
      code: totpCode(begun.secret),
    });
    expect(new Set(confirmTotp.recoveryCodes).size).toBe(10);
    expect(confirmTotp.secondFactors).toEqual({ methods: ["TOTP", "RECOVERY_CODE"], recoveryCodesLeft: 10 });
    expect(codeOf(await user.send(me))).toBe("done");
    expect(await other.refusal(me)).toBe("UNAUTHENTICATED");
    expect((await weft.mails(user.login)).map(({ subject }) => subject)).toEqual(["Two-step login is on"]);
  });

  test("leaves no secret in the database, the events, or the audit log", async () => {
    const user = await acme.user("viewer");
    const { secret, recoveryCodes } = await enrolled(user);
    const userId = uuidOf(user.id);
    const rows = await owner`select to_jsonb(f) as row from identity.second_factors f where user_id = ${userId}
      union all select to_jsonb(c) from identity.recovery_codes c where user_id = ${userId}
      union all select to_jsonb(e) from audit.entries e where actor_id = ${userId}
      union all select to_jsonb(e) from events.outbox e where e::text like ${`%${userId}%`}`;
    const text = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(12);
    for (const known of [secret, secret.toLowerCase(), ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll("-", ""))])
      expect(text).not.toContain(known);
    expect(text).toContain("user.enableTotp");
  });

  test("refuses a wrong code, and stays inactive", async () => {
    const user = await acme.user("viewer");
    const secret = await beginTotp(user);
    const wrong = String((Number(totpCode(secret)) + 1) % 1_000_000).padStart(6, "0");
    for (const code of [wrong, "", "abcdef", "1234567", "１２３４５６"]) {
      const { extensions } = await user.refused(confirm, { code });
      expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.code" }] });
    }
    expect(await user.run(factors)).toMatchObject({ secondFactors: { methods: [], recoveryCodesLeft: 0 } });
  });

  test("of two confirmations at the same time, one succeeds", async () => {
    const user = await acme.user("viewer");
    const code = totpCode(await beginTotp(user));
    const codes = (await Promise.all([user.send(confirm, { code }), user.send(confirm, { code })])).map(codeOf);
    expect(codes.toSorted()).toEqual(["CONFLICT", "done"]);
  });

  test("is not confirmed by a session that the user ends at the same moment", async () => {
    const user = await acme.user("viewer");
    const code = totpCode(await beginTotp(user));
    const gate = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
    try {
      await gate`begin`;
      await gate`select 1 from identity.users where id = ${uuidOf(user.id)} for update`;
      const confirming = user.send(confirm, { code });
      const waiting = () => owner`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await until(async () => (await waiting()).length === 1, { what: "the confirmation waits" });
      await gate`update identity.sessions set revoked_at = now(), revoked_reason = 'PASSWORD_CHANGED' where user_id = ${uuidOf(user.id)}`;
      await gate`commit`;
      expect(codeOf(await confirming)).toBe("UNAUTHENTICATED");
    } finally {
      await gate.end();
    }
    expect(codeOf(await logIn(user, user.password))).toBe("done");
  });

  test("is replaced by another one with a code of it, also while it is required, and counts until then", async () => {
    const strict = await weft.tenant();
    const user = await strict.user("viewer");
    const old = await enrolled(user);
    await setConfiguration(strict, { security: { secondFactor: "REQUIRED" } });
    expect(await user.refusal(enrol)).toBe("BAD_USER_INPUT");
    expect(await user.refusal(confirm, { code: totpCode(old.secret) })).toBe("CONFLICT");
    const next = await beginTotp(user, { code: totpCode(old.secret) });
    await rewind(user);
    expect(codeOf(await completeWith({ mfaToken: await pending(user), code: totpCode(next) }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith({ mfaToken: await pending(user), code: totpCode(old.secret) }))).toBe("done");
    const { confirmTotp } = await user.run<{ confirmTotp: { recoveryCodes: string[] } }>(confirm, { code: totpCode(next) });
    await rewind(user);
    for (const factor of [{ code: totpCode(old.secret) }, { recoveryCode: old.recoveryCodes[0] ?? "" }])
      expect(codeOf(await completeWith({ mfaToken: await pending(user), ...factor }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith({ mfaToken: await pending(user), code: totpCode(next) }))).toBe("done");
    expect(confirmTotp.recoveryCodes).toHaveLength(10);
    expect((await weft.mails(user.login)).map(({ subject }) => subject).at(-1)).toBe("Your authenticator app was replaced");
  });

  test(
    "that was begun is confirmed only by the session that has begun it, within 15 minutes, and soon after a login",
    { tags: "slow" },
    async () => {
      const user = await acme.user("viewer");
      const { secret, recoveryCodes } = await enrolled(user);
      const { data } = await completeWith({ mfaToken: await pending(user), recoveryCode: recoveryCodes[0] ?? "" });
      const other = new ApiClient(weft.url, data?.completeLogin?.accessToken ?? "");
      const next = await beginTotp(user, { code: totpCode(secret) });
      expect(codeOf(await other.send(confirm, { code: totpCode(next) }))).toBe("CONFLICT");
      const id = uuidOf(user.id);
      const began = (minutes: number) =>
        owner`update identity.second_factors set created_at = now() - make_interval(mins => ${minutes}) where user_id = ${id} and confirmed_at is null`;
      await began(15);
      expect(await user.refusal(confirm, { code: totpCode(next) })).toBe("CONFLICT");
      await began(14);
      await age(user, 60);
      await until(async () => (await user.refusal(enrol)) === "REAUTH_REQUIRED", { what: "the login is old" });
      expect(await user.refusal(confirm, { code: totpCode(next) })).toBe("REAUTH_REQUIRED");
      await age(user, 0);
      expect(codeOf(await user.send(confirm, { code: totpCode(next) }))).toBe("done");
    },
  );

  test("that was begun ends with a new password, and with new recovery codes", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const begin = async () => {
      await rewind(user);
      return beginTotp(user, { code: totpCode(secret) });
    };
    const first = await begin();
    await rewind(user);
    await user.run(regenerate, { input: { code: totpCode(secret) } });
    expect(await user.refusal(confirm, { code: totpCode(first) })).toBe("CONFLICT");
    const second = await begin();
    await user.run("mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }", {
      input: { currentPassword: user.password, newPassword: another },
    });
    expect(await user.refusal(confirm, { code: totpCode(second) })).toBe("CONFLICT");
  });

  test("that was begun goes with the one that is removed", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const next = await beginTotp(user, { code: totpCode(secret) });
    await rewind(user);
    await user.run(disable, { input: { code: totpCode(secret) } });
    expect(await user.refusal(confirm, { code: totpCode(next) })).toBe("CONFLICT");
  });

  test("is removed with a code, and the password is enough again", async () => {
    const user = await acme.user("viewer");
    const { secret, recoveryCodes } = await enrolled(user);
    expect(await user.refusal(disable, { input: { code: "000000" } })).toBe("BAD_USER_INPUT");
    expect(await user.refusal(disable, { input: {} })).toBe("BAD_USER_INPUT");
    expect(await user.refusal(disable, { input: { code: totpCode(secret), recoveryCode: recoveryCodes[0] } })).toBe("BAD_USER_INPUT");
    expect(await user.run(disable, { input: { code: totpCode(secret) } })).toEqual({ removeTotp: { secondFactors: { methods: [] } } });
    expect(codeOf(await logIn(user, user.password))).toBe("done");
    expect(await user.refusal(disable, { input: { recoveryCode: recoveryCodes[0] } })).toBe("CONFLICT");
  });

  test("whose secret was moved from another user cannot be used", async () => {
    const [victim, attacker] = [await acme.user("viewer"), await acme.user("viewer")];
    await enrolled(victim);
    const { secret } = await enrolled(attacker);
    await owner`update identity.second_factors v set secret = a.secret from identity.second_factors a
      where v.user_id = ${uuidOf(victim.id)} and a.user_id = ${uuidOf(attacker.id)}`;
    expect(codeOf(await completeWith({ mfaToken: await pending(victim), code: totpCode(secret) }))).toBe("SERVICE_UNAVAILABLE");
  });

  test("works for users of a vendor", async () => {
    const { user } = await acme.vendor();
    const { secret } = await enrolled(user);
    expect(await user.run(factors)).toMatchObject({ secondFactors: { methods: ["TOTP", "RECOVERY_CODE"], recoveryCodesLeft: 10 } });
    expect(codeOf(await completeWith({ mfaToken: await pending(user), code: totpCode(secret) }))).toBe("done");
  });

  test("is refused to a platform operator who acts in the tenant", async () => {
    const otto = await (await acme.platform()).actAs(acme);
    expect(await otto.refusal(enrol)).toBe("FORBIDDEN");
    expect(await otto.refusal(reauthenticate, { input: { password: "x" } })).toBe("FORBIDDEN");
    expect(await otto.refusal(reset, { id: acme.admin.id })).toBe("FORBIDDEN");
  });
});

describe("a login with a second factor", () => {
  test("is completed with a code", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const { data } = await completeWith({ mfaToken: await pending(user), code: totpCode(secret) });
    expect(data?.completeLogin?.user).toEqual({ id: user.id });
    const session = new ApiClient(weft.url, data?.completeLogin?.accessToken ?? "");
    expect(await session.run(me)).toEqual({ me: { id: user.id } });
    const [row] = await owner`select factors from identity.sessions where user_id = ${uuidOf(user.id)} order by created_at desc limit 1`;
    expect(row?.["factors"]).toEqual(["PASSWORD", "TOTP"]);
  });

  test("accepts no code twice, whether later or at the same time", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const [one, other, third] = [await pending(user), await pending(user), await pending(user)];
    const code = totpCode(secret);
    const codes = await Promise.all([one, other].map(async (mfaToken) => codeOf(await completeWith({ mfaToken, code }))));
    expect(codes.toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
    expect(codeOf(await completeWith({ mfaToken: third, code }))).toBe("BAD_USER_INPUT");
  });

  test("uses its token up, also of two codes at the same time", async () => {
    const user = await acme.user("viewer");
    const { recoveryCodes } = await enrolled(user);
    const mfaToken = await pending(user);
    const [first = "", second = "", third = ""] = recoveryCodes;
    const codes = await Promise.all([first, second].map(async (recoveryCode) => codeOf(await completeWith({ mfaToken, recoveryCode }))));
    expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "done"]);
    expect(codeOf(await completeWith({ mfaToken, recoveryCode: third }))).toBe("UNAUTHENTICATED");
    // The code of the refused call is not lost.
    expect(await user.run(factors)).toMatchObject({ secondFactors: { recoveryCodesLeft: 9 } });
  });

  test("gives a token that nothing but completeLogin accepts", async () => {
    const user = await acme.user("viewer");
    await enrolled(user);
    const mfaToken = await pending(user);
    const bearer = new ApiClient(weft.url, mfaToken);
    for (const operation of [me, factors, enrol, "mutation { logout { sessionId } }"])
      expect(codeOf(await bearer.send(operation))).toBe("UNAUTHENTICATED");
    expect(codeOf(await anyone.send(refresh, { token: mfaToken }))).toBe("UNAUTHENTICATED");
    for (const [mutation, selection] of [
      [`resetPassword(input: { token: $token, password: "${another}" })`, "slug"],
      ["verifyEmail(input: { token: $token })", "slug"],
      [`acceptInvitation(input: { token: $token, password: "${another}" })`, "slug"],
    ])
      expect(codeOf(await anyone.send(`mutation ($token: String!) { ${mutation} { ${selection} } }`, { token: mfaToken }))).toBe(
        "UNAUTHENTICATED",
      );
    const onSocket = Object.assign(Object.create(user) as TestUser, { token: mfaToken });
    await expect(onSocket.subscribe("x", "subscription { notificationReceived { notification { id } } }")).rejects.toThrow(/4401/);
  });

  test("refuses tokens of other kinds", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    for (const mfaToken of [user.refreshToken, user.token, "", `wmf_${user.refreshToken.slice(4)}`])
      expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("UNAUTHENTICATED");
  });

  test("refuses the code of another user", async () => {
    const [victim, attacker] = [await acme.user("viewer"), await acme.user("viewer")];
    await enrolled(victim);
    const { secret, recoveryCodes } = await enrolled(attacker);
    const mfaToken = await pending(victim);
    expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith({ mfaToken, recoveryCode: recoveryCodes[0] ?? "" }))).toBe("BAD_USER_INPUT");
  });

  test("accepts a recovery code once, however it is written, and tells the user", async () => {
    const user = await acme.user("viewer");
    const { recoveryCodes } = await enrolled(user);
    const [code = ""] = recoveryCodes;
    const tokens = [await pending(user), await pending(user), await pending(user)];
    const [spelled, ...others] = [code.toUpperCase().replaceAll("-", " "), code, code];
    const codes = await Promise.all(
      [spelled, ...others].map(async (recoveryCode, at) => codeOf(await completeWith({ mfaToken: tokens[at] ?? "", recoveryCode }))),
    );
    expect(codes.toSorted()).toEqual(["BAD_USER_INPUT", "BAD_USER_INPUT", "done"]);
    expect((await weft.mails(user.login)).map(({ subject }) => subject)).toContain("A recovery code was used");
  });

  test("gives up after five wrong codes, and the user must give the password again", async () => {
    const user = await acme.user("viewer");
    const { secret, recoveryCodes } = await enrolled(user);
    const mfaToken = await pending(user);
    const wrong = await Promise.all(
      Array.from({ length: 5 }, async () => codeOf(await completeWith({ mfaToken, recoveryCode: "aaaa-aaaa-aaaa-aaaa" }))),
    );
    expect(wrong).toEqual(Array.from({ length: 5 }, () => "BAD_USER_INPUT"));
    expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("UNAUTHENTICATED");
    expect(codeOf(await completeWith({ mfaToken: await pending(user), recoveryCode: recoveryCodes[0] ?? "" }))).toBe("done");
  });

  test("that has the right password and several wrong codes is reported to the user, once a day", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    await enrolled(user);
    const guess = async (count: number) => {
      const mfaToken = await pending(user);
      for (let i = 0; i < count; i++) expect(codeOf(await completeWith({ mfaToken, code: "000000" }))).toBe("BAD_USER_INPUT");
    };
    const counted = (count: number) =>
      until(
        async () => {
          const [row] = await owner`select code_count from identity.wrong_codes where user_id = ${uuidOf(user.id)}`;
          return row?.["code_count"] === count;
        },
        { what: `${count} codes are counted` },
      );
    const warnings = async () =>
      (await weft.mails(user.login)).filter(({ subject }) => subject === "Several wrong codes after your password").length;
    await guess(4);
    await counted(4);
    expect(await warnings()).toBe(0);
    await guess(1);
    await until(async () => (await warnings()) === 1, { what: "the user is told" });
    await guess(5);
    await counted(5);
    expect(await warnings()).toBe(1);
  });

  test("can be completed from another network, because phones change theirs", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const mfaToken = await pending(user);
    await owner`update identity.pending_logins set address = '192.0.2.0/24' where user_id = ${uuidOf(user.id)}`;
    expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("done");
  });

  test("counts wrong codes from the last right one", async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const mfaToken = await pending(user);
    await owner`insert into identity.wrong_codes (tenant_id, user_id, code_count) values (${acme.id}, ${uuidOf(user.id)}, 4)`;
    expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("done");
    const [row] = await owner`select code_count from identity.wrong_codes where user_id = ${uuidOf(user.id)}`;
    expect(row?.["code_count"]).toBe(0);
  });

  test("is limited by wrong codes of all its tokens, and of the session", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    for (let i = 0; i < 5; i++) await user.refused(reauthenticate, { input: { code: "000000" } });
    const mfaToken = await pending(user);
    for (let i = 0; i < 5; i++) await completeWith({ mfaToken, code: "000000" });
    const { errors } = await completeWith({ mfaToken: await pending(user), code: totpCode(secret) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED" });
    expect(Number(errors?.[0]?.extensions?.["retryAfter"])).toBeLessThanOrEqual(900);
    const audited = () => owner`select 1 from audit.entries where action = 'session.secondFactorFailed' and entity_id = ${uuidOf(user.id)}`;
    await until(async () => (await audited()).length === 10, { what: "the guesses are audited" });
  });

  test.each([
    [
      "the password was changed meanwhile",
      async (user: TestUser) => {
        await user.run("mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }", {
          input: { currentPassword: user.password, newPassword: another },
        });
      },
    ],
    [
      "five minutes have passed",
      async (user: TestUser) => {
        const [row] =
          await owner`select extract(epoch from expires_at - created_at)::int as seconds from identity.pending_logins where user_id = ${uuidOf(user.id)}`;
        expect(row?.["seconds"]).toBe(300);
        await owner`update identity.pending_logins set expires_at = now() where user_id = ${uuidOf(user.id)}`;
      },
    ],
    [
      "the user is disabled",
      async (user: TestUser) => {
        await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id });
      },
    ],
  ])("ends when %s", async (_, happens) => {
    const user = await acme.user("viewer");
    const { secret } = await enrolled(user);
    const mfaToken = await pending(user);
    await happens(user);
    expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("UNAUTHENTICATED");
  });
});

test("a service account neither logs in, nor completes a login, nor renews a session, with or without a requirement", async () => {
  const user = await acme.user("viewer");
  const { secret } = await enrolled(user);
  const mfaToken = await pending(user);
  await owner`update identity.users set type = 'SERVICE' where id = ${uuidOf(user.id)}`;
  expect(codeOf(await logIn(user, user.password))).toBe("UNAUTHENTICATED");
  expect(codeOf(await completeWith({ mfaToken, code: totpCode(secret) }))).toBe("UNAUTHENTICATED");
  expect(codeOf(await anyone.send(refresh, { token: user.refreshToken }))).toBe("UNAUTHENTICATED");
});

describe("regenerateRecoveryCodes", () => {
  test("replaces the codes", async () => {
    const user = await acme.user("viewer");
    const { secret, recoveryCodes } = await enrolled(user);
    const { regenerateRecoveryCodes } = await user.run<{ regenerateRecoveryCodes: { recoveryCodes: string[] } }>(regenerate, {
      input: { code: totpCode(secret) },
    });
    const mfaToken = await pending(user);
    expect(codeOf(await completeWith({ mfaToken, recoveryCode: recoveryCodes[0] ?? "" }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith({ mfaToken, recoveryCode: regenerateRecoveryCodes.recoveryCodes[0] ?? "" }))).toBe("done");
  });
});

describe("resetSecondFactors", () => {
  test("lets the user log in with the password, ends the sessions, and tells the user", async () => {
    const user = await acme.user("viewer");
    await enrolled(user);
    expect(await acme.admin.run(reset, { id: user.id })).toEqual({ resetSecondFactors: { user: { id: user.id } } });
    expect(await user.refusal(me)).toBe("UNAUTHENTICATED");
    expect(codeOf(await logIn(user, user.password))).toBe("done");
    expect((await weft.mails(user.login)).map(({ subject }) => subject)).toContain("Your second factor was removed");
    expect(await acme.admin.refusal(reset, { id: user.id })).toBe("CONFLICT");
    const [entry] =
      await owner`select actor_id from audit.entries where action = 'user.resetSecondFactors' and entity_id = ${uuidOf(user.id)}`;
    expect(entry?.["actor_id"]).toBe(uuidOf(acme.admin.id));
  });

  test("is refused for oneself, without the permission, and in another tenant", async () => {
    const user = await acme.user("viewer");
    await enrolled(user);
    const other = await weft.tenant();
    expect(await acme.admin.refusal(reset, { id: acme.admin.id })).toBe("FORBIDDEN");
    expect(await (await acme.user("viewer")).refusal(reset, { id: user.id })).toBe("FORBIDDEN");
    expect(await other.admin.refusal(reset, { id: user.id })).toBe("NOT_FOUND");
    expect(await user.run(factors)).toMatchObject({ secondFactors: { recoveryCodesLeft: 10 } });
  });
});

describe("a required second factor", () => {
  const restricted = async (user: TestUser): Promise<TestUser> => {
    const { data } = (await logIn(user, user.password)) as Sent & {
      data: { login: { accessToken: string; mustEnrolSecondFactor: boolean } };
    };
    expect(data.login.mustEnrolSecondFactor).toBe(true);
    return TestUser.withToken(weft.url, data.login.accessToken);
  };

  test("of the organization leaves users without one nothing but to enrol", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("operations");
    await setConfiguration(tenant, { security: { secondFactor: "REQUIRED" } });
    await until(async () => JSON.stringify(await user.run(factors)).includes('"isRequired":true'), { what: "the setting applies" });
    const { data } = (await logIn(user, user.password)) as Sent & { data: { login: Record<string, unknown> } };
    expect(data.login).toMatchObject({ mustEnrolSecondFactor: true, user: { id: user.id } });
    const session = await TestUser.withToken(weft.url, String(data.login["accessToken"]));
    for (const operation of [
      "{ users { edges { node { id } } } }",
      "{ requests { edges { node { id } } } }",
      "{ secondFactors { isRequired } users { edges { node { id } } } }",
      'mutation { createTeam(input: { key: "t", name: "T" }) { team { id } } }',
      'mutation { changePassword(input: { currentPassword: "x", newPassword: "y" }) { user { id } } }',
    ])
      expect(await session.refusal(operation)).toBe("MFA_REQUIRED");
    await expect(session.subscribe("x", "subscription { notificationReceived { notification { id } } }")).rejects.toThrow(
      /4401 MFA_REQUIRED/,
    );
    const { secret } = await enrolled(session);
    expect(codeOf(await session.send("{ users { edges { node { id } } } }"))).toBe("done");
    // The refusal neither tells whether a code is right nor uses it up.
    expect(await session.refusal(disable, { input: { code: "000000" } })).toBe("FORBIDDEN");
    expect(await session.refusal(disable, { input: { code: totpCode(secret) } })).toBe("FORBIDDEN");
    expect(codeOf(await session.send(regenerate, { input: { code: totpCode(secret) } }))).toBe("done");
  });

  test("of a role, also an inherited one, applies at the next login or renewal", async () => {
    const tenant = await weft.tenant();
    const { roles } = await tenant.admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
      "{ roles(first: 100) { edges { node { id key } } } }",
    );
    const viewerRole = roles.edges.find(({ node }) => node.key === "viewer")?.node.id ?? "";
    await tenant.admin.run(
      'mutation ($parent: ID!) { createRole(input: { key: "heir", name: "Heir", permissions: [], parentIds: [$parent] }) { role { requiresSecondFactor } } }',
      { parent: viewerRole },
    );
    const [viewer, heir, other] = [await tenant.user("viewer"), await tenant.user("heir"), await tenant.user("operations")];
    const { updateRole } = await tenant.admin.run<{ updateRole: object }>(
      "mutation ($id: ID!) { updateRole(input: { id: $id, requiresSecondFactor: true }) { role { requiresSecondFactor } } }",
      { id: viewerRole },
    );
    expect(updateRole).toEqual({ role: { requiresSecondFactor: true } });
    expect(await (await restricted(heir)).refusal("{ users { edges { node { id } } } }")).toBe("MFA_REQUIRED");
    await anyone.run(refresh, { token: viewer.refreshToken });
    await until(async () => codeOf(await viewer.send("{ users { edges { node { id } } } }")) === "MFA_REQUIRED", {
      what: "the renewed session is restricted",
    });
    const { data } = (await logIn(other, other.password)) as Sent & { data: { login: object } };
    expect(data.login).toMatchObject({ mustEnrolSecondFactor: false });
  });
});

test("the requirement of a role is not lifted by somebody with fewer rights", async () => {
  const tenant = await weft.tenant();
  await tenant.admin.run(
    'mutation { createRole(input: { key: "editor", name: "Editor", permissions: [{ permission: "role.update", scope: TENANT }, { permission: "role.read", scope: TENANT }] }) { role { id } } }',
  );
  const editor = await tenant.user("editor");
  const { roles } = await editor.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  const set = (key: string) =>
    editor.send("mutation ($id: ID!) { updateRole(input: { id: $id, requiresSecondFactor: false }) { role { id } } }", {
      id: roles.edges.find(({ node }) => node.key === key)?.node.id,
    });
  expect(codeOf(await set("admin"))).toBe("FORBIDDEN");
  expect(codeOf(await set("editor"))).toBe("done");
});

describe("a recent login", () => {
  const risky = 'mutation ($key: String!) { createRole(input: { key: $key, name: "R", permissions: [] }) { role { key } } }';
  let made = 0;
  const riskyAs = async (user: TestUser) => codeOf(await user.send(risky, { key: `risky_${++made}` }));

  test("is required for risky operations, and renewed with the password", async () => {
    const user = await acme.user("admin");
    expect(await riskyAs(user)).toBe("done");
    await age(user, 16);
    await until(async () => (await riskyAs(user)) === "REAUTH_REQUIRED", { what: "the login is too old" });
    const { extensions } = await user.refused(risky, { key: "risky" });
    expect(extensions).toMatchObject({ code: "REAUTH_REQUIRED", withinMinutes: 15 });
    expect(codeOf(await user.send("{ users { edges { node { id } } } }"))).toBe("done");
    expect(codeOf(await user.send('mutation { updateProfile(input: { name: "Another" }) { user { id } } }'))).toBe("done");
    await user.run(reauthenticate, { input: { password: user.password } });
    expect(await riskyAs(user)).toBe("done");
  });

  test("is renewed with a code, and not with a wrong one", async () => {
    const user = await acme.user("admin");
    const { secret } = await enrolled(user);
    await age(user, 16);
    await until(async () => (await riskyAs(user)) === "REAUTH_REQUIRED", { what: "the login is too old" });
    for (const input of [{ code: "000000" }, { password: "a wrong password" }, {}, { code: "000000", password: user.password }])
      expect(await user.refusal(reauthenticate, { input })).toBe("BAD_USER_INPUT");
    expect(await riskyAs(user)).toBe("REAUTH_REQUIRED");
    await user.run(reauthenticate, { input: { code: totpCode(secret) } });
    expect(await riskyAs(user)).toBe("done");
  });

  test("is not what a renewal of the session is", async () => {
    const user = await acme.user("admin");
    await age(user, 16);
    const { refreshSession } = await anyone.run<{ refreshSession: { accessToken: string } }>(refresh, { token: user.refreshToken });
    const renewed = await TestUser.withToken(weft.url, refreshSession.accessToken);
    await until(async () => (await riskyAs(renewed)) === "REAUTH_REQUIRED", { what: "the login is too old" });
  });

  test("is required under every alias, and on a socket that was opened in time", async () => {
    const user = await acme.user("admin");
    const feed = await user.subscribe(
      "createRole",
      'mutation { createRole(input: { key: "socket_1", name: "R", permissions: [] }) { role { key } } }',
    );
    await until(() => feed.payloads.length + feed.errors.length > 0, { what: "the socket has answered" });
    expect(feed.errors).toEqual([]);
    await feed.stop();
    await age(user, 16);
    await until(async () => (await riskyAs(user)) === "REAUTH_REQUIRED", { what: "the login is too old" });
    const { errors } = await user.send(
      'mutation { a: createRole(input: { key: "alias_1", name: "R", permissions: [] }) { role { key } } b: createRole(input: { key: "alias_2", name: "R", permissions: [] }) { role { key } } }',
    );
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(["REAUTH_REQUIRED", "REAUTH_REQUIRED"]);
    const late = await user.subscribe(
      "createRole",
      'mutation { createRole(input: { key: "socket_2", name: "R", permissions: [] }) { role { key } } }',
    );
    await until(() => late.payloads.length + late.errors.length > 0, { what: "the socket has answered" });
    expect(late.errors.map(({ extensions }) => extensions?.code)).toEqual(["REAUTH_REQUIRED"]);
    await late.stop();
  });

  test("does not help users without the permission", async () => {
    const user = await acme.user("viewer");
    await age(user, 16);
    expect(await riskyAs(user)).toBe("FORBIDDEN");
  });

  test("can be required more often by the organization", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("admin");
    await age(user, 5);
    expect(await riskyAs(user)).toBe("done");
    await setConfiguration(tenant, { security: { stepUpMinutes: 2 } });
    await until(async () => (await riskyAs(user)) === "REAUTH_REQUIRED", { what: "the setting applies" });
  });

  test("is required of platform operators to act in a tenant", async () => {
    const platform = await acme.platform();
    const operator = await platform.operator.again();
    await age(operator, 16);
    await until(
      async () => {
        const { errors } = await operator.send(
          'mutation ($id: ID!) { actAsTenant(input: { tenantId: $id, reason: "A support case", minutes: 5 }) { accessToken } }',
          { id: "ten_00000000000000000000000000" },
        );
        return errors?.[0]?.extensions?.code === "REAUTH_REQUIRED";
      },
      { what: "the login is too old" },
    );
    await operator.run(reauthenticate, { input: { password: operator.password } });
  });
});
