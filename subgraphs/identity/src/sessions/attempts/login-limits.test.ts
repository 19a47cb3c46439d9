import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient, enrolTotp, pendingLogin, type ApiError, startTestWeft, type TestWeft } from "@weft/testkit";

const loginMutation = `mutation Login($login: String!, $password: String!, $tenant: String) {
  login(input: { login: $login, password: $password, tenant: $tenant }) { accessToken }
}`;
const password = "a quiet river 42";

let kit: TestWeft;
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_MODE: "production", WEFT_PUBLIC_URL: "https://app.example" } });
});
afterAll(() => kit.stop());

const attempt = (login: string, secret: string, tenant?: string) =>
  new ApiClient(kit.url).send(loginMutation, { login, password: secret, tenant });

async function refused(login: string, secret: string, tenant?: string): Promise<ApiError["extensions"]> {
  const { errors } = await attempt(login, secret, tenant);
  return errors?.[0]?.extensions;
}

describe("login in production", () => {
  it("is limited by failures, with the time to wait", async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    for (let i = 0; i < 10; i++) expect((await refused(user.login, `guess ${i}`))?.code).toBe("UNAUTHENTICATED");
    const extensions = await refused(user.login, password);
    expect(extensions?.code).toBe("RATE_LIMITED");
    expect(extensions?.["retryAfter"]).toBeGreaterThan(0);
  });

  it("to an attacker's own tenant does not reset the failures for a user of the same name in another tenant", async () => {
    const [acme, mine] = [await kit.tenant(), await kit.tenant()];
    const { login: email } = await acme.user("viewer");
    const create = "mutation C($input: CreateUserInput!) { createUser(input: $input) { user { id } } }";
    await mine.admin.run(create, { input: { email, name: "The same name", password } });
    for (let i = 0; i < 9; i++) await refused(email, `guess ${i}`, acme.slug);
    expect((await attempt(email, password, mine.slug)).errors).toBeUndefined();
    await refused(email, "guess 9", acme.slug);
    expect((await refused(email, "guess 10", acme.slug))?.code).toBe("RATE_LIMITED");
  });

  it("is not reset by the password of a user with a second factor, but by the complete login", async () => {
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
