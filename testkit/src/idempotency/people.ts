import { encodeId } from "@weft/shared";
import { fresh, type IdempotencyCases } from "./case.js";

/** Returns a configuration change, and a change that has no effect. */
const someConfiguration = (of: object = {}) => ({
  input: { ...of, patch: { branding: { name: fresh("Name ") } }, message: "A test" },
  other: { ...of, patch: {}, message: "A test" },
});

/** Cases of people, their tenants, permissions and configuration. */
export const peopleCases: IdempotencyCases = {
  inviteUser: {
    who: ({ acme }) => acme.admin,
    selection: "user { id version }",
    inputs: async () => {
      const input = { email: `${fresh("invited-")}@mail.example`, name: "Ben", roleKeys: ["viewer"] };
      return { input, other: { ...input, name: "Benjamin" } };
    },
  },
  resendInvitation: {
    who: ({ acme }) => acme.admin,
    selection: "user { id version }",
    inputs: async ({ acme }) => {
      const { createUser } = await acme.admin.run<{ createUser: { user: { id: string } } }>(
        "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
        { input: { email: `${fresh("waiting-")}@mail.example`, name: "Ben" } },
      );
      const userId = createUser.user.id;
      return { input: { userId }, other: { userId, message: "Again" } };
    },
  },
  startPasswordReset: {
    who: ({ acme }) => acme.admin,
    selection: "user { id version }",
    inputs: async ({ acme }) => {
      const [user, other] = [await acme.tenant.user("viewer"), await acme.tenant.user("viewer")];
      return { input: { id: user.id }, other: { id: other.id } };
    },
  },
  advanceClock: {
    who: ({ acme }) => acme.admin,
    selection: "advance { id }",
    inputs: async ({ acme, owner }) => {
      await owner`update identity.tenants set is_sandbox = true where tenant_id = ${acme.tenant.id}`;
      return { input: { by: "PT1S" }, other: { by: "PT2S" } };
    },
  },
  createTenant: {
    who: ({ operator }) => operator,
    selection: "tenant { id slug name }",
    inputs: async () => {
      const slug = fresh("made-");
      const input = { slug, name: "Made", admin: { name: "First", email: `first@${slug}.example`, password: "a quiet river 42" } };
      return { input, other: { ...input, name: "Made otherwise" } };
    },
  },
  createUser: {
    who: ({ acme }) => acme.admin,
    selection: "user { id email name }",
    inputs: async () => {
      const input = { email: `${fresh("made-")}@mail.example`, name: "Ben" };
      return { input, other: { ...input, name: "Benjamin" } };
    },
  },
  createTeam: {
    who: ({ acme }) => acme.admin,
    selection: "team { id key name }",
    inputs: async () => {
      const input = { key: fresh("team-"), name: "A team" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createRole: {
    who: ({ acme }) => acme.admin,
    selection: "role { id key name }",
    inputs: async () => {
      const input = { key: fresh("role-"), name: "A role", permissions: [] };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createPermission: {
    who: ({ acme }) => acme.admin,
    selection: "permission { name description }",
    inputs: async () => {
      const input = { name: fresh("custom.own"), description: "A test." };
      return { input, other: { ...input, description: "Another test." } };
    },
  },
  updateConfiguration: {
    who: ({ acme }) => acme.admin,
    selection: "configuration { version document }",
    inputs: async () => someConfiguration(),
  },
  updatePlatformConfiguration: {
    who: ({ operator }) => operator,
    selection: "configuration { version document }",
    inputs: async () => someConfiguration(),
  },
  updatePlanConfiguration: {
    who: ({ operator }) => operator,
    selection: "configuration { version document }",
    inputs: async () => someConfiguration({ plan: "PRO" }),
  },
  updateContractConfiguration: {
    who: ({ operator }) => operator,
    selection: "configuration { version document }",
    inputs: async ({ acme, operator }) => {
      const inputs = someConfiguration({ tenantId: encodeId("tenant", acme.tenant.id) });
      // An operator's first write in a tenant also creates the operator's user there.
      await operator.run(
        "mutation ($input: UpdateContractConfigurationInput!) { updateContractConfiguration(input: $input) { configuration { version } } }",
        { input: { ...inputs.input, patch: { branding: { name: fresh("Name ") } } } },
      );
      return inputs;
    },
  },
};
