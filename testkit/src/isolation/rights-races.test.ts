import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgres } from "@weft/pg-driver";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { codesOf } from "./answers.js";
import { heldBy } from "./privilege-escalation/privilege-escalation.js";
import { reached } from "./rights-model.js";
import { randomSource } from "../random-source.js";
import { inputTypeOf } from "../input-type.js";

// Concurrent changes of rights. Combinations that would be refused one after the other must not succeed when they run at the same time.

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

const mutation = (name: string, selection: string) =>
  `mutation ($input: ${inputTypeOf(name)}!) { ${name}(input: $input) { ${selection} } }`;
const setRolePermissions = mutation("setRolePermissions", "role { id }");
const updateRole = mutation("updateRole", "role { id }");

async function newRole(admin: TestUser, key: string, more: Record<string, unknown> = {}): Promise<string> {
  const { createRole } = await admin.run<{ createRole: { role: { id: string } } }>(mutation("createRole", "role { id }"), {
    input: { key, name: key, permissions: [], ...more },
  });
  return createRole.role.id;
}

/** Returns the active users who can change users and roles in the whole tenant. */
async function administrators(tenant: TestTenant): Promise<string[]> {
  const held = [...(await heldBy(owner, tenant.id)).values()];
  return held
    .filter((one) => one.isActive && ["user.update TENANT", "role.update TENANT"].every((each) => reached(one).has(each)))
    .map(({ userId }) => userId);
}

const seed = Math.floor(Math.random() * 1_000_000);

test(
  `at least one administrator remains, whatever several of them do to one another at once (seed ${seed})`,
  { tags: "slow" },
  async () => {
    const random = randomSource(seed);
    for (let round = 0; round < 3; round++) {
      const tenant = await weft.tenant();
      const rights = ["user.read", "user.update", "role.read", "role.update"].map((permission) => ({ permission, scope: "TENANT" }));
      const base = await newRole(tenant.admin, "base_admins", { permissions: rights });
      const heir = await newRole(tenant.admin, "heirs", { parentIds: [base] });
      const viewerRole = await newRole(tenant.admin, "nothing");
      const admins = await Promise.all([tenant.user("heirs"), tenant.user("heirs"), tenant.user("base_admins")]);
      // The first administrator has more rights than they have and would stay out of reach.
      await owner`update identity.users set status = 'DISABLED' where tenant_id = ${tenant.id} and email like 'admin@%'`;
      const attacks = admins.flatMap((who, at) => {
        const other = admins[(at + 1) % admins.length] ?? who;
        const denials = [{ permission: random.pick(["user.update", "role.update"]), scope: random.pick(["OWN", "TENANT"]) }];
        return [
          [who, mutation("deactivateUser", "user { id }"), { id: other.id }],
          [who, mutation("updateUser", "user { id }"), { id: other.id, roleIds: [viewerRole] }],
          [who, mutation("updateUser", "user { id }"), { id: who.id, roleIds: [] }],
          [who, mutation("setUserPermissions", "user { id }"), { userId: other.id, grants: [], denials, reason: "At once" }],
          [who, setRolePermissions, { roleId: base, permissions: [] }],
          [who, updateRole, { id: heir, parentIds: [] }],
        ] as const;
      });
      const answers = await Promise.all(
        attacks.toSorted(() => random.below(3) - 1).map(([who, query, input]) => who.send(query, { input })),
      );
      expect(answers.flatMap(codesOf).filter((code) => !["CONFLICT", "FORBIDDEN", "UNAUTHENTICATED", "NOT_FOUND"].includes(code))).toEqual(
        [],
      );
      expect((await administrators(tenant)).length).toBeGreaterThan(0);
    }
  },
);

describe("a cycle of roles", () => {
  test("is refused when its two halves are created at the same time", async () => {
    const { admin, id: tenantId } = await weft.tenant();
    for (let round = 0; round < 4; round++) {
      const ids = [await newRole(admin, `a${round}`), await newRole(admin, `b${round}`), await newRole(admin, `c${round}`)];
      const answers = await Promise.all(ids.map((id, at) => admin.send(updateRole, { input: { id, parentIds: [ids[(at + 1) % 3]] } })));
      expect(answers.map((answer) => codesOf(answer).join()).toSorted()).toEqual(["", "", "BAD_USER_INPUT"]);
    }
    const [circles] = await owner<{ count: number }[]>`
      with recursive way as (
        select tenant_id, role_id, parent_id, array[role_id] as seen from identity.role_parents where tenant_id = ${tenantId}
        union all
        select w.tenant_id, w.role_id, p.parent_id, w.seen || p.role_id from way w
          join identity.role_parents p on p.tenant_id = w.tenant_id and p.role_id = w.parent_id and not p.role_id = any(w.seen))
      select count(*)::int as count from way where parent_id = role_id`;
    expect(circles?.count).toBe(0);
  });
});
