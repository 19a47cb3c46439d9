import { addPasskey, beginPasskey, beginTotp, enrolTotp, pendingLogin, totpCode } from "../../second-factor.js";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

/** Creates a user without a password. */
export const newUser = (fixture: Fixture) =>
  create<HasId>(fixture, "createUser", "user", { email: `${fresh("person")}@example.com`, name: "Person", roleKeys: ["viewer"] });
const roleCalled = async ({ admin }: Fixture, key: string) => {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === key)?.node.id;
};
/** Returns the role for users of vendors. */
export const vendorRole = (fixture: Fixture) => roleCalled(fixture, "vendor_user");
/** Returns a role for employees. */
export const viewerRole = (fixture: Fixture) => roleCalled(fixture, "viewer");
const newInvitation = async ({ admin, tenant }: Fixture) => {
  const email = `${fresh("guest")}@${tenant.slug}.example`;
  await admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", { input: { email, name: "Guest" } });
  return (await tenant.mails(email)).at(-1)?.token;
};
const newVerification = async (tenant: Fixture["tenant"]) => {
  const user = await tenant.user("viewer");
  await user.run("mutation { requestEmailVerification { user { id } } }");
  return (await tenant.mails(user.login)).at(-1)?.token;
};
const newReset = async ({ tenant }: Fixture) => {
  const user = await tenant.user("viewer");
  await tenant.admin.run("mutation ($input: KeyedIdInput!) { startPasswordReset(input: $input) { user { id } } }", {
    input: { id: user.id },
  });
  return (await tenant.mails(user.login)).at(-1)?.token;
};

/** Returns a further session of the user. Operators in a tenant cannot log in there, so they have none. */
const newSession = async (user: TestUser) => {
  if (user.password === "") return undefined;
  const { sessions } = await (await user.again()).run<{ sessions: { id: string; isCurrent: boolean }[] }>("{ sessions { id isCurrent } }");
  return sessions.find(({ isCurrent }) => isCurrent)?.id;
};
/** Begins an enrolment and returns its first code. Operators in a tenant cannot have a second factor, so theirs is not valid. */
const codeOf = (user: TestUser): Promise<string> =>
  beginTotp(user).then(
    (secret) => totpCode(secret),
    () => "000000",
  );
/** Gives the user a second factor and returns a recovery code. Operators in a tenant cannot have one, so theirs is not valid. */
const recoveryCodeOf = (user: TestUser): Promise<string | undefined> =>
  enrolTotp(user).then(
    ({ recoveryCodes }) => recoveryCodes[0],
    () => "aaaa-aaaa-aaaa-aaaa",
  );

/** Begins a registration and returns the browser's answer. Operators in a tenant cannot have a passkey, so theirs is not valid. */
const registrationOf = (user: TestUser): Promise<unknown> =>
  beginPasskey(user).then(
    (response) => response,
    () => ({}),
  );
/** Gives the user a passkey. Operators in a tenant cannot have one, so they get the ID of another user's. */
const passkeyOf = (user: TestUser, { ids }: Fixture): Promise<{ id: string; recoveryCode: string }> =>
  addPasskey(user).then(
    ({ id, recoveryCodes }) => ({ id, recoveryCode: recoveryCodes?.[0] ?? "" }),
    () => ({ id: ids.get("passkey")?.[0] ?? "", recoveryCode: "aaaa-aaaa-aaaa-aaaa" }),
  );

/** Cases of sessions, users and their teams. */
export const userCases: Cases = {
  mutations: {
    login: { input: async (_fixture, { login, password }) => ({ login, password }) },
    refreshSession: { input: async (_fixture, actor) => ({ refreshToken: (await actor.again()).refreshToken }) },
    logout: { inOwnSession: true, input: async () => ({}) },
    revokeSession: { input: async (_fixture, actor) => ({ id: await newSession(actor) }) },
    revokeOtherSessions: { inOwnLogin: true, input: async () => ({}) },
    revokeUserSessions: {
      input: async ({ tenant }) => {
        const user = await tenant.user("viewer");
        return { userId: user.id, sessionId: await newSession(user) };
      },
      ids: { sessionId: "object" },
    },
    createTeam: { input: async () => ({ key: fresh("team"), name: "A team" }) },
    updateTeam: { input: async ({ teamId }) => ({ id: teamId, name: fresh("Team") }) },
    deleteTeam: {
      input: async (fixture) => ({ id: (await create<HasId>(fixture, "createTeam", "team", { key: fresh("team"), name: "A team" })).id }),
    },
    addTeamMember: {
      input: async (fixture) => ({ teamId: fixture.teamId, userId: (await newUser(fixture)).id }),
    },
    removeTeamMember: {
      input: async (fixture) => {
        const { id } = await newUser(fixture);
        await fixture.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
          input: { teamId: fixture.teamId, userId: id },
        });
        return { teamId: fixture.teamId, userId: id };
      },
    },
    createUser: {
      input: async (fixture) => ({
        email: `${fresh("new")}@example.com`,
        name: "New",
        type: "VENDOR",
        vendorId: fixture.vendorId,
        roleIds: [await vendorRole(fixture)],
        teamIds: [fixture.teamId],
      }),
    },
    updateUser: {
      input: async (fixture) => ({
        id: (await newUser(fixture)).id,
        name: "Renamed",
        type: "VENDOR",
        vendorId: fixture.vendorId,
        roleIds: [await vendorRole(fixture)],
      }),
    },
    updateProfile: { input: async () => ({ title: fresh("Caretaker") }) },
    inviteUser: {
      input: async (fixture) => ({
        email: `${fresh("invited")}@example.com`,
        name: "Invited",
        vendorId: fixture.vendorId,
        roleIds: [await vendorRole(fixture)],
        teamIds: [fixture.teamId],
      }),
      ids: { vendorId: "input" },
    },
    resendInvitation: { input: async (fixture) => ({ userId: (await newUser(fixture)).id }) },
    revokeInvitation: { input: async (fixture) => ({ id: (await newUser(fixture)).id }) },
    acceptInvitation: { input: async (fixture) => ({ token: await newInvitation(fixture), password: "a quiet river 42" }) },
    verifyEmail: { input: async ({ tenant }) => ({ token: await newVerification(tenant) }) },
    changePassword: {
      inOwnLogin: true,
      input: async (_fixture, { password }) => ({ currentPassword: password, newPassword: fresh("a winding road") }),
    },
    resetPassword: { input: async (fixture) => ({ token: await newReset(fixture), password: "a winding road 77" }) },
    startPasswordReset: { input: async ({ tenant }) => ({ id: (await tenant.user("viewer")).id }) },
    completeLogin: {
      input: async ({ tenant }) => {
        const user = await tenant.user("viewer");
        const { recoveryCodes } = await enrolTotp(user);
        return { mfaToken: await pendingLogin(user), recoveryCode: recoveryCodes[0] };
      },
    },
    reauthenticate: { input: async (_fixture, { password }) => ({ password }) },
    enrolTotp: { inOwnLogin: true, input: async () => ({}) },
    confirmTotp: { inOwnLogin: true, input: async (_fixture, user) => ({ code: await codeOf(user) }) },
    removeTotp: {
      inOwnLogin: true,
      input: async (_fixture, user) => ({ recoveryCode: await recoveryCodeOf(user) }),
    },
    regenerateRecoveryCodes: {
      inOwnLogin: true,
      input: async (_fixture, user) => ({ recoveryCode: await recoveryCodeOf(user) }),
    },
    startPasskeyRegistration: { inOwnLogin: true, input: async () => ({}) },
    registerPasskey: {
      inOwnLogin: true,
      input: async (_fixture, user) => ({ response: await registrationOf(user), name: "Phone" }),
    },
    renamePasskey: {
      inOwnLogin: true,
      input: async (fixture, user) => ({ id: (await passkeyOf(user, fixture)).id, name: "Phone" }),
    },
    removePasskey: { inOwnLogin: true, input: async (fixture, user) => passkeyOf(user, fixture) },
    startPasskeyAssertion: {
      inOwnLogin: true,
      input: async (fixture, user) => {
        await passkeyOf(user, fixture);
        return {};
      },
    },
    loginWithPasskey: {
      input: async ({ tenant }) => {
        const user = await tenant.user("viewer");
        const { authenticator } = await addPasskey(user);
        const { startPasskeyLogin } = await user.run<{ startPasskeyLogin: { options: unknown } }>(
          "mutation { startPasskeyLogin(input: {}) { options } }",
        );
        return { passkey: authenticator.get(startPasskeyLogin.options) };
      },
    },
    resetSecondFactors: {
      input: async ({ tenant }) => {
        const user = await tenant.user("viewer");
        await enrolTotp(user);
        return { id: user.id };
      },
    },
    deactivateUser: { input: async (fixture) => ({ id: (await newUser(fixture)).id }) },
    reactivateUser: { input: async (fixture) => ({ id: (await newUser(fixture)).id }) },
  },
};
