import { customerPermissions, type Permission, type Scope, scopes } from "@weft/shared/viewer";
import { seedOperations } from "@weft/standalone";
import { TestUser } from "../../test-user.js";
import { assignToBuilding, type Fixture } from "../fixture.js";
import type { RandomSource } from "../../random-source.js";

interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}

const permissions: readonly Permission[] = customerPermissions;
const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";

const setUserPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";

const narrow = scopes.filter((scope) => scope !== "TENANT");

/** Returns random grants of a role: about half of all permissions, in one or more scopes. */
const someGrants = (random: RandomSource): Grant[] =>
  random.some(permissions, 0.6).flatMap((permission) => {
    const held = random.some(narrow, 0.5);
    return (held.length === 0 || random.below(5) === 0 ? (["TENANT"] as const) : held).map((scope) => ({ permission, scope }));
  });

/** Creates users of the tenant with random roles that inherit from each other, with their own grants and denials, with or without a team, a building, or a vendor. */
export async function randomPeople(fixture: Fixture, random: RandomSource, howMany: number): Promise<TestUser[]> {
  const { admin, tenant, vendorId, otherVendorId, buildingId, hidden } = fixture;
  const keys = Array.from({ length: Math.max(2, Math.ceil(howMany / 2)) }, (_, index) => `drawn_${index}`);
  for (const [index, key] of keys.entries()) {
    const input = { key, name: key, permissions: someGrants(random), parentKeys: random.some(keys.slice(0, index), 0.2) };
    await admin.run(createRole, { input });
  }
  const people: TestUser[] = [];
  for (let index = 0; index < howMany; index++) {
    const [login, password] = [`drawn${index}@${tenant.slug}.example`, "a quiet river 42"];
    // The first three are given work, which is not assigned to individual users of a vendor.
    const worksFor = index < 3 ? null : random.pick([null, vendorId, otherVendorId]);
    const input = {
      email: login,
      name: `Drawn ${index}`,
      password,
      roleKeys: [...new Set([random.pick(keys), random.pick([...keys, worksFor === null ? "requester" : "vendor_user"])])],
      teamKeys: random.below(2) === 0 ? ["facilities"] : [],
      ...(worksFor !== null && { type: "VENDOR", vendorId: worksFor }),
    };
    await admin.run(seedOperations.createUser, { input });
    const user = await TestUser.login(admin.url, login, password);
    if (worksFor === null && random.below(3) > 0) await assignToBuilding(admin, random.pick([buildingId, hidden.buildingId]), [user.id]);
    if (random.below(2) === 0) {
      const grants = random.some(permissions, 0.05).map((permission) => ({ permission, scope: random.pick(scopes) }));
      const denials = random
        .some(permissions, 0.12)
        .map((permission) => ({ permission, scope: random.pick(scopes) }))
        // Granting and denying the same permission is rejected.
        .filter((denial) => !grants.some((grant) => grant.permission === denial.permission && grant.scope === denial.scope));
      await admin.run(setUserPermissions, { input: { userId: user.id, grants, denials, reason: "Drawn" } });
    }
    people.push(user);
  }
  return people;
}
