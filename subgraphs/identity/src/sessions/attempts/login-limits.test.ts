import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addPasskey,
  ApiClient,
  enrolTotp,
  pendingLogin,
  type ApiError,
  SoftwareAuthenticator,
  startTestWeft,
  type TestWeft,
} from "@weft/testkit";
import { createUserWithRoles } from "../../provisioning/provisioning.js";

const loginMutation = `mutation Login($login: String!, $password: String!, $tenant: String) {
  login(input: { login: $login, password: $password, tenant: $tenant }) { accessToken }
}`;
/** Of every user of the test kit, after the first login. */
const password = "a quiet river 42!";

let kit: TestWeft;
beforeAll(async () => {
  kit = await startTestWeft({
    settings: { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://app.example", SMTP_URL: "smtp://127.0.0.1:9" },
  });
});
afterAll(() => kit.stop());

const attempt = (login: string, secret: string, tenant?: string) =>
  new ApiClient(kit.url).send(loginMutation, { login, password: secret, tenant });

async function refused(login: string, secret: string, tenant?: string): Promise<ApiError["extensions"]> {
  const { errors } = await attempt(login, secret, tenant);
  return errors?.[0]?.extensions;
}

describe("login in production", () => {
  it("is limited by failures, with the time to wait", { tags: "slow" }, async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    for (let i = 0; i < 10; i++) expect((await refused(user.login, `guess ${i}`))?.code).toBe("UNAUTHENTICATED");
    const extensions = await refused(user.login, password);
    expect(extensions?.code).toBe("RATE_LIMITED");
    expect(extensions?.["retryAfter"]).toBeGreaterThan(0);
  });

  it(
    "to an attacker's own tenant does not reset the failures for a user of the same name in another tenant",
    { tags: "slow" },
    async () => {
      const [acme, mine] = [await kit.tenant(), await kit.tenant()];
      const { login: email } = await acme.user("viewer");
      const create = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
      const lasting = "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }";
      await mine.admin.run(lasting, { input: { patch: { security: { temporaryPasswords: false } }, message: "A test" } });
      await mine.admin.run(create, { input: { email, name: "The same name", password } });
      for (let i = 0; i < 9; i++) await refused(email, `guess ${i}`, acme.slug);
      expect((await attempt(email, password, mine.slug)).errors).toBeUndefined();
      await refused(email, "guess 9", acme.slug);
      expect((await refused(email, "guess 10", acme.slug))?.code).toBe("RATE_LIMITED");
    },
  );

  it(
    "without a tenant, to a user of another tenant, does not reset the failures for the user of the same name",
    { tags: "slow" },
    async () => {
      const [acme, mine] = [await kit.tenant(), await kit.tenant()];
      const { login: email } = await acme.user("viewer");
      const secret = "the password of mine";
      await createUserWithRoles(kit.weft.services, mine.id, { email, name: "The same name", password: secret, roles: ["viewer"] });
      for (let i = 0; i < 9; i++) await refused(email, `guess ${i}`);
      expect((await attempt(email, secret)).errors).toBeUndefined();
      await refused(email, "guess 9");
      expect((await refused(email, "guess 10"))?.code).toBe("RATE_LIMITED");
    },
  );

  it(
    "counts a login of a user of the same name elsewhere as a guess, because the password was tested for both",
    { tags: "slow" },
    async () => {
      const [acme, mine] = [await kit.tenant(), await kit.tenant()];
      const { login: email } = await acme.user("viewer");
      const secret = "the password of mine";
      await createUserWithRoles(kit.weft.services, mine.id, { email, name: "The same name", password: secret, roles: ["viewer"] });
      for (let i = 0; i < 10; i++) expect((await attempt(email, secret)).errors).toBeUndefined();
      expect((await refused(email, secret))?.code).toBe("RATE_LIMITED");
      expect((await attempt(email, secret, mine.slug)).errors).toBeUndefined();
    },
  );

  describe("of a known device", () => {
    const withDevice = "mutation ($input: LoginInput!) { login(input: $input) { accessToken deviceToken } }";
    type Answer = { login: { accessToken: string; deviceToken: string } };
    const send = (input: object) => new ApiClient(kit.url).send<Answer>(withDevice, { input });
    const codeOf = ({ errors }: Awaited<ReturnType<typeof send>>) => errors?.[0]?.extensions?.code ?? "done";
    const deviceOf = async (login: string) =>
      (await new ApiClient(kit.url).run<Answer>(withDevice, { input: { login, password } })).login.deviceToken;

    /** Guesses until strangers at this address are refused. */
    async function attacked(login: string): Promise<void> {
      for (let i = 0; i < 11; i++) await refused(login, `guess ${i}`);
      expect((await refused(login, password))?.code).toBe("RATE_LIMITED");
    }

    it("succeeds while somebody else guesses the password, and renews its token", { tags: "slow" }, async () => {
      const user = await (await kit.tenant()).user("viewer");
      const deviceToken = await deviceOf(user.login);
      await attacked(user.login);
      const answer = await send({ login: user.login, password, deviceToken });
      expect(codeOf(answer)).toBe("done");
      const renewed = answer.data?.login.deviceToken ?? "";
      expect(codeOf(await send({ login: user.login, password, deviceToken: renewed }))).toBe("done");
      // Strangers still have to wait.
      expect((await refused(user.login, password))?.code).toBe("RATE_LIMITED");
    });

    it("is not helped by the token of another user, a changed one, or none", { tags: "slow" }, async () => {
      const tenant = await kit.tenant();
      const [user, other] = [await tenant.user("viewer"), await tenant.user("viewer")];
      const [mine, theirs] = [await deviceOf(user.login), await deviceOf(other.login)];
      await attacked(user.login);
      const changed = `${mine.slice(0, -1)}${mine.endsWith("A") ? "B" : "A"}`;
      for (const deviceToken of [theirs, changed, "", "wdt_", "x".repeat(10_000), null])
        expect(codeOf(await send({ login: user.login, password, deviceToken }))).toBe("RATE_LIMITED");
      expect(codeOf(await send({ login: user.login, password, deviceToken: mine }))).toBe("done");
    });

    it("is not helped by the token of a user of the same name elsewhere", { tags: "slow" }, async () => {
      const [acme, mine] = [await kit.tenant(), await kit.tenant()];
      const { login } = await acme.user("viewer");
      const twin = { email: login, name: "The same name", password: "the password of mine", roles: ["viewer"] };
      await createUserWithRoles(kit.weft.services, mine.id, twin);
      const answer = await send({ login, password: twin.password, tenant: mine.slug });
      const deviceToken = answer.data?.login.deviceToken;
      for (let i = 0; i < 10; i++)
        expect(codeOf(await send({ login, password: `guess ${i}`, deviceToken: deviceToken ?? "none" }))).toBe("UNAUTHENTICATED");
      const another = (await send({ login, password: twin.password, tenant: mine.slug })).data?.login.deviceToken;
      expect(codeOf(await send({ login, password: "guess 10", deviceToken: another ?? "none" }))).toBe("RATE_LIMITED");
    });

    it("allows ten guesses with a stolen device token, which the user's other devices do not notice", { tags: "slow" }, async () => {
      const user = await (await kit.tenant()).user("viewer");
      const [stolen, laptop] = [await deviceOf(user.login), await deviceOf(user.login)];
      const codes: string[] = [];
      for (let i = 0; i < 11; i++) codes.push(codeOf(await send({ login: user.login, password: `guess ${i}`, deviceToken: stolen })));
      expect(codes).toEqual([...Array.from({ length: 10 }, () => "UNAUTHENTICATED"), "RATE_LIMITED"]);
      expect(codeOf(await send({ login: user.login, password, deviceToken: laptop }))).toBe("done");
    });
  });

  it("with a passkey alone is limited in the same way, unless the device is known", { tags: "slow" }, async () => {
    const user = await (await kit.tenant()).user("viewer");
    const { authenticator } = await addPasskey(user, new SoftwareAuthenticator("https://app.example"));
    const anyone = new ApiClient(kit.url);
    const send = async (deviation: object, more: object = {}) => {
      type Options = { startPasskeyLogin: { options: unknown } };
      const { startPasskeyLogin } = await anyone.run<Options>("mutation { startPasskeyLogin(input: {}) { options } }");
      const input = { passkey: authenticator.get(startPasskeyLogin.options, deviation), ...more };
      const answer = await anyone.send<{ loginWithPasskey: { deviceToken: string } }>(
        "mutation ($input: LoginWithPasskeyInput!) { loginWithPasskey(input: $input) { deviceToken } }",
        { input },
      );
      return { code: answer.errors?.[0]?.extensions?.code ?? "done", deviceToken: answer.data?.loginWithPasskey?.deviceToken };
    };
    const { deviceToken } = await send({});
    for (let i = 0; i < 10; i++) expect((await send({ isVerified: false })).code).toBe("UNAUTHENTICATED");
    expect((await send({})).code).toBe("RATE_LIMITED");
    expect((await send({}, { deviceToken })).code).toBe("done");
    expect(kit.logged()).toMatch(/"loginHash":"[0-9a-f]{12}".*"a login was refused"/);
  });

  it("is not affected by requests of resets from the same address", { tags: "slow" }, async () => {
    const user = await (await kit.tenant()).user("viewer");
    const request = "mutation ($login: String!) { requestPasswordReset(input: { login: $login }) { message } }";
    const codes = new Set<unknown>();
    for (let i = 0; i < 120; i++) {
      const { errors } = await new ApiClient(kit.url).send(request, { login: `nobody${i}@example.com` });
      codes.add(errors?.[0]?.extensions?.code ?? "done");
    }
    expect(codes).toEqual(new Set(["done", "RATE_LIMITED"]));
    expect((await attempt(user.login, password)).errors).toBeUndefined();
  });

  it("is not reset by the password of a user with a second factor, but by the complete login", { tags: "slow" }, async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    const { recoveryCodes } = await enrolTotp(user);
    const complete =
      (recoveryCode = "") =>
      (mfaToken: string) =>
        new ApiClient(kit.url).send("mutation ($input: CompleteLoginInput!) { completeLogin(input: $input) { accessToken } }", {
          input: { mfaToken, recoveryCode },
        });
    for (let i = 0; i < 9; i++) await refused(user.login, `guess ${i}`);
    expect((await complete(recoveryCodes[0])(await pendingLogin(user))).errors).toBeUndefined();
    for (let i = 0; i < 9; i++) expect((await refused(user.login, `guess ${i}`))?.code).toBe("UNAUTHENTICATED");
    expect((await refused(user.login, password))?.code).toBe("MFA_REQUIRED");
    expect((await refused(user.login, "guess 9"))?.code).toBe("UNAUTHENTICATED");
    expect((await refused(user.login, password))?.code).toBe("RATE_LIMITED");
  });
});
