import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import {
  addPasskey,
  ApiClient,
  enrolTotp,
  type SoftwareAuthenticator,
  sharedWeft,
  startTestWeft,
  TestUser,
  type SharedWeft,
  until,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const register = "mutation R($input: RegisterOrganizationInput!) { registerOrganization(input: $input) { accessToken slug } }";
const request = "mutation { requestEmailVerification { user { id isEmailVerified } } }";
const verify = "mutation V($input: TokenInput!) { verifyEmail(input: $input) { slug } }";
const invite = "mutation I($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
const loginOperation = "mutation L($input: LoginInput!) { login(input: $input) { accessToken } }";
const state = "{ me { isEmailVerified } tenant { isVerified version } }";
const password = "a quiet river 42";

let kit: SharedWeft;
let owner: postgres.Sql;
let anyone: ApiClient;
beforeAll(async () => {
  kit = await sharedWeft();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  anyone = new ApiClient(kit.url);
});
afterAll(async () => {
  await owner.end();
});

const newEmail = () => `${randomUUID()}@example.com`;
const codeOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.code ?? "done";
const verified = async (token: string) => codeOf(await anyone.send(verify, { input: { token } }));
const lastToken = async (email: string) => (await kit.mails(email)).at(-1)?.token ?? "";
const aMinuteLater = () => owner`update app.mails set created_at = created_at - interval '2 minutes'`;

const sentTo = async (email: string, link: string) =>
  (await kit.mails(email))
    .map(({ text }) => new RegExp(`/${link}#token=(\\S+)`).exec(text)?.[1])
    .findLast((token) => token !== undefined) ?? "";
/** Resets the password of a user by a link in an email. */
async function resetByOwner({ login }: TestUser): Promise<string> {
  await owner`update app.mails set created_at = created_at - interval '2 hours'`;
  await anyone.run("mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { message } }", {
    input: { login },
  });
  await until(async () => (await sentTo(login, "reset-password")) !== "", { what: "the link is sent" });
  const input = { token: await sentTo(login, "reset-password"), password: "another quiet river 43" };
  return codeOf(await anyone.send("mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { slug } }", { input }));
}
async function passkeyLogin(authenticator: SoftwareAuthenticator): Promise<string> {
  const { startPasskeyLogin } = await anyone.run<{ startPasskeyLogin: { options: { challenge: string } } }>(
    "mutation { startPasskeyLogin(input: {}) { options } }",
  );
  return codeOf(
    await anyone.send("mutation ($input: LoginWithPasskeyInput!) { loginWithPasskey(input: $input) { accessToken } }", {
      input: { passkey: authenticator.get(startPasskeyLogin.options) },
    }),
  );
}

async function registered(email = newEmail(), name = "Org") {
  const input = { name: `${name} ${randomUUID().slice(0, 8)}`, admin: { name: "Ada", email, password } };
  const { registerOrganization } = await anyone.run<{ registerOrganization: { accessToken: string; slug: string } }>(register, { input });
  return { email, slug: registerOrganization.slug, admin: new ApiClient(kit.url, registerOrganization.accessToken) };
}

describe("a user who registers an organization", () => {
  it("gets an email whose link verifies the email address and the organization, once; the user can invite people from then on", async () => {
    const { email, slug, admin } = await registered();
    const someone = { email: newEmail(), name: "Ben" };
    expect(await admin.run(state)).toMatchObject({ me: { isEmailVerified: false }, tenant: { isVerified: false, version: 1 } });
    expect(codeOf(await admin.send(invite, { input: someone }))).toBe("FORBIDDEN");
    expect(await kit.mails(someone.email)).toEqual([]);

    const [mail, ...more] = await kit.mails(email);
    expect(more).toEqual([]);
    expect(mail?.text).toContain(`http://127.0.0.1:4000/verify-email#token=${mail?.token}\n`);
    expect(await anyone.run(verify, { input: { token: mail?.token } })).toEqual({ verifyEmail: { slug } });
    expect(await admin.run(state)).toMatchObject({ me: { isEmailVerified: true }, tenant: { isVerified: true, version: 2 } });
    expect(await verified(mail?.token ?? "")).toBe("UNAUTHENTICATED");
    await admin.run(invite, { input: someone });
    expect(await kit.mails(someone.email)).toHaveLength(1);
  });

  it("cannot put their own text into an email to a stranger", async () => {
    const words = "Claim your prize at evil.example";
    const { email } = await registered(newEmail(), words);
    const [mail] = await kit.mails(email);
    expect(mail?.subject).toBe("Is this your email address?");
    expect(`${mail?.subject}${mail?.text}`).not.toMatch(/prize at|evil\.example|Ada/i);
  });

  it("gets a link with the configured host, whatever host the request names", async () => {
    const email = newEmail();
    const body = JSON.stringify({ query: register, variables: { input: { name: "Org", admin: { name: "Ada", email, password } } } });
    const statusOf = (more: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { "content-type": "application/json", ...more };
        const sending = httpRequest(new URL("/graphql", kit.url), { method: "POST", headers }, (response) => {
          response.resume().on("end", () => resolve(response.statusCode));
        });
        sending.on("error", reject).end(body);
      });
    expect(await statusOf({ host: "evil.example" })).toBe(421);
    expect(await statusOf({ "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" })).toBe(200);
    const [mail, ...more] = await kit.mails(email);
    expect(mail?.text).toContain("http://127.0.0.1:4000/verify-email#token=");
    expect(mail?.text).not.toContain("evil");
    expect(more).toEqual([]);
  });

  it("does not affect other users by verifying the email: their logins need no slug, the user's own do", async () => {
    const { email, slug } = await registered();
    expect(await verified(await lastToken(email))).toBe("done");
    const login = async (input: object) => codeOf(await anyone.send(loginOperation, { input: { password, ...input } }));
    expect(await login({ login: email })).toBe("UNAUTHENTICATED");
    expect(await login({ login: email, tenant: slug })).toBe("done");
    const victim = (await kit.tenant()).admin;
    const { admin, email: attacker } = await registered();
    expect(await verified(await lastToken(attacker))).toBe("done");
    const person = { email: victim.login, name: "Victim", password };
    await admin.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", { input: person });
    expect(await login({ login: victim.login, password: victim.password })).toBe("done");
  });
});

describe("emails of an organization that registered itself", () => {
  it("are few until the organization is verified, and limited until an operator has assigned a plan", async () => {
    const { email, admin, slug } = await registered();
    const fill = (count: number) => owner`
      insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, finished_at)
      select tenant_id, gen_random_uuid(), gen_random_uuid(), 'invitation', 'h', 'SENT', now() from identity.tenants, generate_series(1, ${count}) where slug = ${slug}`;
    const ask = async () => {
      await aMinuteLater();
      return codeOf(await admin.send(request));
    };
    const inviting = async () => codeOf(await admin.send(invite, { input: { email: newEmail(), name: "Ben" } }));
    expect(await ask()).toBe("done");
    await fill(8);
    expect(await ask()).toBe("RATE_LIMITED");
    expect(await verified(await lastToken(email))).toBe("done");
    expect(await inviting()).toBe("done");
    await fill(40);
    expect(await inviting()).toBe("RATE_LIMITED");
    await owner`update identity.tenants set plan = 'PRO' where slug = ${slug}`;
    expect(await inviting()).toBe("done");
  });
});

describe("emails of all kinds", () => {
  it("count for the organization, of which links to reset passwords can use a fifth more", async () => {
    const { email, admin, slug } = await registered();
    expect(await verified(await lastToken(email))).toBe("done");
    const created = async () => {
      const input = { email: newEmail(), name: "Ben", password };
      const { createUser } = await admin.run<{ createUser: { user: { id: string } } }>(
        "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
        { input },
      );
      return createUser.user.id;
    };
    const [first, second] = [await created(), await created()];
    const fill = (template: string, count: number) => owner`
      insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, finished_at)
      select tenant_id, gen_random_uuid(), gen_random_uuid(), ${template}, 'h', 'SENT', now() from identity.tenants, generate_series(1, ${count}::int) where slug = ${slug}`;
    const inviting = async () => codeOf(await admin.send(invite, { input: { email: newEmail(), name: "Ben" } }));
    const resetting = async (userId: string) =>
      codeOf(
        await admin.send("mutation ($input: KeyedIdInput!) { startPasswordReset(input: $input) { user { id } } }", {
          input: { id: userId },
        }),
      );
    await fill("invitation", 39);
    expect([await inviting(), await resetting(first)]).toEqual(["RATE_LIMITED", "done"]);
    await fill("passwordReset", 9);
    expect([await inviting(), await resetting(second)]).toEqual(["RATE_LIMITED", "RATE_LIMITED"]);
  });
});

describe("a link", () => {
  it("is invalid once a newer one was sent, is sent at most once a minute, and is not sent when the email is verified", async () => {
    const { email, admin } = await registered();
    const first = await lastToken(email);
    expect(codeOf(await admin.send(request))).toBe("RATE_LIMITED");
    await aMinuteLater();
    await admin.run(request);
    const second = await lastToken(email);
    expect([await verified(first), codeOf(await admin.send(verify, { input: { token: second } }))]).toEqual(["UNAUTHENTICATED", "done"]);
    await aMinuteLater();
    expect(await admin.run(request)).toMatchObject({ requestEmailVerification: { user: { isEmailVerified: true } } });
    expect(await kit.mails(email)).toHaveLength(2);
  });

  it(
    "that is opened without logging in proves no more than that the address exists: a later reset of the password still ends planted passkeys",
    { tags: "slow" },
    async () => {
      const tenant = await kit.tenant();
      const stranger = await tenant.user("viewer");
      const { authenticator } = await addPasskey(stranger);
      await aMinuteLater();
      await stranger.run(request);
      expect(await verified(await lastToken(stranger.login))).toBe("done");
      const told = (await kit.mails(stranger.login)).find(({ subject }) => subject === "Your email address was confirmed");
      expect(told?.text).toContain("- 1 passkey\n");
      expect(told?.text).toContain("If you did not add these, reset the password");
      expect(await resetByOwner(stranger)).toBe("done");
      expect(await passkeyLogin(authenticator)).toBe("UNAUTHENTICATED");
    },
  );

  it(
    "that is opened without logging in lists an authenticator app, which a reset of the password leaves, with a hint",
    { tags: "slow" },
    async () => {
      const stranger = await (await kit.tenant()).user("viewer");
      await enrolTotp(stranger);
      await aMinuteLater();
      await stranger.run(request);
      expect(await verified(await lastToken(stranger.login))).toBe("done");
      const textOf = async (subject: string) => (await kit.mails(stranger.login)).find((mail) => mail.subject === subject)?.text;
      expect(await textOf("Your email address was confirmed")).toContain("- An authenticator app, whose codes logins require\n");
      expect(await resetByOwner(stranger)).toBe("done");
      const login = { login: stranger.login, password: "another quiet river 43" };
      expect(codeOf(await anyone.send(loginOperation, { input: login }))).toBe("MFA_REQUIRED");
      expect(await textOf("Your password was changed")).toContain("If you did not set it up, ask your administrator to remove it.");
    },
  );

  it(
    "that is opened in a session of the user proves that the account is theirs: their passkeys outlive a reset of the password",
    { tags: "slow" },
    async () => {
      const tenant = await kit.tenant();
      const [user, other] = [await tenant.user("viewer"), await tenant.user("viewer")];
      const { authenticator } = await addPasskey(user);
      await aMinuteLater();
      await user.run(request);
      const token = await lastToken(user.login);
      expect(await verified(token)).toBe("done");
      // The user asks again, and opens the link where they are logged in.
      await aMinuteLater();
      await user.run(request);
      expect(codeOf(await user.send(verify, { input: { token: await lastToken(user.login) } }))).toBe("done");
      expect(await resetByOwner(user)).toBe("done");
      expect(await passkeyLogin(authenticator)).toBe("done");
      // A session of somebody else proves nothing.
      const { authenticator: planted } = await addPasskey(other);
      await aMinuteLater();
      await other.run(request);
      expect(codeOf(await tenant.admin.send(verify, { input: { token: await lastToken(other.login) } }))).toBe("done");
      expect(await resetByOwner(other)).toBe("done");
      expect(await passkeyLogin(planted)).toBe("UNAUTHENTICATED");
    },
  );

  it("is invalid once the user has another email, which the old link does not verify", async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    await user.run(request);
    const token = await lastToken(user.login);
    const change = (email: string) =>
      tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
        input: { id: user.id, email },
      });
    const isVerified = async () =>
      (
        await tenant.admin.run<{ user: { isEmailVerified: boolean } }>("query ($id: ID!) { user(id: $id) { isEmailVerified } }", {
          id: user.id,
        })
      ).user.isEmailVerified;
    const other = newEmail();
    await change(other);
    expect(await verified(token)).toBe("UNAUTHENTICATED");
    // The change ended the user's sessions.
    await (await TestUser.login(kit.url, other, user.password)).run(request);
    expect([await verified(await lastToken(other)), await isVerified()]).toEqual(["done", true]);
    await change(other.toUpperCase());
    expect(await isVerified()).toBe(true);
    await change(newEmail());
    expect(await isVerified()).toBe(false);
  });

  it("is invalid for a deactivated user, and a link of another kind does not work", async () => {
    const tenant = await kit.tenant();
    const user = await tenant.user("viewer");
    await user.run(request);
    const token = await lastToken(user.login);
    expect(await verified(token.replace("wev_", "win_"))).toBe("UNAUTHENTICATED");
    const accept = "mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    for (const each of [token, token.replace("wev_", "win_")])
      expect(codeOf(await anyone.send(accept, { input: { token: each, password } }))).toBe("UNAUTHENTICATED");
    const end = "mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }";
    await tenant.admin.run(end, { input: { id: user.id } });
    expect(await verified(token)).toBe("UNAUTHENTICATED");
  });

  it("works for users of a vendor as well", async () => {
    const { user } = await (await kit.tenant()).vendor();
    await user.run(request);
    expect(await verified(await lastToken(user.login))).toBe("done");
    expect(await user.run("{ me { isEmailVerified } }")).toEqual({ me: { isEmailVerified: true } });
  });

  it("works once when many use it at the same time", async () => {
    const { email } = await registered();
    const token = await lastToken(email);
    const codes = await Promise.all([1, 2, 3, 4, 5].map(() => verified(token)));
    expect(codes.filter((code) => code === "done")).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["done", "UNAUTHENTICATED"]));
  });
});

describe("when no email can be sent", () => {
  it("no user is invited, and registration does not mention an email", { tags: "slow" }, async () => {
    const settings = { WEFT_MODE: "production", WEFT_REGISTRATION: "open", WEFT_PUBLIC_URL: "https://app.example" };
    const silent = await startTestWeft({ settings });
    try {
      const { admin } = await silent.tenant();
      expect(await admin.refusal(invite, { input: { email: newEmail(), name: "Ben" } })).toBe("SERVICE_UNAVAILABLE");
      expect(await admin.refusal(request)).toBe("SERVICE_UNAVAILABLE");
      const input = { name: "Org", admin: { name: "Ada", email: newEmail(), password } };
      expect(codeOf(await new ApiClient(silent.url).send(register, { input }))).toBe("done");
    } finally {
      await silent.stop();
    }
  });
});
