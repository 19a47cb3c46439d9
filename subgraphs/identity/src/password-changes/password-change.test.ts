import { randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { surplusPasswords } from "@weft/platform/passwords";
import {
  addPasskey,
  ApiClient,
  enrolTotp,
  type SoftwareAuthenticator,
  startTestWeft,
  type TestTenant,
  TestUser,
  type TestWeft,
  until,
  userWithKey,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { createUserWithRoles } from "../provisioning/provisioning.js";
import { finishAfterAnswers } from "../sessions/after-answer.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startBreachService, unleaked, type BreachService } from "@weft/testkit/network/breach-service";

const change = "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
const request = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { message } }";
const reset = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { slug } }";
const start = "mutation ($input: KeyedIdInput!) { startPasswordReset(input: $input) { user { id } } }";
const me = "{ me { id isEmailVerified } }";
const another = "a winding road 77";
const leaked = "a leaked river 1234";

let breaches: BreachService;
let weft: TestWeft;
let owner: postgres.Sql;
/** A further connection, which sees what the others wait for. */
let spy: postgres.Sql;
let acme: TestTenant;
let anyone: ApiClient;
beforeAll(async () => {
  breaches = await startBreachService([leaked]);
  weft = await startTestWeft({ settings: { PASSWORD_BREACH_URL: `${breaches.url}/`, WEFT_OUTBOUND_ALLOWED: breaches.host } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  spy = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await weft.tenant();
  anyone = new ApiClient(weft.url);
});
afterAll(async () => {
  await Promise.all([owner.end(), spy.end()]);
  await weft.stop();
  await breaches.close();
});
/** An address gets one link of a kind in a minute, and six emails in an hour. */
beforeEach(() => owner`update app.mails set created_at = created_at - interval '2 hours'`);

const codeOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.code ?? "done";
const canLogIn = async (login: string, password: string): Promise<boolean> =>
  codeOf(await anyone.send("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", { input: { login, password } })) ===
  "done";
const mailsTo = (email: string) => weft.mails(email);
const setTo = async (token: string, password = another) => codeOf(await anyone.send(reset, { input: { token, password } }));

/** Logs in with nothing but a passkey. */
async function passkeyLogin(authenticator: SoftwareAuthenticator): Promise<string> {
  const { startPasskeyLogin } = await anyone.run<{ startPasskeyLogin: { options: unknown } }>(
    "mutation { startPasskeyLogin(input: {}) { options } }",
  );
  const passkey = authenticator.get(startPasskeyLogin.options);
  return codeOf(
    await anyone.send("mutation ($passkey: JSON!) { loginWithPasskey(input: { passkey: $passkey }) { accessToken } }", { passkey }),
  );
}

/** Returns the token of the newest link, once it was emailed. */
async function requested({ login }: TestUser): Promise<string> {
  const before = (await mailsTo(login)).length;
  await anyone.run(request, { input: { login } });
  await until(async () => (await mailsTo(login)).length > before, { what: "the link was emailed" });
  return (await mailsTo(login)).at(-1)?.token ?? "";
}

describe("changePassword", () => {
  test("sets the new password, keeps the session, ends the other ones, and tells the user", async () => {
    const user = await acme.user("viewer");
    const other = await user.again();
    const input = { currentPassword: user.password, newPassword: another };
    expect(await user.run(change, { input })).toEqual({ changePassword: { user: { id: user.id } } });
    expect(await canLogIn(user.login, user.password)).toBe(false);
    expect(await canLogIn(user.login, another)).toBe(true);
    expect(codeOf(await user.send(me))).toBe("done");
    expect(await other.refusal(me)).toBe("UNAUTHENTICATED");
    const refresh = "mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken } }";
    expect(codeOf(await anyone.send(refresh, { token: other.refreshToken }))).toBe("UNAUTHENTICATED");
    const [mail, ...more] = await mailsTo(user.login);
    expect([mail?.subject, more]).toEqual(["Your password was changed", []]);
    expect(mail?.text).not.toContain(another);
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: unknown }[] } }>(
      `{ auditEntries(filter: { action: { eq: "user.changePassword" } }) { edges { node { actor { id } } } } }`,
    );
    expect(auditEntries.edges).toEqual([{ node: { actor: { id: user.id } } }]);
  });

  test.each([
    ["a wrong current password", { currentPassword: "not my password" }, "input.currentPassword"],
    ["a new password that is too short", { newPassword: "abc" }, "input.newPassword"],
    ["a new password that everybody uses", { newPassword: "password123" }, "input.newPassword"],
    ["the current password again", {}, "input.newPassword"],
  ])("refuses %s, and nothing changes", async (_, given, path) => {
    const user = await acme.user("viewer");
    const input = { currentPassword: user.password, newPassword: "newPassword" in given ? given.newPassword : another, ...given };
    if (Object.keys(given).length === 0) input.newPassword = user.password;
    const { extensions } = await user.refused(change, { input });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
    expect(await canLogIn(user.login, user.password)).toBe(true);
  });

  test("keeps the user's API keys, and the email tells how many there are", async () => {
    const user = await acme.user("viewer");
    const program = await userWithKey(user, ["user.read"]);
    await user.run(change, { input: { currentPassword: user.password, newPassword: another } });
    expect(codeOf(await program.send(me))).toBe("done");
    expect((await mailsTo(user.login)).at(-1)?.text).toContain("Your account has 1 API key,");
  });

  test("of two at the same time, one succeeds", async () => {
    const user = await acme.user("viewer");
    const attempt = async (newPassword: string) =>
      codeOf(await user.send(change, { input: { currentPassword: user.password, newPassword } }));
    const codes = await Promise.all([attempt("a quiet river 1"), attempt("a quiet river 2")]);
    expect(codes.filter((code) => code === "done")).toHaveLength(1);
    expect(
      (await Promise.all(["a quiet river 1", "a quiet river 2"].map((one) => canLogIn(user.login, one)))).filter(Boolean),
    ).toHaveLength(1);
  });

  test("refuses the current password in another spelling", async () => {
    const user = await acme.user("viewer");
    const newPassword = user.password.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    expect(newPassword).not.toBe(user.password);
    const { extensions } = await user.refused(change, { input: { currentPassword: user.password, newPassword } });
    expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.newPassword" }] });
  });

  test("writes guesses to the audit log, and no password", async () => {
    const user = await acme.user("viewer");
    await user.refused(change, { input: { currentPassword: "a guessed password", newPassword: another } });
    await user.run(change, { input: { currentPassword: user.password, newPassword: another } });
    const entries = () =>
      owner`select action, before, after from audit.entries where entity_id = ${parseAnyId(user.id)?.uuid ?? ""} order by id`;
    await until(async () => (await entries()).some((row) => row["action"] === "user.changePasswordFailed"), {
      what: "the guess is audited",
    });
    const text = JSON.stringify(await entries());
    for (const secret of ["a guessed password", another, user.password, "$argon2"]) expect(text).not.toContain(secret);
    expect(text).toContain("user.changePassword");
  });

  test("and a reset are refused to a platform operator who acts in the tenant", async () => {
    const otto = await (await acme.platform()).actAs(acme);
    expect(await otto.refusal(change, { input: { currentPassword: "", newPassword: another } })).toBe("FORBIDDEN");
    expect(await otto.refusal(start, { input: { id: acme.admin.id } })).toBe("FORBIDDEN");
  });

  test("works for users of a vendor, and makes links of before void", { tags: "slow" }, async () => {
    const { user } = await acme.vendor();
    const token = await requested(user);
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    await user.run(change, { input: { currentPassword: user.password, newPassword: another } });
    expect(await setTo(token, "a quiet river 43")).toBe("UNAUTHENTICATED");
    expect(await canLogIn(user.login, another)).toBe(true);
  });
});

describe("a reset", () => {
  test("sets the new password with the emailed link, once, ends all sessions, and proves the email address", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const token = await requested(user);
    const [mail] = await mailsTo(user.login);
    expect(mail?.text).toContain(`http://127.0.0.1:4000/reset-password#token=${token}\n`);
    expect(await anyone.run(reset, { input: { token, password: another } })).toEqual({ resetPassword: { slug: acme.slug } });
    expect(await user.refusal(me)).toBe("UNAUTHENTICATED");
    expect(await canLogIn(user.login, user.password)).toBe(false);
    const again = await TestUser.login(weft.url, user.login, another);
    expect(await again.run(me)).toEqual({ me: { id: user.id, isEmailVerified: true } });
    expect(await setTo(token, "a quiet river 43")).toBe("UNAUTHENTICATED");
    expect((await mailsTo(user.login)).map(({ subject }) => subject)).toEqual(["Reset your password", "Your password was changed"]);
  });

  test("is emailed at once to a user who was just told that the password has changed", async () => {
    const user = await acme.user("viewer");
    await user.run(change, { input: { currentPassword: user.password, newPassword: another } });
    expect(await setTo(await requested(user), "the owner's word 12")).toBe("done");
    expect((await mailsTo(user.login)).map(({ subject }) => subject).slice(0, 2)).toEqual([
      "Your password was changed",
      "Reset your password",
    ]);
  });

  test("is emailed however many notices the user got, which somebody else can cause", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    let current = user.password;
    for (const next of Array.from({ length: 6 }, (_, turn) => `a winding road ${turn}`)) {
      await user.run(change, { input: { currentPassword: current, newPassword: next } });
      current = next;
    }
    expect(await setTo(await requested(user))).toBe("done");
  });

  test("does not prevent notices, however often somebody else requests it", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    for (let requests = 0; requests < 5; requests++) {
      await requested(user);
      await owner`update app.mails set created_at = created_at - interval '2 minutes'`;
    }
    await user.run(change, { input: { currentPassword: user.password, newPassword: another } });
    await user.run(change, { input: { currentPassword: another, newPassword: "a winding road 78" } });
    expect((await mailsTo(user.login)).filter(({ subject }) => subject === "Your password was changed")).toHaveLength(2);
  });

  test("is emailed to an address once in a minute", async () => {
    const user = await acme.user("viewer");
    await requested(user);
    await anyone.run(request, { input: { login: user.login } });
    await finishAfterAnswers(weft.weft.services);
    expect(await mailsTo(user.login)).toHaveLength(1);
  });

  test("ends the user's API keys, which somebody else may have created", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const [first, second] = [await userWithKey(user, ["user.read"]), await userWithKey(user, ["request.read"])];
    // The emails about the keys.
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    expect(await setTo(await requested(user))).toBe("done");
    for (const program of [first, second]) expect(await program.refusal(me)).toBe("UNAUTHENTICATED");
    const { apiKeys } = await (
      await TestUser.login(weft.url, user.login, another)
    ).run<{ apiKeys: { edges: unknown[] } }>("{ apiKeys { edges { node { status revokedBy { id } } } } }");
    expect(apiKeys.edges).toEqual([1, 2].map(() => ({ node: { status: "REVOKED", revokedBy: { id: user.id } } })));
    expect((await mailsTo(user.login)).at(-1)?.text).not.toContain("API key");
  });

  test("works once when many use the link at the same time", async () => {
    const user = await acme.user("viewer");
    const token = await requested(user);
    const codes = await Promise.all([1, 2, 3, 4].map((number) => setTo(token, `a quiet river ${number}`)));
    expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED", "done"]);
  });

  test("is answered in the same way for unknown, deactivated and invited users, who get no link", async () => {
    const [user, disabled] = [await acme.user("viewer"), await acme.user("viewer")];
    await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: disabled.id });
    const invited = `${randomUUID()}@example.com`;
    await acme.admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", {
      input: { email: invited, name: "Ben" },
    });
    const answers = [];
    for (const login of [user.login, disabled.login, invited, `${randomUUID()}@example.com`, "x".repeat(10_000)])
      answers.push(await anyone.send(request, { input: { login } }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.data)))).toHaveProperty("size", 1);
    await until(async () => (await mailsTo(user.login)).length === 1, { what: "the link was emailed" });
    expect((await mailsTo(disabled.login)).map(({ subject }) => subject)).toEqual([]);
    expect((await mailsTo(invited)).filter(({ subject }) => subject === "Reset your password")).toEqual([]);
  });

  test("link is void once it is replaced, expired, or the user has another email address or is deactivated", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const first = await requested(user);
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    const second = await requested(user);
    expect(await setTo(first)).toBe("UNAUTHENTICATED");
    await owner`update identity.one_time_tokens set expires_at = now() where purpose = 'PASSWORD_RESET' and used_at is null and revoked_at is null`;
    expect(await setTo(second)).toBe("UNAUTHENTICATED");
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    const third = await requested(user);
    await acme.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id: user.id, email: `${randomUUID()}@example.com` },
    });
    expect(await setTo(third)).toBe("UNAUTHENTICATED");
    const leaver = await acme.user("viewer");
    const fourth = await requested(leaver);
    await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: leaver.id });
    expect(await setTo(fourth)).toBe("UNAUTHENTICATED");
  });

  test("link stays void when the user gets back the former email address", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const link = await requested(user);
    for (const email of [`${randomUUID()}@example.com`, user.login])
      await acme.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
        input: { id: user.id, email },
      });
    expect(await setTo(link)).toBe("UNAUTHENTICATED");
  });

  test("refuses a session that somebody opens with the old password at the same moment", { tags: "slow" }, async () => {
    const user = await acme.user("viewer");
    const token = await requested(user);
    const lock = await owner.reserve();
    const waiting = async () =>
      (await spy`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length;
    try {
      await lock`begin`;
      await lock`select 1 from identity.users where id = ${parseAnyId(user.id)?.uuid ?? ""} for update`;
      const resetting = setTo(token);
      await until(async () => (await waiting()) === 1, { what: "the reset waits" });
      const session = anyone.send("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", {
        input: { login: user.login, password: user.password },
      });
      await until(async () => (await waiting()) === 2, { what: "the login waits, too" });
      await lock`commit`;
      expect([await resetting, codeOf(await session)]).toEqual(["done", "UNAUTHENTICATED"]);
    } finally {
      lock.release();
    }
  });

  test(
    "is emailed to the owner of the address only, once somebody has proven it, and before to each user with the name",
    { tags: "slow" },
    async () => {
      const eve = await weft.tenant();
      const user = await acme.user("viewer");
      const twin = { email: user.login, name: "Twin", password: "a password of eve", roles: ["viewer"] };
      await createUserWithRoles(weft.weft.services, eve.id, twin);
      const before = (await mailsTo(user.login)).length;
      await anyone.run(request, { input: { login: user.login } });
      await until(async () => (await mailsTo(user.login)).length === before + 2, { what: "both links were emailed" });
      await owner`update app.mails set created_at = created_at - interval '2 hours'`;
      await owner`update identity.users set email_verified_at = now() where tenant_id = ${acme.id} and email = ${user.login}`;
      const token = await requested(user);
      expect(await setTo(token)).toBe("done");
      expect(await canLogIn(user.login, another)).toBe(true);
      expect(
        (await owner`select from identity.users where tenant_id = ${eve.id} and email = ${user.login} and email_verified_at is null`)
          .length,
      ).toBe(1);
    },
  );

  test("emails nobody of a suspended organization, with the same answer", async () => {
    const suspended = await weft.tenant();
    const user = await suspended.user("viewer");
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${suspended.id}`;
    expect(codeOf(await anyone.send(request, { input: { login: user.login } }))).toBe("done");
    await finishAfterAnswers(weft.weft.services);
    expect(await owner`select 1 from identity.one_time_tokens where tenant_id = ${suspended.id}`).toEqual([]);
  });

  test("keeps no token in the database, in events, or in the audit log", async () => {
    const user = await acme.user("viewer");
    const token = await requested(user);
    await setTo(token);
    const tables = ["app.mails", "identity.one_time_tokens", "identity.users", "audit.entries", "events.log"];
    for (const table of tables)
      expect([table, JSON.stringify(await owner.unsafe(`select * from ${table}`)).includes(token)]).toEqual([table, false]);
  });

  test("refuses a bad password without using up the link, and links of another kind", async () => {
    const user = await acme.user("viewer");
    const token = await requested(user);
    expect(await setTo(token, "abc")).toBe("BAD_USER_INPUT");
    expect(await setTo(token.replace("wpr_", "wev_"))).toBe("UNAUTHENTICATED");
    expect(await setTo(token)).toBe("done");
  });

  test("can be requested ten times in a quarter of an hour for a name, whether it exists or not", async () => {
    const user = await acme.user("viewer");
    for (const login of [user.login, `${randomUUID()}@example.com`]) {
      const codes: string[] = [];
      for (let count = 0; count < 11; count++) codes.push(codeOf(await anyone.send(request, { input: { login } })));
      expect(codes).toEqual([...Array.from({ length: 10 }, () => "done"), "RATE_LIMITED"]);
    }
    expect((await mailsTo(user.login)).length).toBeLessThanOrEqual(1);
  });

  test(
    "by the owner of an address that nobody had proven removes the passkeys of whoever used the account before",
    { tags: "slow" },
    async () => {
      const stranger = await acme.user("viewer");
      const planted = await addPasskey(stranger);
      await owner`update app.mails set created_at = created_at - interval '2 hours'`;
      expect(await setTo(await requested(stranger))).toBe("done");
      expect(await passkeyLogin(planted.authenticator)).toBe("UNAUTHENTICATED");
      // No factor of the stranger is asked for either.
      expect(await canLogIn(stranger.login, another)).toBe(true);
      expect(
        await owner`select action from audit.entries where entity_id = ${parseAnyId(stranger.id)?.uuid ?? ""} and action = 'user.removePasskey'`,
      ).toHaveLength(1);
    },
  );

  test(
    "removes no authenticator app, and no passkey of an owner who had proven the address, and tells how many there are",
    { tags: "slow" },
    async () => {
      const [owning, withApp] = [await acme.user("viewer"), await acme.user("viewer")];
      const { authenticator } = await addPasskey(owning);
      await enrolTotp(withApp);
      await owner`update identity.users set email_verified_at = now() where id = ${parseAnyId(owning.id)?.uuid ?? ""}`;
      await owner`update app.mails set created_at = created_at - interval '2 hours'`;
      for (const user of [owning, withApp]) expect(await setTo(await requested(user))).toBe("done");
      expect(await passkeyLogin(authenticator)).toBe("done");
      for (const { login } of [owning, withApp]) expect(await canLogIn(login, another)).toBe(false);
      const told = await until(async () => (await mailsTo(owning.login)).find(({ text }) => text.includes("1 passkey")), {
        what: "the user was told of the passkey",
      });
      expect(told.text).toContain("with which one can log in without the password");
    },
  );
});

describe("a temporary password", () => {
  const configure = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
  const create = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
  const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
  const chosenByAdmin = "a cold harbor 11";
  let strict: TestTenant;
  let made = 0;
  beforeAll(async () => {
    strict = await weft.tenant();
    // A demo has lasting passwords, unless a configuration says otherwise.
    await strict.admin.run(configure, { input: { patch: { security: { temporaryPasswords: true } }, message: "A test" } });
  });

  /** Creates a user with a password that the administrator knows. */
  async function newUser(): Promise<{ id: string; email: string }> {
    const email = `temporary-${++made}@${strict.slug}.example`;
    const input = { email, name: "Noor", roleKeys: ["viewer"], password: chosenByAdmin };
    const { createUser } = await strict.admin.run<{ createUser: { user: { id: string } } }>(create, { input });
    return { id: createUser.user.id, email };
  }
  /** Returns the token that a login with the password gives. */
  async function tokenOf(email: string, password = chosenByAdmin): Promise<string> {
    const answer = await anyone.send(login, { input: { login: email, password } });
    expect([codeOf(answer), answer.data?.["login"]]).toEqual(["PASSWORD_CHANGE_REQUIRED", null]);
    return String(answer.errors?.[0]?.extensions?.["resetToken"]);
  }

  test("opens no session until the user has replaced it, which does not prove the email address", async () => {
    const { email, id } = await newUser();
    const token = await tokenOf(email);
    expect(await canLogIn(email, "not the password")).toBe(false);
    expect(await setTo(token)).toBe("done");
    expect(await canLogIn(email, chosenByAdmin)).toBe(false);
    const user = await TestUser.login(weft.url, email, another);
    expect(await user.run(me)).toEqual({ me: { id, isEmailVerified: false } });
    expect(await setTo(token, "yet another road 3")).toBe("UNAUTHENTICATED");
  });

  test("cannot become the lasting one, and a bad password does not use up the token", async () => {
    const { email } = await newUser();
    const token = await tokenOf(email);
    expect(await setTo(token, chosenByAdmin)).toBe("BAD_USER_INPUT");
    expect(await setTo(token, "short")).toBe("BAD_USER_INPUT");
    expect(await setTo(token)).toBe("done");
  });

  test("is replaced by one of two at the same time, and by the newest token only", async () => {
    const { email } = await newUser();
    const former = await tokenOf(email);
    const token = await tokenOf(email);
    expect(await setTo(former)).toBe("UNAUTHENTICATED");
    const outcomes = await Promise.all([setTo(token), setTo(token, "the other road 5")]);
    expect(outcomes.toSorted()).toEqual(["UNAUTHENTICATED", "done"]);
  });

  test(
    "gives no token that works after the user was deactivated, got another address, or reset the password by email",
    { tags: "slow" },
    async () => {
      const [leaving, moving, resetting] = [await newUser(), await newUser(), await newUser()];
      const tokens = [await tokenOf(leaving.email), await tokenOf(moving.email), await tokenOf(resetting.email)];
      await strict.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: leaving.id });
      const email = `moved-${made}@${strict.slug}.example`;
      await strict.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
        input: { id: moving.id, email },
      });
      // The password stays temporary, although its token is void.
      await tokenOf(email);
      await anyone.run(request, { input: { login: resetting.email } });
      const mailed = await until(async () => (await mailsTo(resetting.email)).at(-1)?.token, { what: "the link was emailed" });
      expect(await setTo(mailed, "a road by email 8")).toBe("done");
      expect(await canLogIn(resetting.email, "a road by email 8")).toBe(true);
      for (const token of tokens) expect(await setTo(token)).toBe("UNAUTHENTICATED");
      expect(await canLogIn(leaving.email, chosenByAdmin)).toBe(false);
    },
  );

  test("gives no token that works once the user has replaced it in a session", async () => {
    const { email } = await newUser();
    expect(await setTo(await tokenOf(email))).toBe("done");
    const user = await TestUser.login(weft.url, email, another);
    // As if the session were one of single sign-on or of a passkey, of a user whose password is temporary.
    await owner`update identity.users set is_password_temporary = true where id = ${parseAnyId(user.id)?.uuid ?? ""}`;
    const [voided, ofOther] = [await tokenOf(email, another), "the road of a thief 6"];
    await user.run(change, { input: { currentPassword: another, newPassword: "my own road 9" } });
    expect(await setTo(voided, ofOther)).toBe("UNAUTHENTICATED");
    // Whatever else may have replaced the temporary password.
    await owner`update identity.users set is_password_temporary = true where id = ${parseAnyId(user.id)?.uuid ?? ""}`;
    const token = await tokenOf(email, "my own road 9");
    await owner`update identity.users set is_password_temporary = false where id = ${parseAnyId(user.id)?.uuid ?? ""}`;
    expect(await setTo(token, ofOther)).toBe("UNAUTHENTICATED");
    expect(await canLogIn(email, "my own road 9")).toBe(true);
  });

  test("is written to no log, and its login appears in the audit log", async () => {
    const { email, id } = await newUser();
    const token = await tokenOf(email);
    const rows = await owner`select action, before, after from audit.entries where entity_id = ${parseAnyId(id)?.uuid ?? ""} order by id`;
    expect(rows.map((row) => row["action"] as string)).toEqual(["user.create", "user.beginPasswordChange"]);
    const events = await owner`select payload from events.log where subject_id = ${parseAnyId(id)?.uuid ?? ""}`;
    expect(JSON.stringify([rows, events])).not.toMatch(new RegExp(`${token.slice(0, 30)}|${chosenByAdmin}`));
  });

  test("lasts if the tenant's configuration says so", async () => {
    const lax = await weft.tenant();
    await lax.admin.run(configure, { input: { patch: { security: { temporaryPasswords: false } }, message: "A test" } });
    const email = `lasting@${lax.slug}.example`;
    await lax.admin.run(create, { input: { email, name: "Noor", roleKeys: ["viewer"], password: chosenByAdmin } });
    expect(await canLogIn(email, chosenByAdmin)).toBe(true);
  });
});

describe("startPasswordReset", () => {
  test("emails the user a link, and the old password works until it is used", async () => {
    const user = await acme.user("viewer");
    expect(await acme.admin.run(start, { input: { id: user.id } })).toEqual({ startPasswordReset: { user: { id: user.id } } });
    expect(await canLogIn(user.login, user.password)).toBe(true);
    expect(await setTo((await mailsTo(user.login)).at(-1)?.token ?? "")).toBe("done");
    expect(await canLogIn(user.login, another)).toBe(true);
  });

  test("needs the right to change the user, who must be active", async () => {
    const user = await acme.user("viewer");
    expect(await user.refusal(start, { input: { id: acme.admin.id } })).toBe("FORBIDDEN");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(start, { input: { id: user.id } })).toBe("NOT_FOUND");
    await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: user.id });
    expect(await acme.admin.refusal(start, { input: { id: user.id } })).toBe("CONFLICT");
  });
});

describe("a password with a name", () => {
  const problemsOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.["problems"];
  const refusedAt = (path: string) => [{ path, message: expect.stringContaining("contains your name, your email address") as string }];

  test("of the user, the organization or the product is refused wherever a password is set", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const configure = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
    // The public passwords of a demo contain names, until a configuration has a rule for passwords.
    await tenant.admin.run(configure, { input: { patch: { security: { passwordMinLength: 8 } }, message: "A test" } });
    const create = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    const mailbox = `mailbox${randomUUID().slice(0, 8)}`;
    const person = { email: `${mailbox}@example.com`, username: `handle${randomUUID().slice(0, 8)}`, name: "Noor Lindqvist" };
    const passwords = [
      "the lindqvist river 42",
      `${mailbox.toUpperCase()}!42`,
      `42 ${person.username} 42`,
      `${tenant.slug.slice(0, 3)}${tenant.slug.slice(3)} 2026`,
      "a WEFT river 42",
    ];
    for (const password of passwords)
      expect(problemsOf(await tenant.admin.send(create, { input: { ...person, password } })), password).toEqual(
        refusedAt("input.password"),
      );
    await tenant.admin.run(create, { input: { ...person, roleKeys: ["viewer"], password: "a quiet river 42" } });
    const user = await TestUser.login(weft.url, person.email, "a quiet river 42");
    const token = await requested(user);
    for (const password of passwords) {
      const input = { currentPassword: user.password, newPassword: password };
      expect(problemsOf(await user.send(change, { input }))).toEqual(refusedAt("input.newPassword"));
      expect(problemsOf(await anyone.send(reset, { input: { token, password } }))).toEqual(refusedAt("input.password"));
    }
    const email = `${randomUUID()}@example.com`;
    await tenant.admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", {
      input: { email, name: "Ben" },
    });
    const invitation = (await mailsTo(email)).at(-1)?.token ?? "";
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { slug } }";
    for (const password of ["my name is Mandelbrot", "a WEFT river 42"])
      expect(problemsOf(await anyone.send(accept, { input: { token: invitation, password, name: "Ben Mandelbrot" } })), password).toEqual(
        refusedAt("input.password"),
      );
  });
});

describe("a password that is known from a leak", () => {
  const problemsOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.["problems"];
  const refusedAt = (path: string) => [{ path, message: "This password is known from a data leak. Choose another." }];

  test("is refused wherever a password is set", async () => {
    const user = await acme.user("viewer");
    const input = { currentPassword: user.password, newPassword: leaked };
    expect(problemsOf(await user.send(change, { input }))).toEqual(refusedAt("input.newPassword"));
    const token = await requested(user);
    expect(problemsOf(await anyone.send(reset, { input: { token, password: leaked } }))).toEqual(refusedAt("input.password"));
    const create = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    const created = await acme.admin.send(create, { input: { email: `${randomUUID()}@example.com`, name: "P", password: leaked } });
    expect(problemsOf(created)).toEqual(refusedAt("input.password"));
    const email = `${randomUUID()}@example.com`;
    await acme.admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", {
      input: { email, name: "Ben" },
    });
    const invitation = (await mailsTo(email)).at(-1)?.token ?? "";
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { slug } }";
    expect(problemsOf(await anyone.send(accept, { input: { token: invitation, password: leaked } }))).toEqual(refusedAt("input.password"));
    const register = "mutation ($input: RegisterOrganizationInput!) { registerOrganization(input: $input) { slug } }";
    const admin = { name: "Ada", email: `${randomUUID()}@example.com`, password: leaked };
    const registered = await anyone.send(register, { input: { name: "Acme", admin } });
    expect(problemsOf(registered)).toEqual(refusedAt("input.admin.password"));
    const { tenant: platform } = await weft.platform();
    const open = "mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }";
    const opened = await platform.admin.send(open, { input: { slug: `s-${randomUUID().slice(0, 8)}`, name: "S", plan: "PRO", admin } });
    expect(problemsOf(opened)).toEqual(refusedAt("input.admin.password"));
  });

  test("is found by the first five digits of its hash, and padding is not a leak", async () => {
    const user = await acme.user("viewer");
    breaches.requests.length = 0;
    await user.run(change, { input: { currentPassword: user.password, newPassword: unleaked } });
    expect(breaches.requests).toEqual([{ path: expect.stringMatching(/^\/range\/[0-9A-F]{5}$/) as string, padding: "true" }]);
  });

  test.each(["fails", "hangs", "sends HTML", "sends too much"] as const)(
    "is accepted while the service %s, unless it is on the offline list",
    { tags: "slow" },
    async (mode) => {
      const user = await acme.user("viewer");
      breaches.mode = mode;
      try {
        const attempt = async (newPassword: string) =>
          codeOf(await user.send(change, { input: { currentPassword: user.password, newPassword } }));
        expect([await attempt("football1"), await attempt(leaked)]).toEqual(["BAD_USER_INPUT", "done"]);
        expect(await canLogIn(user.login, leaked)).toBe(true);
      } finally {
        breaches.mode = "works";
      }
    },
  );
});

describe("security.passwordHistory", () => {
  const configure = (tenant: TestTenant, passwordHistory: number) =>
    tenant.admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
      input: { patch: { security: { passwordHistory } }, message: "A test" },
    });
  const hashes = async (tenant: TestTenant) => (await owner`select 1 from identity.password_history where tenant_id = ${tenant.id}`).length;
  const rivers = [1, 2, 3, 4].map((number) => `a numbered river ${number}`);

  test("refuses recent passwords in changes and resets, and keeps no more hashes than it needs", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    await configure(tenant, 3);
    const user = await tenant.user("viewer");
    let current = user.password;
    const changeTo = async (newPassword: string) => {
      const code = codeOf(await user.send(change, { input: { currentPassword: current, newPassword } }));
      if (code === "done") current = newPassword;
      return code;
    };
    expect([await changeTo(rivers[0] ?? ""), await changeTo(rivers[1] ?? "")]).toEqual(["done", "done"]);
    const { extensions } = await user.refused(change, { input: { currentPassword: current, newPassword: user.password } });
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.newPassword", message: "You have used this password recently. Choose another." }],
    });
    expect(await changeTo(rivers[0]?.replace("1", "\uff11") ?? "")).toBe("BAD_USER_INPUT");
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    const token = await requested(user);
    expect(await setTo(token, rivers[1])).toBe("BAD_USER_INPUT");
    expect(await setTo(token, rivers[0])).toBe("BAD_USER_INPUT");
    expect(await setTo(token, rivers[2])).toBe("done");
    expect(await hashes(tenant)).toBe(2);
    await owner`update app.mails set created_at = created_at - interval '2 hours'`;
    expect(await setTo(await requested(user), user.password)).toBe("done");
  });

  test("keeps no hash while it is off, and deletes those of before when it is lowered", async () => {
    const tenant = await weft.tenant();
    const [user, other] = [await tenant.user("viewer"), await tenant.user("viewer")];
    const changeBy = (who: TestUser, currentPassword: string, newPassword: string) =>
      who.run(change, { input: { currentPassword, newPassword } });
    await changeBy(user, user.password, rivers[0] ?? "");
    expect(await hashes(tenant)).toBe(0);
    await configure(tenant, 24);
    for (const [index, river] of rivers.slice(1).entries()) await changeBy(user, rivers[index] ?? "", river);
    await changeBy(other, other.password, rivers[0] ?? "");
    expect(await hashes(tenant)).toBe(4);
    const clean = (count: number) =>
      asTenant(weft.weft.services.databases.worker, { tenantId: tenant.id }, "write", (tx) =>
        surplusPasswords(async () => count).deleteSome(tx, 1000, tenant.id),
      );
    expect(await clean(24)).toBe(0);
    expect([await clean(3), await hashes(tenant)]).toEqual([1, 3]);
    await configure(tenant, 1);
    await changeBy(user, rivers[3] ?? "", rivers[0] ?? "");
    expect(await hashes(tenant)).toBe(1);
    expect([await clean(0), await hashes(tenant)]).toEqual([1, 0]);
  });
});
