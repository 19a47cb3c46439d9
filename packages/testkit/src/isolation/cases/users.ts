import type { World } from "../world.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

/** Somebody without a password. */
export const newUser = (world: World) =>
  create<HasId>(world, "createUser", "user", { email: `${fresh("person")}@example.com`, name: "Person", roleKeys: ["viewer"] });
/** The role for users of vendors. */
export const vendorRole = async ({ admin }: World) => {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string; key: string } }[] } }>(
    "{ roles(first: 100) { edges { node { id key } } } }",
  );
  return roles.edges.find(({ node }) => node.key === "vendor_user")?.node.id;
};
const newInvitation = async ({ admin, tenant }: World) => {
  const email = `${fresh("guest")}@${tenant.slug}.example`;
  await admin.run("mutation ($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }", { input: { email, name: "Guest" } });
  return (await tenant.mails(email)).at(-1)?.token;
};
const newVerification = async (tenant: World["tenant"]) => {
  const user = await tenant.user("viewer");
  await user.run("mutation { requestEmailVerification { user { id } } }");
  return (await tenant.mails(user.login)).at(-1)?.token;
};

/** Sessions, people and their teams. */
export const userCases: Cases = {
  mutations: {
    login: { input: async (_world, { login, password }) => ({ login, password }), ids: {} },
    refreshSession: { input: async (_world, actor) => ({ refreshToken: (await actor.again()).refreshToken }), ids: {} },
    logout: { inOwnSession: true, input: async () => ({}), ids: {} },
    createTeam: { input: async () => ({ key: fresh("team"), name: "A team" }), ids: {} },
    updateTeam: { input: async ({ teamId }) => ({ id: teamId, name: fresh("Team") }), ids: { id: "object" } },
    deleteTeam: {
      input: async (world) => ({ id: (await create<HasId>(world, "createTeam", "team", { key: fresh("team"), name: "A team" })).id }),
      ids: { id: "object" },
    },
    addTeamMember: {
      input: async (world) => ({ teamId: world.teamId, userId: (await newUser(world)).id }),
      ids: { teamId: "object", userId: "input" },
    },
    removeTeamMember: {
      input: async (world) => {
        const { id } = await newUser(world);
        await world.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
          input: { teamId: world.teamId, userId: id },
        });
        return { teamId: world.teamId, userId: id };
      },
      ids: { teamId: "object", userId: "input" },
    },
    createUser: {
      input: async (world) => ({
        email: `${fresh("new")}@example.com`,
        name: "New",
        type: "VENDOR",
        vendorId: world.vendorId,
        roleIds: [await vendorRole(world)],
        teamIds: [world.teamId],
      }),
      ids: { vendorId: "input", roleIds: "input", teamIds: "input" },
    },
    updateProfile: { input: async () => ({ title: fresh("Caretaker") }), ids: {} },
    updateUser: {
      input: async (world) => ({ id: (await newUser(world)).id, name: "Renamed", roleIds: [await vendorRole(world)] }),
      ids: { id: "object", roleIds: "input" },
    },
    inviteUser: {
      input: async (world) => ({
        email: `${fresh("invited")}@example.com`,
        name: "Invited",
        vendorId: world.vendorId,
        roleIds: [await vendorRole(world)],
        teamIds: [world.teamId],
      }),
      ids: { vendorId: "input", roleIds: "input", teamIds: "input" },
    },
    resendInvitation: { input: async (world) => ({ userId: (await newUser(world)).id }), ids: { userId: "object" } },
    revokeInvitation: { input: async (world) => ({ userId: (await newUser(world)).id }), ids: { userId: "object" } },
    acceptInvitation: { input: async (world) => ({ token: await newInvitation(world), password: "a quiet river 42" }), ids: {} },
    requestEmailVerification: { input: async () => ({}), ids: {} },
    verifyEmail: { input: async ({ tenant }) => ({ token: await newVerification(tenant) }), ids: {} },
    deactivateUser: { input: async (world) => ({ id: (await newUser(world)).id }), ids: { id: "object" } },
    reactivateUser: { input: async (world) => ({ id: (await newUser(world)).id }), ids: { id: "object" } },
  },
  lookups: {
    "team.id": byType("team"),
    "user.id": byType("user"),
  },
  filters: {
    "users.filter.team": ["team"],
    "users.filter.vendor": ["vendor"],
  },
};
