import { randomUUID } from "node:crypto";
import { parseAnyId } from "@weft/shared/ids";
import { ApiClient, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inputTypeOf } from "@weft/testkit/input-type";

const invite = "mutation I($input: InviteUserInput!) { inviteUser(input: $input) { user { id status version } } }";
const resend = "mutation R($input: ResendInvitationInput!) { resendInvitation(input: $input) { user { id status version } } }";
const revoke = "mutation V($input: VersionedIdInput!) { revokeInvitation(input: $input) { user { id status } } }";
const accept =
  "mutation A($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken refreshToken slug user { id name status isEmailVerified } } }";
const loginOperation = "mutation L($input: LoginInput!) { login(input: $input) { accessToken } }";
const password = "another quiet river 42";

let kit: TestWeft;
let owner: postgres.Sql;
let anyone: ApiClient;
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_PUBLIC_URL: "https://app.acme.example/weft/" } });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  anyone = new ApiClient(kit.url);
});
afterAll(async () => {
  await owner.end();
  await kit.stop();
});

interface Invited {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

const newEmail = () => `${randomUUID()}@example.com`;

async function invited(by: TestUser, more: object = {}): Promise<Invited> {
  const email = newEmail();
  const { inviteUser } = await by.run<{ inviteUser: { user: { id: string } } }>(invite, {
    input: { email, name: "Ben", roleKeys: ["viewer"], ...more },
  });
  return { id: inviteUser.user.id, email, token: await lastToken(email) };
}
const lastToken = async (email: string): Promise<string> => (await kit.mails(email)).at(-1)?.token ?? "";
const accepted = (token: string, more: object = {}) => anyone.send(accept, { input: { token, password, ...more } });
const codeOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.code ?? "done";
/** Simulates that the minute between two emails to one address has passed. */
const aMinuteLater = () => owner`update app.mails set created_at = created_at - interval '2 minutes'`;

describe("an invitation", () => {
  it("is an email with a link to the configured host that lets its reader in once, with the roles and teams of the invitation", async () => {
    const tenant = await kit.tenant("Acme");
    const teamId = await tenant.team("finance");
    const { id, email, token } = await invited(tenant.admin, { roleKeys: ["operations"], teamIds: [teamId], message: "Hi!\nUntil Monday" });
    const [mail, ...more] = await kit.mails(email);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Admin of Acme invites you to Acme");
    expect(mail?.text).toContain(`https://app.acme.example/weft/invitation#token=${token}\n`);
    expect(mail?.text).toContain("> Hi!\n> Until Monday");
    expect(codeOf(await anyone.send(loginOperation, { input: { login: email, password } }))).toBe("UNAUTHENTICATED");

    const answer = await accepted(token, { name: "Benjamin" });
    expect(answer.errors).toBeUndefined();
    const { acceptInvitation: session } = answer.data as { acceptInvitation: { accessToken: string } };
    expect(session).toMatchObject({ slug: tenant.slug, user: { id, name: "Benjamin", status: "ACTIVE", isEmailVerified: true } });
    const ben = new ApiClient(kit.url, session.accessToken);
    expect(await ben.run("{ me { id roles { key } teams { id } } }")).toEqual({
      me: { id, roles: [{ key: "operations" }], teams: [{ id: teamId }] },
    });
    expect(codeOf(await anyone.send(loginOperation, { input: { login: email, password } }))).toBe("done");
    expect(codeOf(await accepted(token))).toBe("UNAUTHENTICATED");
  });

  it("is visible to users who can create users: its expiration, its sender and the delivery status of the email", async () => {
    const { admin } = await kit.tenant();
    const { id } = await invited(admin);
    const query = "query ($id: ID!) { user(id: $id) { invitation { expiresAt isExpired mailStatus invitedBy { id } } } }";
    const seen = await admin.run<{ user: { invitation: { expiresAt: string } } }>(query, { id });
    expect(seen.user.invitation).toMatchObject({ isExpired: false, mailStatus: "SENT", invitedBy: { id: admin.id } });
    expect(Date.parse(seen.user.invitation.expiresAt) - Date.now()).toBeGreaterThan(6.9 * 24 * 3_600_000);
    const waiting = "{ users(filter: { status: { eq: INVITED } }) { edges { node { id invitation { mailStatus } } } } }";
    expect(await admin.run(waiting)).toEqual({ users: { edges: [{ node: { id, invitation: { mailStatus: "SENT" } } }] } });
  });

  it("admits one of two readers who accept it at the same moment", async () => {
    const { admin } = await kit.tenant();
    const { token } = await invited(admin);
    const codes = (await Promise.all([1, 2, 3, 4].map(() => accepted(token)))).map(codeOf);
    expect(codes.toSorted()).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED", "done"]);
  });

  it("uses the complete email address as username if its first part is taken", async () => {
    const { admin } = await kit.tenant();
    const local = randomUUID();
    const { id } = await invited(admin, { email: `${local}@one.example` });
    const other = await invited(admin, { email: `${local}@two.example` });
    const names = await Promise.all(
      [id, other.id].map((each) =>
        admin.run<{ user: { username: string } }>("query ($id: ID!) { user(id: $id) { username } }", { id: each }),
      ),
    );
    expect(names.map(({ user }) => user.username)).toEqual([local, `${local}@two.example`]);
  });

  it("does not ask for a username: of many simultaneous users with the same one, each gets a unique one, and invalid characters are omitted", async () => {
    const { admin } = await kit.tenant();
    const local = randomUUID();
    const input = (email: string) => ({ input: { email, name: "Ann" } });
    const emails = Array.from({ length: 6 }, (_, n) => `${local}@n${n}.example`);
    const answers = await Promise.all(emails.map((email) => admin.send(invite, input(email))));
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))).toEqual([]);
    for (const [email, username] of [
      [`o'neill!${local}@one.example`, `oneill${local}`],
      [`_${local}_@one.example`, `${local}_`],
      ["'@one.example", "user"],
    ]) {
      await admin.run(invite, input(email ?? ""));
      expect(
        await admin.run("query ($email: String!) { users(filter: { email: { eq: $email } }) { edges { node { username } } } }", { email }),
      ).toEqual({
        users: { edges: [{ node: { username } }] },
      });
    }
  });

  it("leaves its link in no audit entry, event or row, and deletes the content of the email", async () => {
    const { admin, id: tenantId } = await kit.tenant();
    const { token, email } = await invited(admin);
    await accepted(token);
    const [row] = await owner<{ found: number }[]>`
      select (select count(*) from audit.entries e where tenant_id = ${tenantId} and e::text like ${`%${token.slice(4, 40)}%`})
           + (select count(*) from events.log e where tenant_id = ${tenantId} and e::text like ${`%${token.slice(4, 40)}%`})
           + (select count(*) from identity.one_time_tokens t where tenant_id = ${tenantId} and t::text like ${`%${token.slice(4, 40)}%`})
           + (select count(*) from app.mails m where tenant_id = ${tenantId} and (content is not null or m::text like ${`%${email}%`})) as found`;
    expect(Number(row?.found)).toBe(0);
  });
});

it("an invitation of a user with a second factor opens no session without it", async () => {
  const tenant = await kit.tenant();
  const { id, token } = await invited(tenant.admin);
  const userId = parseAnyId(id)?.uuid ?? "";
  await owner`insert into identity.second_factors (tenant_id, id, user_id, kind, secret, confirmed_at)
    values (${tenant.id}, gen_random_uuid(), ${userId}, 'TOTP', 'sealed', now())`;
  const { errors } = await accepted(token);
  expect(errors?.[0]?.extensions).toMatchObject({ code: "MFA_REQUIRED", methods: ["TOTP", "RECOVERY_CODE"] });
  expect(await owner`select 1 from identity.sessions where user_id = ${userId}`).toHaveLength(0);
});

describe("an invitation is no longer valid", () => {
  const answerTo = async (token: string) => codeOf(await accepted(token));

  it("when it was resent", async () => {
    const { admin } = await kit.tenant();
    const first = await invited(admin);
    const { message, extensions } = await admin.refused(resend, { input: { userId: first.id } });
    expect(extensions?.["code"]).toBe("RATE_LIMITED");
    expect(message).toMatch(/^An email was sent to this address a moment ago. Try again in \d+ s\.$/);
    await aMinuteLater();
    await admin.run(resend, { input: { userId: first.id, message: "Again" } });
    expect(await answerTo(first.token)).toBe("UNAUTHENTICATED");
    const second = await lastToken(first.email);
    expect(second).not.toBe(first.token);
    expect(codeOf(await accepted(second))).toBe("done");
    expect(await admin.refusal(resend, { input: { userId: first.id } })).toBe("CONFLICT");
  });

  it("when it was revoked; once reactivated, its user gets another one", async () => {
    const { admin } = await kit.tenant();
    const { id, token, email } = await invited(admin);
    expect(await admin.run(revoke, { input: { id } })).toEqual({ revokeInvitation: { user: { id, status: "DISABLED" } } });
    expect(await answerTo(token)).toBe("UNAUTHENTICATED");
    await admin.run("mutation ($input: VersionedIdInput!) { reactivateUser(input: $input) { user { id } } }", { input: { id } });
    expect(await answerTo(token)).toBe("UNAUTHENTICATED");
    await aMinuteLater();
    await admin.run(resend, { input: { userId: id } });
    expect(codeOf(await accepted(await lastToken(email)))).toBe("done");
    expect(await admin.refusal(revoke, { input: { id } })).toBe("CONFLICT");
  });

  it("when its user was deactivated, the email was changed, the inviter had to leave, or it expired", async () => {
    const tenant = await kit.tenant();
    const { admin } = tenant;
    const run = (mutation: string, input: object) => {
      const type = inputTypeOf(mutation);
      return admin.run(`mutation M($input: ${type}!) { ${mutation}(input: $input) { user { id } } }`, { input });
    };
    const disabled = await invited(admin);
    await run("deactivateUser", { id: disabled.id });
    expect(await answerTo(disabled.token)).toBe("UNAUTHENTICATED");
    const moved = await invited(admin);
    await run("updateUser", { id: moved.id, email: newEmail() });
    expect(await answerTo(moved.token)).toBe("UNAUTHENTICATED");
    const inviter = await tenant.user("admin");
    const friend = await invited(inviter, { roleKeys: ["admin"] });
    await run("deactivateUser", { id: inviter.id });
    expect(await answerTo(friend.token)).toBe("UNAUTHENTICATED");
    const late = await invited(admin);
    await owner`update identity.one_time_tokens set expires_at = now() where tenant_id = ${tenant.id} and used_at is null`;
    expect(await answerTo(late.token)).toBe("UNAUTHENTICATED");
  });

  it("when it was never issued: other purpose, truncated, modified", async () => {
    const { admin } = await kit.tenant();
    const { token } = await invited(admin);
    for (const each of [
      "",
      "win_",
      `wev_${token.slice(4)}`,
      token.slice(0, -1),
      `${token}A`,
      token.replace("win_", "wrt_"),
      token.toLowerCase(),
    ])
      expect(await answerTo(each)).toBe("UNAUTHENTICATED");
    expect(codeOf(await accepted(token))).toBe("done");
  });

  it("while its tenant is suspended", async () => {
    const tenant = await kit.tenant();
    const { token } = await invited(tenant.admin);
    await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
    expect(codeOf(await accepted(token))).toBe("TENANT_SUSPENDED");
    await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${tenant.id}`;
    expect(codeOf(await accepted(token))).toBe("done");
  });
});

describe("an invitation allows no privilege escalation", () => {
  let tenant: TestTenant;
  let desk: TestUser;
  beforeAll(async () => {
    tenant = await kit.tenant();
    const permissions = ["user.create", "user.read"].map((permission) => ({ permission, scope: "TENANT" }));
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "desk", name: "Desk", permissions },
    });
    desk = await tenant.user("desk");
  });

  it("reports all problems at once, including unknown roles and teams, with suggestions", async () => {
    const input = { email: "a@[127.0.0.1]", name: "Ben\u202E", roleKeys: ["viewr"], teamKeys: ["nobodys"] };
    const { extensions } = await tenant.admin.refused(invite, { input });
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [
        { path: "input.email", message: expect.stringContaining("is not a valid email address") as string },
        { path: "input.name", message: "It contains characters that change the direction of text. Remove them." },
        { path: "input.roleKeys.0", message: 'The role "viewr" does not exist. Did you mean "viewer"?' },
        { path: "input.teamKeys.0", message: 'The team "nobodys" does not exist.' },
      ],
    });
    for (const email of ["a@127.0.0.1", "a@[IPv6:::1]", "a\u200B@example.com"]) {
      expect(await tenant.admin.refusal(invite, { input: { email, name: "Ben", roleKeys: ["viewer"] } })).toBe("BAD_USER_INPUT");
    }
  });

  it("grants only the inviter's own roles and teams, and no status, type, or tenant", async () => {
    await tenant.team("finance");
    const person = () => ({ email: newEmail(), name: "Friend" });
    expect(await desk.refusal(invite, { input: { ...person(), roleKeys: ["admin"] } })).toBe("FORBIDDEN");
    expect(await desk.refusal(invite, { input: { ...person(), teamKeys: ["finance"] } })).toBe("FORBIDDEN");
    for (const more of [{ status: "ACTIVE" }, { tenantId: tenant.id }, { type: "SERVICE" }, { password }, { isEmailVerified: true }])
      expect(await desk.refusal(invite, { input: { ...person(), ...more } })).toBe("BAD_USER_INPUT");
    expect(codeOf(await accepted((await invited(desk, { roleKeys: ["desk"] })).token))).toBe("done");
  });

  it("a user without user.create in the whole tenant cannot send, resend or revoke one", async () => {
    const viewer = await tenant.user("viewer");
    const { id } = await invited(tenant.admin);
    expect(await viewer.refusal(invite, { input: { email: newEmail(), name: "Friend" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(resend, { input: { userId: id } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(revoke, { input: { id } })).toBe("FORBIDDEN");
    expect(await viewer.refusal("query ($id: ID!) { user(id: $id) { invitation { sentAt } } }", { id })).toBe("FORBIDDEN");
  });

  it("a user with fewer permissions cannot lock out an invited administrator", async () => {
    const { id } = await invited(tenant.admin, { roleKeys: ["admin"] });
    expect(await desk.refusal(revoke, { input: { id } })).toBe("FORBIDDEN");
    expect(await desk.refusal(resend, { input: { userId: id } })).toBe("FORBIDDEN");
  });

  it("a role that was revoked does not come back with an earlier invitation", async () => {
    const { id, token } = await invited(tenant.admin, { roleKeys: ["admin"] });
    await tenant.admin.run("mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }", {
      input: { id, roleIds: [] },
    });
    const { data } = await accepted(token);
    const { accessToken } = (data as { acceptInvitation: { accessToken: string } }).acceptInvitation;
    expect(await new ApiClient(kit.url, accessToken).run("{ me { roles { key } } }")).toEqual({ me: { roles: [] } });
  });
});

describe("mails", () => {
  it("take none of their headers from a name, a message or an email address", async () => {
    const { admin } = await kit.tenant();
    const bad = [
      { email: "a@b.example\r\nBcc: x@y.example" },
      { email: "a@b.example, x@y.example" },
      { name: "Ben\r\nBcc: x@y.example" },
      { message: "\u0000" },
    ];
    for (const more of bad)
      expect([more, await admin.refusal(invite, { input: { email: newEmail(), name: "Ben", ...more } })]).toEqual([more, "BAD_USER_INPUT"]);
    const { email } = await invited(admin, { message: "\u202eevil\r\nSubject: x" });
    const [mail] = await kit.mails(email);
    expect(mail?.text).toContain("> evil\n> Subject: x");
  });

  it("are limited per recipient and per tenant", async () => {
    const tenant = await kit.tenant();
    const { id, email } = await invited(tenant.admin);
    for (let sent = 1; sent <= 5; sent++) {
      // An unsent email would be canceled by the next invitation.
      expect(await kit.mails(email)).toHaveLength(sent);
      await aMinuteLater();
      await tenant.admin.run(resend, { input: { userId: id } });
    }
    await aMinuteLater();
    expect(await tenant.admin.refusal(resend, { input: { userId: id } })).toBe("RATE_LIMITED");
    await owner`insert into app.mails (tenant_id, id, person_id, template, destination_hash, status, finished_at)
      select ${tenant.id}, gen_random_uuid(), gen_random_uuid(), 'invitation', 'h', 'SENT', now() from generate_series(1, 300)`;
    expect(await tenant.admin.refusal(invite, { input: { email: newEmail(), name: "Ben" } })).toBe("RATE_LIMITED");
  });

  it("from many tenants to one recipient wait", { tags: "slow" }, async () => {
    const email = newEmail();
    const tenants = await Promise.all(Array.from({ length: 11 }, () => kit.tenant()));
    for (const { admin } of tenants) await admin.run(invite, { input: { email, name: "Victim" } });
    expect(await kit.mails(email)).toHaveLength(10);
  });
});
