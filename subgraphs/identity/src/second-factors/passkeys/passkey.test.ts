import { parseAnyId } from "@weft/shared/ids";
import {
  addPasskey,
  ApiClient,
  beginPasskey,
  beginTotp,
  type CredentialJson,
  type Deviation,
  enrolTotp,
  passkeyOrigin,
  pendingLogin,
  SoftwareAuthenticator,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
  totpCode,
  until,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChallengeUse, issueChallenge } from "./challenge.js";

const startRegistration = "mutation ($factor: SecondFactorCodeInput) { startPasskeyRegistration(input: $factor) { options } }";
const register =
  "mutation ($input: RegisterPasskeyInput!) { registerPasskey(input: $input) { passkey { id name lastUsedAt isSyncable isBackedUp } recoveryCodes secondFactors { methods } } }";
const rename = "mutation ($input: RenamePasskeyInput!) { renamePasskey(input: $input) { passkey { id name } } }";
const remove = "mutation ($input: RemovePasskeyInput!) { removePasskey(input: $input) { secondFactors { methods passkeys { id } } } }";
const startAssertion = "mutation { startPasskeyAssertion { options } }";
const startLogin = "mutation ($mfaToken: String) { startPasskeyLogin(input: { mfaToken: $mfaToken }) { options } }";
const session = "accessToken refreshToken deviceToken mustEnrolSecondFactor user { id }";
const loginWithPasskey = `mutation ($input: LoginWithPasskeyInput!) { loginWithPasskey(input: $input) { ${session} } }`;
const login = `mutation ($input: LoginInput!) { login(input: $input) { ${session} } }`;
const complete = `mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { ${session} } }`;
const reauthenticate = "mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) { authenticatedAt } }";
const disable = "mutation ($input: SecondFactorCodeInput!) { removeTotp(input: $input) { secondFactors { methods } } }";
const factors = "{ secondFactors { methods recoveryCodesLeft passkeys { id name createdAt lastUsedAt isSyncable isBackedUp } } }";
const me = "{ me { id } }";

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
const problemOf = ({ errors }: Sent) => {
  const { code, problems } = (errors?.[0]?.extensions ?? {}) as { code?: string; problems?: { path: string }[] };
  return [code, problems?.map(({ path }) => path)];
};
const uuidOf = (id: string) => parseAnyId(id)?.uuid ?? "";
const setConfiguration = (tenant: TestTenant, document: object) =>
  tenant.admin.run(
    'mutation ($document: JSON!) { updateConfiguration(input: { document: $document, message: "test" }) { configuration { version } } }',
    { document },
  );
const factorsOf = async (user: TestUser) =>
  (
    await user.run<{
      secondFactors: { methods: string[]; recoveryCodesLeft: number; passkeys: { id: string; lastUsedAt: string | null }[] };
    }>(factors)
  ).secondFactors;
const actionsAbout = async (user: TestUser, action: string) =>
  (await owner`select 1 from audit.entries where action = ${action} and entity_id = ${uuidOf(user.id)}`).length;

type Options = { challenge: string; allowCredentials?: { id: string }[] };
const optionsOf = (answer: unknown) => Object.values(answer as Record<string, { options: Options }>)[0]?.options ?? { challenge: "" };
const registrationOptions = async (user: TestUser, factor?: object) => optionsOf(await user.run(startRegistration, { factor }));
/** The answer to a challenge of the user's session. */
const proofOf = async (user: TestUser, authenticator: SoftwareAuthenticator) => ({
  passkey: authenticator.get(await sessionOptions(user)),
});
const sessionOptions = async (user: TestUser) => optionsOf(await user.run(startAssertion));
const loginOptions = async (mfaToken?: string) => optionsOf(await anyone.run(startLogin, { mfaToken }));

const registerWith = (user: TestUser, response: CredentialJson) => user.send(register, { input: { response, name: "Phone" } });
const completeWith = (mfaToken: string, passkey: CredentialJson) => anyone.send(complete, { input: { mfaToken, passkey } });
const logIn = (passkey: CredentialJson, more: object = {}) =>
  anyone.send<{ loginWithPasskey: { accessToken: string; deviceToken: string; mustEnrolSecondFactor: boolean; user: { id: string } } }>(
    loginWithPasskey,
    { input: { passkey, ...more } },
  );
/** A challenge as this server issues it, `ageSeconds` ago. */
const issued = (use: ChallengeUse, ageSeconds = 0) =>
  Buffer.from(issueChallenge(weft.keys.refresh, use, Date.now() / 1000 - ageSeconds)).toString("base64url");

/** What an attacker's page, browser or authenticator could send. All of them are refused everywhere. */
const deviations: readonly [string, Deviation][] = [
  ["a page of another origin", { origin: "https://evil.example" }],
  ["a page of the same host on another port", { origin: "http://localhost:4001" }],
  ["a page in a frame of another site", { crossOrigin: true }],
  ["another domain", { rpId: "evil.example" }],
  ["an authenticator that has not verified the user", { isVerified: false }],
  ["a challenge that nobody issued", { challenge: Buffer.alloc(52, 1).toString("base64url") }],
  ["no challenge", { challenge: "" }],
];

describe("a passkey", () => {
  test("is the first second factor: it brings recovery codes, ends other sessions, and tells the user", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    const options = await registrationOptions(user);
    expect(options).toMatchObject({
      rp: { id: "localhost" },
      user: { name: user.login },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: [],
    });
    const authenticator = new SoftwareAuthenticator(passkeyOrigin);
    const { registerPasskey } = await user.run<{ registerPasskey: { passkey: { id: string }; recoveryCodes: string[] } }>(register, {
      input: { response: authenticator.create(options), name: "  My phone " },
    });
    expect(registerPasskey).toMatchObject({
      passkey: { name: "My phone", lastUsedAt: null, isSyncable: false, isBackedUp: false },
      secondFactors: { methods: ["PASSKEY", "RECOVERY_CODE"] },
    });
    expect(new Set(registerPasskey.recoveryCodes).size).toBe(10);
    expect(codeOf(await user.send(me))).toBe("done");
    expect(await other.refusal(me)).toBe("UNAUTHENTICATED");
    expect((await weft.mails(user.login)).map(({ subject }) => subject)).toEqual(["A passkey was added"]);
    expect(await actionsAbout(user, "user.addPasskey")).toBe(1);
  });

  test("that is not the first second factor leaves sessions and recovery codes as they are", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const { data } = await logIn(authenticator.get(await loginOptions()));
    const other = new ApiClient(weft.url, data?.loginWithPasskey.accessToken);
    const synced = new SoftwareAuthenticator(passkeyOrigin, { isSynced: true });
    const second = await addPasskey(user, synced, await proofOf(user, authenticator));
    expect(second.recoveryCodes).toBeNull();
    expect(codeOf(await other.send(me))).toBe("done");
    const { passkeys, ...rest } = await factorsOf(user);
    expect(rest).toEqual({ methods: ["PASSKEY", "RECOVERY_CODE"], recoveryCodesLeft: 10 });
    expect(passkeys).toMatchObject([
      { name: "Phone", isSyncable: false },
      { id: second.id, isSyncable: true, isBackedUp: true },
    ]);
    expect((await registrationOptions(user, await proofOf(user, synced))) as object).toMatchObject({
      excludeCredentials: [{}, { id: second.authenticator.credentialIds[0] }],
    });
  });

  test.each([...deviations, ["the answer to a login", { type: "webauthn.get" }] as const])(
    "is not registered with %s",
    async (_what, deviation) => {
      const user = await acme.user("viewer");
      const response = new SoftwareAuthenticator(passkeyOrigin).create(await registrationOptions(user), deviation);
      expect(problemOf(await registerWith(user, response))).toEqual(["BAD_USER_INPUT", ["input.response"]]);
      expect((await factorsOf(user)).passkeys).toEqual([]);
    },
  );

  test("is not registered with a challenge of another user, session or use, or of more than five minutes ago", async () => {
    const [user, other] = [await acme.user("viewer"), await acme.user("viewer")];
    const again = await user.again();
    const authenticator = new SoftwareAuthenticator(passkeyOrigin);
    const options = await registrationOptions(user);
    const { sessions } = await user.run<{ sessions: { id: string; isCurrent: boolean }[] }>("{ sessions { id isCurrent } }");
    const own = { tenantId: acme.id, userId: uuidOf(user.id), id: uuidOf(sessions.find(({ isCurrent }) => isCurrent)?.id ?? "") };
    const challenges = [
      (await registrationOptions(other)).challenge,
      (await registrationOptions(again)).challenge,
      (await loginOptions()).challenge,
      issued({ purpose: "SESSION", ...own }),
      issued({ purpose: "SECOND_FACTOR", ...own }),
      issued({ purpose: "REGISTRATION", ...own }, 302),
    ];
    for (const challenge of challenges)
      expect(problemOf(await registerWith(user, authenticator.create({ ...options, challenge })))).toEqual([
        "BAD_USER_INPUT",
        ["input.response"],
      ]);
    const challenge = issued({ purpose: "REGISTRATION", ...own }, 290);
    expect(codeOf(await registerWith(user, authenticator.create({ ...options, challenge })))).toBe("done");
  });

  test("is registered once, also after it was removed, and of two registrations at the same time one succeeds", async () => {
    const user = await acme.user("viewer");
    const { recoveryCodes, authenticator } = await addPasskey(user);
    const response = await beginPasskey(user, new SoftwareAuthenticator(passkeyOrigin), await proofOf(user, authenticator));
    const answers = await Promise.all([registerWith(user, response), registerWith(user, response)]);
    expect(answers.map(codeOf).toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
    const [, second] = (await factorsOf(user)).passkeys;
    await user.run(remove, { input: { id: second?.id, recoveryCode: recoveryCodes?.[0] } });
    expect(codeOf(await registerWith(user, response))).toBe("BAD_USER_INPUT");
  });

  test("cannot have the credential ID of another one, whoever has it", async () => {
    const [user, attacker] = [await acme.user("viewer"), await acme.user("viewer")];
    const { authenticator } = await addPasskey(user);
    const [credentialId = ""] = authenticator.credentialIds;
    for (const who of [user, attacker]) {
      const response = new SoftwareAuthenticator(passkeyOrigin).create(
        await registrationOptions(who, who === user ? await proofOf(user, authenticator) : undefined),
        { credentialId },
      );
      expect(codeOf(await registerWith(who, response))).toBe("CONFLICT");
    }
    expect((await factorsOf(attacker)).methods).toEqual([]);
    expect(codeOf(await logIn(authenticator.get(await loginOptions())))).toBe("done");
  });

  test.each([
    ["nothing", null],
    ["text", "passkey"],
    ["an empty object", {}],
    ["a list", []],
    [
      "an assertion",
      { id: "AA", rawId: "AA", type: "public-key", response: { clientDataJSON: "AA", authenticatorData: "AA", signature: "AA" } },
    ],
    [
      "a long ID",
      { id: "A".repeat(2000), rawId: "A".repeat(2000), type: "public-key", response: { clientDataJSON: "AA", attestationObject: "AA" } },
    ],
    ["bytes that are no CBOR", { id: "AA", rawId: "AA", type: "public-key", response: { clientDataJSON: "AA", attestationObject: "_w" } }],
  ])("is not registered with %s", async (_what, response) => {
    const user = await acme.user("viewer");
    expect(await user.refusal(register, { input: { response, name: "Phone" } })).toBe("BAD_USER_INPUT");
  });

  test("is not added without one of the second factors that the user has, and neither is an authenticator app", async () => {
    const user = await acme.user("viewer");
    const { authenticator, recoveryCodes } = await addPasskey(user);
    const enrol = "mutation ($factor: SecondFactorCodeInput) { enrolTotp(input: $factor) { secret } }";
    const passkey = authenticator.get(await sessionOptions(user), { isVerified: false });
    for (const operation of [startRegistration, enrol])
      for (const factor of [undefined, null, {}, { code: "000000" }, { recoveryCode: "aaaa" }, { passkey }])
        expect(await user.refusal(operation, { factor })).toBe("BAD_USER_INPUT");
    expect(codeOf(await user.send(startRegistration, { factor: { recoveryCode: recoveryCodes?.[0] } }))).toBe("done");
    expect(codeOf(await user.send(enrol, { factor: await proofOf(user, authenticator) }))).toBe("done");
    const other = await acme.user("viewer");
    const { secret } = await enrolTotp(other);
    expect(await other.refusal(startRegistration)).toBe("BAD_USER_INPUT");
    expect(codeOf(await other.send(startRegistration, { factor: { code: totpCode(secret, Date.now() + 30_000) } }))).toBe("done");
  });

  test("has a name, which its user changes", async () => {
    const user = await acme.user("viewer");
    const { id } = await addPasskey(user);
    expect(await user.run(rename, { input: { id, name: " Work phone " } })).toEqual({
      renamePasskey: { passkey: { id, name: "Work phone" } },
    });
    for (const name of ["", " ", "a\u202Eb", "x".repeat(201)])
      expect(await user.refusal(rename, { input: { id, name } })).toBe("BAD_USER_INPUT");
    expect(await actionsAbout(user, "user.renamePasskey")).toBe(1);
  });

  test("of another user can neither be renamed nor removed", async () => {
    const [user, other] = [await acme.user("viewer"), await acme.user("viewer")];
    const { id } = await addPasskey(user);
    const { recoveryCodes } = await addPasskey(other);
    expect(await other.refusal(rename, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await other.refusal(remove, { input: { id, recoveryCode: recoveryCodes?.[0] } })).toBe("NOT_FOUND");
    expect((await factorsOf(other)).recoveryCodesLeft).toBe(10);
    expect((await factorsOf(user)).passkeys).toMatchObject([{ id, name: "Phone" }]);
  });

  test("cannot be registered without a factor that the user has got meanwhile, and voids an app that was not confirmed", async () => {
    const [first, second] = [await acme.user("viewer"), await acme.user("viewer")];
    const response = await beginPasskey(first);
    await enrolTotp(first);
    expect(problemOf(await registerWith(first, response))).toEqual(["BAD_USER_INPUT", ["input.response"]]);
    const secret = await beginTotp(second);
    await addPasskey(second);
    const confirm = "mutation ($code: String!) { confirmTotp(input: { code: $code }) { recoveryCodes } }";
    expect(await second.refusal(confirm, { code: totpCode(secret) })).toBe("CONFLICT");
  });

  test("is removed with itself or another second factor, and with the last one the recovery codes go", async () => {
    const user = await acme.user("viewer");
    const { id, authenticator } = await addPasskey(user);
    const { secret, recoveryCodes } = await enrolTotp(user, await proofOf(user, authenticator));
    const second = await addPasskey(user, new SoftwareAuthenticator(passkeyOrigin), await proofOf(user, authenticator));
    for (const input of [
      {},
      { code: "000000" },
      { recoveryCode: "aaaa-aaaa" },
      { passkey: {} },
      { code: "000000", recoveryCode: recoveryCodes?.[0] },
    ])
      expect(await user.refusal(remove, { input: { id, ...input } })).toBe("BAD_USER_INPUT");
    await user.run(remove, { input: { id: second.id, passkey: authenticator.get(await sessionOptions(user)) } });
    expect((await weft.mails(user.login)).at(-1)?.subject).toBe("A passkey was removed");
    await user.run(disable, { input: { passkey: authenticator.get(await sessionOptions(user)) } });
    expect((await weft.mails(user.login)).at(-1)?.subject).toBe("Your authenticator app was removed");
    expect(await factorsOf(user)).toMatchObject({ methods: ["PASSKEY", "RECOVERY_CODE"], recoveryCodesLeft: 10 });
    expect(await user.refusal(disable, { input: { code: totpCode(secret) } })).toBe("CONFLICT");
    await user.run(remove, { input: { id, passkey: authenticator.get(await sessionOptions(user)) } });
    expect(await factorsOf(user)).toEqual({ methods: [], recoveryCodesLeft: 0, passkeys: [] });
    expect((await weft.mails(user.login)).at(-1)?.subject).toBe("Two-step login is off");
    expect(codeOf(await anyone.send(login, { input: { login: user.login, password: user.password } }))).toBe("done");
    expect(await user.refusal(startAssertion)).toBe("CONFLICT");
  });

  test("is not removed without a recent login, nor registered", async () => {
    const user = await acme.user("viewer");
    const { id, recoveryCodes, authenticator } = await addPasskey(user);
    await owner`update identity.sessions set authenticated_at = now() - interval '16 minutes' where user_id = ${uuidOf(user.id)}`;
    const input = { id, recoveryCode: recoveryCodes?.[0] };
    await until(async () => (await user.send(startRegistration)).errors?.[0]?.extensions?.code === "REAUTH_REQUIRED", {
      what: "the login is too old",
    });
    expect(await user.refusal(remove, { input })).toBe("REAUTH_REQUIRED");
    await user.run(reauthenticate, { input: { passkey: authenticator.get(await sessionOptions(user)) } });
    expect(codeOf(await user.send(remove, { input }))).toBe("done");
  });

  test("is what a session must register if a second factor is required, and the last one stays", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("viewer");
    await setConfiguration(tenant, { security: { secondFactor: "REQUIRED" } });
    const { data } = await anyone.send<{ login: { accessToken: string; mustEnrolSecondFactor: boolean } }>(login, {
      input: { login: user.login, password: user.password },
    });
    expect(data?.login.mustEnrolSecondFactor).toBe(true);
    const restricted = new ApiClient(weft.url, data?.login.accessToken ?? "") as TestUser;
    const users = "{ users { totalCount } }";
    await until(async () => codeOf(await restricted.send(users)) === "MFA_REQUIRED", { what: "the session is restricted" });
    const authenticator = new SoftwareAuthenticator(passkeyOrigin);
    const { id, recoveryCodes } = await addPasskey(restricted, authenticator);
    await until(async () => codeOf(await restricted.send(users)) === "done", { what: "the session is no longer restricted" });
    const input = { id, recoveryCode: recoveryCodes?.[0] };
    expect(codeOf(await restricted.send(remove, { input }))).toBe("FORBIDDEN");
    const alone = await logIn(authenticator.get(await loginOptions()));
    expect(alone.data?.loginWithPasskey.mustEnrolSecondFactor).toBe(false);
    await addPasskey(restricted, new SoftwareAuthenticator(passkeyOrigin), await proofOf(restricted, authenticator));
    expect(codeOf(await restricted.send(remove, { input }))).toBe("done");
  });

  test("is removed by an administrator together with the other second factors", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    await acme.admin.run("mutation ($id: ID!) { resetSecondFactors(input: { id: $id }) { user { id } } }", { id: user.id });
    expect(await user.refusal(me)).toBe("UNAUTHENTICATED");
    expect(codeOf(await logIn(authenticator.get(await loginOptions())))).toBe("UNAUTHENTICATED");
    expect(codeOf(await anyone.send(login, { input: { login: user.login, password: user.password } }))).toBe("done");
  });

  test("works for users of a vendor, and is refused to a platform operator who acts in the tenant", async () => {
    const { user } = await acme.vendor();
    const { authenticator, id } = await addPasskey(user);
    expect(await factorsOf(user)).toMatchObject({ passkeys: [{ id }], recoveryCodesLeft: 10 });
    expect(codeOf(await logIn(authenticator.get(await loginOptions())))).toBe("done");
    const otto = await (await acme.platform()).actAs(acme);
    expect(await otto.refusal(startRegistration)).toBe("FORBIDDEN");
    expect(await otto.refusal(register, { input: { response: {}, name: "Phone" } })).toBe("FORBIDDEN");
  });

  test("is one of at most twenty", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const late = await beginPasskey(user, new SoftwareAuthenticator(passkeyOrigin), await proofOf(user, authenticator));
    await owner`insert into identity.passkeys (tenant_id, id, user_id, name, credential_id, public_key, sign_count, transports, is_syncable, is_backed_up)
      select tenant_id, gen_random_uuid(), user_id, name, credential_id || n, public_key, 0, '{}', false, false
        from identity.passkeys, generate_series(1, 19) n where user_id = ${uuidOf(user.id)}`;
    expect(codeOf(await registerWith(user, late))).toBe("LIMIT_EXCEEDED");
    expect(await user.refusal(startRegistration)).toBe("LIMIT_EXCEEDED");
  });
});

describe("a passkey as the second factor", () => {
  test("completes a login", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const { extensions } = await user.refused(login, { input: { login: user.login, password: user.password } });
    expect(extensions).toMatchObject({ code: "MFA_REQUIRED", methods: ["PASSKEY", "RECOVERY_CODE"] });
    const mfaToken = String(extensions?.["mfaToken"]);
    const options = await loginOptions(mfaToken);
    expect(options).toMatchObject({
      rpId: "localhost",
      userVerification: "required",
      allowCredentials: [{ id: authenticator.credentialIds[0] }],
    });
    const { data } = await completeWith(mfaToken, authenticator.get(options));
    expect(data).toMatchObject({ completeLogin: { user: { id: user.id }, mustEnrolSecondFactor: false } });
    const [row] = await owner`select factors from identity.sessions where user_id = ${uuidOf(user.id)} order by created_at desc limit 1`;
    expect(row?.["factors"]).toEqual(["PASSWORD", "PASSKEY"]);
    expect((await factorsOf(user)).passkeys[0]?.lastUsedAt).not.toBeNull();
  });

  test("is one of several, and each of them completes a login", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const { secret, recoveryCodes } = await enrolTotp(user, await proofOf(user, authenticator));
    const { extensions } = await user.refused(login, { input: { login: user.login, password: user.password } });
    expect(extensions).toMatchObject({ methods: ["PASSKEY", "TOTP", "RECOVERY_CODE"] });
    const mfaToken = String(extensions?.["mfaToken"]);
    const passkey = authenticator.get(await loginOptions(mfaToken));
    expect(codeOf(await anyone.send(complete, { input: { mfaToken, passkey, code: totpCode(secret) } }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith(mfaToken, passkey))).toBe("done");
    for (const factor of [{ code: totpCode(secret, Date.now() + 30_000) }, { recoveryCode: recoveryCodes[0] }])
      expect(codeOf(await anyone.send(complete, { input: { mfaToken: await pendingLogin(user), ...factor } }))).toBe("done");
  });

  test.each([...deviations, ["the answer to a registration", { type: "webauthn.create" }] as const])(
    "is refused with %s",
    async (_what, deviation) => {
      const user = await acme.user("viewer");
      const { authenticator } = await addPasskey(user);
      const mfaToken = await pendingLogin(user);
      const passkey = authenticator.get(await loginOptions(mfaToken), deviation);
      expect(problemOf(await completeWith(mfaToken, passkey))).toEqual(["BAD_USER_INPUT", ["input.passkey"]]);
      expect(codeOf(await completeWith(mfaToken, authenticator.get(await loginOptions(mfaToken))))).toBe("done");
    },
  );

  test("is refused with a challenge of another login, use or user, and with the passkey of another user", async () => {
    const [user, attacker] = [await acme.user("viewer"), await acme.user("viewer")];
    const { authenticator } = await addPasskey(user);
    const { authenticator: stolen } = await addPasskey(attacker);
    const mfaToken = await pendingLogin(user);
    const options = await loginOptions(mfaToken);
    const challenges = [
      (await loginOptions(await pendingLogin(user))).challenge,
      (await loginOptions()).challenge,
      (await sessionOptions(user)).challenge,
    ];
    for (const challenge of challenges) {
      const sent = await completeWith(mfaToken, authenticator.get({ ...options, challenge }));
      expect(problemOf(sent)).toEqual(["BAD_USER_INPUT", ["input.passkey"]]);
    }
    const { allowCredentials: _, ...unlimited } = options;
    expect(codeOf(await completeWith(mfaToken, stolen.get(unlimited)))).toBe("BAD_USER_INPUT");
    expect(codeOf(await completeWith(mfaToken, authenticator.get(options)))).toBe("done");
    await until(async () => (await actionsAbout(user, "session.secondFactorFailed")) === 4, { what: "the refusals are audited" });
  });

  test("is refused once it is removed, also by a login that already waits for it", async () => {
    const user = await acme.user("viewer");
    const { authenticator, id, recoveryCodes } = await addPasskey(user);
    await addPasskey(user, new SoftwareAuthenticator(passkeyOrigin), await proofOf(user, authenticator));
    const mfaToken = await pendingLogin(user);
    const options = await loginOptions(mfaToken);
    await user.run(remove, { input: { id, recoveryCode: recoveryCodes?.[0] } });
    expect(codeOf(await completeWith(mfaToken, authenticator.get(options)))).toBe("BAD_USER_INPUT");
  });

  test("completes one of two logins with the same answer at the same time", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user, new SoftwareAuthenticator(passkeyOrigin, { isSynced: true }));
    const mfaToken = await pendingLogin(user);
    const passkey = authenticator.get(await loginOptions(mfaToken));
    const codes = (await Promise.all([completeWith(mfaToken, passkey), completeWith(mfaToken, passkey)])).map(codeOf);
    expect(codes.filter((code) => code === "done")).toHaveLength(1);
  });

  test("has options only for a login that can still be completed", async () => {
    const user = await acme.user("viewer");
    const { recoveryCodes } = await addPasskey(user);
    const mfaToken = await pendingLogin(user);
    for (const token of ["", user.refreshToken, `${mfaToken}A`])
      expect(codeOf(await anyone.send(startLogin, { mfaToken: token }))).toBe("UNAUTHENTICATED");
    await anyone.run(complete, { input: { mfaToken, recoveryCode: recoveryCodes?.[0] } });
    expect(codeOf(await anyone.send(startLogin, { mfaToken }))).toBe("UNAUTHENTICATED");
    const withoutPasskey = await acme.user("viewer");
    await enrolTotp(withoutPasskey);
    expect(codeOf(await anyone.send(startLogin, { mfaToken: await pendingLogin(withoutPasskey) }))).toBe("CONFLICT");
  });
});

describe("a login with nothing but a passkey", () => {
  test("opens a session of two factors, on a device that is known afterwards", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const { data } = await logIn(authenticator.get(await loginOptions()), { tenant: acme.slug.toUpperCase() });
    const { accessToken = "", deviceToken = "" } = data?.loginWithPasskey ?? {};
    expect(data).toMatchObject({ loginWithPasskey: { user: { id: user.id }, mustEnrolSecondFactor: false } });
    expect(deviceToken).toMatch(/^wdt_/);
    expect(await new ApiClient(weft.url, accessToken).run(me)).toEqual({ me: { id: user.id } });
    const [row] =
      await owner`select id, factors from identity.sessions where user_id = ${uuidOf(user.id)} order by created_at desc limit 1`;
    expect(row?.["factors"]).toEqual(["PASSKEY"]);
    const recorded = await owner`select 1 from audit.entries where action = 'session.login' and entity_id = ${String(row?.["id"])}`;
    expect(recorded).toHaveLength(1);
    expect(codeOf(await logIn(authenticator.get(await loginOptions()), { deviceToken }))).toBe("done");
  });

  test("begins without a word about users, and without a trace in the database", async () => {
    const statements = await weft.statements(async () =>
      expect(await loginOptions()).toEqual({
        challenge: expect.any(String) as string,
        rpId: "localhost",
        timeout: 300_000,
        userVerification: "required",
      }),
    );
    expect(statements.filter((text) => /insert|update|passkeys|challenges/.test(text))).toEqual([]);
  });

  test("needs no tenant, also of an organization that registered itself, and refuses another one", async () => {
    const [user, globex] = [await acme.user("viewer"), await weft.tenant()];
    const { authenticator } = await addPasskey(user);
    await owner`update identity.tenants set is_self_registered = true where tenant_id = ${globex.id}`;
    const theirs = await globex.user("viewer").catch(() => globex.admin);
    const { authenticator: other } = await addPasskey(theirs);
    expect(codeOf(await logIn(other.get(await loginOptions())))).toBe("done");
    for (const tenant of [globex.slug, "no-such-tenant", ""])
      expect(codeOf(await logIn(authenticator.get(await loginOptions()), { tenant }))).toBe("UNAUTHENTICATED");
  });

  test("is refused with the same answer for every reason", { tags: "slow" }, async () => {
    const [user, globex] = [await acme.user("viewer"), await weft.tenant()];
    const { authenticator } = await addPasskey(user);
    const { authenticator: foreign } = await addPasskey(await globex.user("viewer"));
    const { authenticator: disabled } = await addPasskey(await deactivatedLater());
    const unknown = new SoftwareAuthenticator(passkeyOrigin);
    unknown.create(await registrationOptions(user, await proofOf(user, authenticator)));
    const own = { tenantId: acme.id, userId: uuidOf(user.id), id: acme.id };
    const handleOf = (one: SoftwareAuthenticator) => (one.get({ challenge: "", rpId: "" }).response as { userHandle: string }).userHandle;
    const tries: readonly [string, SoftwareAuthenticator, Deviation][] = [
      ...deviations
        .map(([what, deviation]) => [what, authenticator, deviation] as const)
        .map((each) => [...each] as [string, SoftwareAuthenticator, Deviation]),
      ["the answer to a registration", authenticator, { type: "webauthn.create" }],
      ["a passkey that nobody registered", unknown, {}],
      ["a passkey of a deactivated user", disabled, {}],
      ["the handle of another user", authenticator, { userHandle: handleOf(foreign) }],
      ["a passkey of another tenant, with the handle of this one", foreign, { userHandle: handleOf(authenticator) }],
      ["a handle of nobody", authenticator, { userHandle: Buffer.alloc(32).toString("base64url") }],
      ["a short handle", authenticator, { userHandle: "AA" }],
      [
        "a challenge of a registration",
        authenticator,
        { challenge: (await registrationOptions(user, await proofOf(user, authenticator))).challenge },
      ],
      ["a challenge of a session", authenticator, { challenge: (await sessionOptions(user)).challenge }],
      ["a challenge of a second factor", authenticator, { challenge: issued({ purpose: "SECOND_FACTOR", ...own }) }],
      ["a challenge of more than five minutes ago", authenticator, { challenge: issued({ purpose: "LOGIN" }, 302) }],
    ];
    const answers = new Set<string>();
    for (const [what, one, deviation] of tries) {
      const { data, errors } = await logIn(one.get(await loginOptions(), deviation));
      expect([what, data?.loginWithPasskey ?? null]).toEqual([what, null]);
      answers.add(JSON.stringify(errors?.map(({ message, extensions }) => [message, extensions?.code])));
    }
    expect([...answers]).toEqual([expect.stringContaining("UNAUTHENTICATED")]);
    const tampered = authenticator.get(await loginOptions());
    const { signature = "" } = tampered.response as { signature?: string };
    const changed = { ...tampered, response: { ...(tampered.response as object), signature: `${signature.slice(0, -6)}AAAAAA` } };
    expect(codeOf(await logIn(changed))).toBe("UNAUTHENTICATED");
    await until(async () => (await actionsAbout(user, "session.loginFailed")) > 10, { what: "the refusals are audited" });
    expect(codeOf(await logIn(authenticator.get(await loginOptions(), { challenge: issued({ purpose: "LOGIN" }, 290) })))).toBe("done");
  });

  /** Returns a user who is deactivated, after having logged in. */
  async function deactivatedLater(): Promise<TestUser> {
    const user = await acme.user("viewer");
    const run = user.run.bind(user);
    return Object.assign(Object.create(user) as TestUser, {
      run: async (...args: Parameters<TestUser["run"]>) => {
        const answer = await run(...args);
        if (args[0].includes("registerPasskey("))
          await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id });
        return answer;
      },
    });
  }

  test("is accepted once, whether the answer is repeated later or at the same time", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user, new SoftwareAuthenticator(passkeyOrigin, { isSynced: true }));
    const passkey = authenticator.get(await loginOptions());
    const codes = (await Promise.all([logIn(passkey), logIn(passkey), logIn(passkey)])).map(codeOf);
    expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED", "done"]);
    expect(codeOf(await logIn(passkey))).toBe("UNAUTHENTICATED");
    // It answers the same challenge with another signature.
    const { challenge } = JSON.parse(
      Buffer.from((passkey.response as { clientDataJSON: string }).clientDataJSON, "base64url").toString(),
    ) as Options;
    expect(codeOf(await logIn(authenticator.get({ ...(await loginOptions()), challenge })))).toBe("UNAUTHENTICATED");
    expect(await actionsAbout(user, "session.passkeyCloneSuspected")).toBe(0);
  });

  test("is refused and recorded as a possible clone if the signature counter has not grown", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    expect(codeOf(await logIn(authenticator.get(await loginOptions(), { signCount: 7 })))).toBe("done");
    for (const signCount of [7, 6, 0]) {
      expect(codeOf(await logIn(authenticator.get(await loginOptions(), { signCount })))).toBe("UNAUTHENTICATED");
    }
    const mfaToken = await pendingLogin(user);
    expect(codeOf(await completeWith(mfaToken, authenticator.get(await loginOptions(mfaToken), { signCount: 7 })))).toBe("BAD_USER_INPUT");
    await until(async () => (await actionsAbout(user, "session.passkeyCloneSuspected")) === 4, { what: "the refusals are audited" });
    expect(codeOf(await logIn(authenticator.get(await loginOptions(), { signCount: 8 })))).toBe("done");
  });

  test("with the same counter from two copies at the same time succeeds once", async () => {
    const user = await acme.user("viewer");
    const { authenticator } = await addPasskey(user);
    const copies = [await loginOptions(), await loginOptions()].map((options) => authenticator.get(options, { signCount: 5 }));
    const codes = (await Promise.all(copies.map((passkey) => logIn(passkey)))).map(codeOf);
    expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "done"]);
  });

  test("says that the organization is suspended only after a right signature, and nothing of an archived one", async () => {
    const tenant = await weft.tenant();
    const { authenticator } = await addPasskey(await tenant.user("viewer"));
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
    expect(codeOf(await logIn(authenticator.get(await loginOptions(), { isVerified: false })))).toBe("UNAUTHENTICATED");
    const passkey = authenticator.get(await loginOptions());
    expect(codeOf(await logIn(passkey))).toBe("TENANT_SUSPENDED");
    await owner`update identity.tenants set status = 'ARCHIVED' where tenant_id = ${tenant.id}`;
    expect(codeOf(await logIn(authenticator.get(await loginOptions())))).toBe("UNAUTHENTICATED");
  });

  test("is refused if the organization requires single sign-on, except for break-glass users and those of vendors", async () => {
    const tenant = await weft.tenant();
    const [user, vendor] = [await tenant.user("viewer"), (await tenant.vendor()).user];
    const [{ authenticator }, { authenticator: theirs }] = [await addPasskey(user), await addPasskey(vendor)];
    await owner`update identity.users set is_break_glass = true where id = ${uuidOf(tenant.admin.id)}`;
    await owner`insert into identity.identity_providers (tenant_id, id, kind, name, status, configuration, creates_users, accepts_unverified_email, redirect_urls, created_by)
      values (${tenant.id}, gen_random_uuid(), 'OIDC', 'P', 'ACTIVE', '{}', false, false, '{}', ${uuidOf(tenant.admin.id)})`;
    await setConfiguration(tenant, { security: { singleSignOn: "REQUIRED" } });
    await until(async () => codeOf(await logIn(authenticator.get(await loginOptions()))) === "UNAUTHENTICATED", {
      what: "the setting applies",
    });
    expect(codeOf(await logIn(theirs.get(await loginOptions())))).toBe("done");
    await owner`update identity.users set is_break_glass = true where id = ${uuidOf(user.id)}`;
    expect(codeOf(await logIn(authenticator.get(await loginOptions())))).toBe("done");
  });

  test("obeys the limit of sessions", async () => {
    const tenant = await weft.tenant();
    const user = await tenant.user("viewer");
    const { authenticator } = await addPasskey(user);
    await setConfiguration(tenant, { security: { maxSessions: 1, sessionLimitReached: "REFUSE" } });
    await until(async () => codeOf(await logIn(authenticator.get(await loginOptions()))) === "LIMIT_EXCEEDED", {
      what: "the limit applies",
    });
    await setConfiguration(tenant, { security: { maxSessions: 1, sessionLimitReached: "END_OLDEST" } });
    await until(async () => codeOf(await logIn(authenticator.get(await loginOptions()))) === "done", { what: "the other limit applies" });
    await until(async () => (await user.send(me)).errors?.[0]?.extensions?.code === "UNAUTHENTICATED", { what: "the oldest session ends" });
  });
});

describe("a user who has only passkeys", () => {
  test("is told of several wrong recovery codes after the right password, like users of authenticator apps", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const { recoveryCodes } = await addPasskey(user);
    const warnings = async () =>
      (await weft.mails(user.login)).filter(({ subject }) => subject === "Several wrong codes after your password").length;
    const counted = (count: number) =>
      until(
        async () =>
          (await owner`select code_count from identity.wrong_codes where user_id = ${uuidOf(user.id)}`)[0]?.["code_count"] === count,
        { what: `${count} codes are counted` },
      );
    const guess = async (count: number) => {
      const mfaToken = await pendingLogin(user);
      for (let n = 0; n < count; n++)
        expect(codeOf(await anyone.send(complete, { input: { mfaToken, recoveryCode: "aaaa-aaaa-aaaa-aaaa" } }))).toBe("BAD_USER_INPUT");
    };
    await guess(3);
    await counted(3);
    // A right code begins the count again.
    expect(codeOf(await anyone.send(complete, { input: { mfaToken: await pendingLogin(user), recoveryCode: recoveryCodes?.[0] } }))).toBe(
      "done",
    );
    await counted(0);
    await guess(4);
    await counted(4);
    expect(await warnings()).toBe(0);
    await guess(1);
    await until(async () => (await warnings()) === 1, { what: "the user is told" });
  });
});

describe("a recent login", () => {
  test("is renewed with a passkey of this session's own challenge", async () => {
    const user = await acme.user("admin");
    const { authenticator } = await addPasskey(user);
    const options = await sessionOptions(user);
    const [other] = [await acme.user("admin")];
    const { authenticator: theirs } = await addPasskey(other);
    const { allowCredentials: _, ...unlimited } = options;
    const wrong: object[] = [
      { passkey: authenticator.get(options, { isVerified: false }) },
      { passkey: authenticator.get({ ...options, challenge: (await loginOptions()).challenge }) },
      { passkey: authenticator.get({ ...options, challenge: (await sessionOptions(other)).challenge }) },
      { passkey: theirs.get(unlimited) },
      { passkey: authenticator.get(await sessionOptions(user)), password: user.password },
      { passkey: "x" },
      { passkey: null },
    ];
    for (const input of wrong) expect(await user.refusal(reauthenticate, { input })).toBe("BAD_USER_INPUT");
    const passkey = authenticator.get(options);
    expect(await user.run(reauthenticate, { input: { passkey } })).toMatchObject({ reauthenticate: {} });
    expect(await user.refusal(reauthenticate, { input: { passkey } })).toBe("BAD_USER_INPUT");
  });
});
