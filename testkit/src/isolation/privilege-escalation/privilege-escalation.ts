import { encodeId } from "@weft/shared/ids";
import { customerPermissions, type Permission, type Scope, scopes } from "@weft/shared/viewer";
import type { Sql } from "@weft/pg-driver";
import { TestUser } from "../../test-user.js";
import { until } from "../../until.js";
import { codesOf } from "../answers.js";
import { type RandomSource, randomSource } from "../../random-source.js";
import { excess, type Held } from "../rights-model.js";
import { assignToBuilding, type Fixture } from "../fixture.js";
import { inputTypeOf } from "../../input-type.js";

// Sequences of mutations with which a user with partial rights can try to gain more: through roles, new users, service accounts, API keys, teams, grants
// and denials.

const password = "a quiet river 42";
/** Permissions that give access to rights. An attacker has most of them. */
const tools: readonly Permission[] = ["user.create", "user.update", "role.update", "team.update", "apiKey.manage"];
/** Enough permissions to try many combinations, but few enough for the same ones to recur. */
const prizes: readonly Permission[] = [
  "user.read",
  "role.read",
  "team.read",
  "request.read",
  "workflow.read",
  "task.read",
  "vendor.read",
  "audit.read",
  "building.read",
  "building.update",
];

interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}

/** Returns all rights in a tenant according to the database, by user (TypeID). */
export async function heldBy(owner: Sql, tenantId: string): Promise<Map<string, Held>> {
  const rows = await owner<(Omit<Held, "userId"> & { id: string })[]>`
    with above as (
      select distinct ur.user_id, a.ancestor_id as role_id from identity.user_roles ur
        join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id where ur.tenant_id = ${tenantId})
    select u.id, u.status = 'ACTIVE' as "isActive",
      array(select distinct p.permission || ' ' || p.scope from above join identity.role_permissions p on p.tenant_id = u.tenant_id and p.role_id = above.role_id
              where above.user_id = u.id
            union select permission || ' ' || scope from identity.user_permissions o where o.tenant_id = u.tenant_id and o.user_id = u.id and effect = 'GRANT') as granted,
      array(select permission || ' ' || scope from identity.user_permissions o where o.tenant_id = u.tenant_id and o.user_id = u.id and effect = 'DENY') as denied,
      array(select r.key from above join identity.roles r on r.tenant_id = u.tenant_id and r.id = above.role_id where above.user_id = u.id) as roles,
      array(select team_id::text from identity.team_members m where m.tenant_id = u.tenant_id and m.user_id = u.id) as teams,
      array(select building_id::text from requests.building_users b where b.tenant_id = u.tenant_id and b.user_id = u.id) as buildings
    from identity.users u where u.tenant_id = ${tenantId}`;
  return new Map(rows.map(({ id, ...held }) => [encodeId("user", id), { userId: encodeId("user", id), ...held }]));
}

/** Users, roles and teams available to the sequence. Grows as objects are created. */
interface Stock {
  readonly users: string[];
  readonly roleIds: string[];
  readonly teamIds: string[];
  readonly buildingIds: readonly string[];
  /** Acting users, logged in or by an API key: the attacker, and users created by the attacker or by those users. */
  readonly actors: TestUser[];
}

interface Step {
  readonly mutation: string;
  readonly selection: string;
  readonly input: Record<string, unknown>;
}

const someGrants = (random: RandomSource): Grant[] =>
  Array.from({ length: random.below(4) }, () => ({
    permission: random.pick(random.below(4) === 0 ? customerPermissions : [...tools, ...prizes]),
    scope: random.pick(scopes),
  }));

let made = 0;
const fresh = (prefix: string): string => `${prefix}_${++made}`;

function anyStep(random: RandomSource, { users, roleIds, teamIds, buildingIds }: Stock, slug: string): Step {
  // The most recently created objects are usually the most useful.
  const one = (ids: readonly string[]): string => random.pick(random.below(2) === 0 ? ids : ids.slice(-3));
  const some = (ids: readonly string[]): string[] => [...new Set(Array.from({ length: 1 + random.below(2) }, () => one(ids)))];
  const grants = () => someGrants(random);
  const person = () => ({
    email: `${fresh("attacker")}@${slug}.example`,
    name: "Made",
    roleIds: some(roleIds),
    ...(random.below(3) === 0 && { teamIds: some(teamIds) }),
  });
  const [userId, roleId, teamId] = [one(users), one(roleIds), one(teamIds)];
  const steps: readonly (() => Step)[] = [
    () => ({
      mutation: "createRole",
      selection: "role { id }",
      // Hardly anybody has all that is drawn.
      input: {
        key: fresh("own"),
        name: "Own",
        permissions: random.below(2) === 0 ? [] : grants(),
        ...(random.below(2) === 0 && { parentIds: some(roleIds) }),
      },
    }),
    () => ({ mutation: "updateRole", selection: "role { id }", input: { id: roleId, parentIds: some(roleIds) } }),
    // Usually a role of the sequence's own. With roles that exist already, hardly any of these succeeds.
    () => ({
      mutation: "setRolePermissions",
      selection: "role { id }",
      input: {
        roleId: random.pick(random.below(4) === 0 ? roleIds : roleIds.slice(-2)),
        permissions: random.below(2) === 0 ? [] : grants(),
      },
    }),
    () => ({ mutation: "deleteRole", selection: "id", input: { id: roleId } }),
    () => ({
      mutation: "createUser",
      selection: "user { id }",
      input: { ...person(), password },
    }),
    () => ({
      mutation: "createServiceAccount",
      selection: "user { id }",
      input: { name: "Robot", username: fresh("robot"), roleIds: some(roleIds) },
    }),
    () => ({
      mutation: "createApiKey",
      selection: "key apiKey { id user { id } }",
      input: {
        name: "Own",
        permissions: [...grants(), { permission: random.pick(prizes), scope: random.pick(scopes) }],
        ...(random.below(2) === 0 && { userId }),
      },
    }),
    () => ({ mutation: "inviteUser", selection: "user { id }", input: person() }),
    () => ({ mutation: "updateUser", selection: "user { id }", input: { id: userId, roleIds: some(roleIds) } }),
    () => ({ mutation: "updateUser", selection: "user { id }", input: { id: userId, email: `${fresh("taken")}@${slug}.example` } }),
    () => ({ mutation: "deactivateUser", selection: "user { id }", input: { id: userId } }),
    () => ({ mutation: "reactivateUser", selection: "user { id }", input: { id: userId } }),
    () => ({ mutation: "createTeam", selection: "team { id }", input: { key: fresh("team"), name: "Own" } }),
    () => ({ mutation: "addTeamMember", selection: "team { id }", input: { teamId, userId, isLead: random.below(2) === 0 } }),
    () => ({
      mutation: random.below(3) === 0 ? "unassignBuildingUsers" : "assignBuildingUsers",
      selection: "building { id }",
      input: { buildingId: random.pick(buildingIds), userIds: some(users) },
    }),
    () => ({ mutation: "removeTeamMember", selection: "team { id }", input: { teamId, userId } }),
    () => ({
      mutation: "setUserPermissions",
      selection: "user { id }",
      input: { userId, grants: grants(), denials: random.below(2) === 0 ? [] : grants(), reason: "Trying" },
    }),
  ];
  return random.pick(steps)();
}

/** Creates a user with partial rights: tools and prizes in random scopes, sometimes with denials, a role that inherits, and a team. */
async function makeAttacker(
  { admin, tenant, teamId, buildingId }: Fixture,
  random: RandomSource,
): Promise<{ attacker: TestUser; roleIds: string[] }> {
  const scope = (): Scope => (random.below(3) > 0 ? "TENANT" : random.pick(scopes));
  const permissions = [...random.some(tools, 0.8), ...random.some(prizes, 0.5)].map((permission) => ({ permission, scope: scope() }));
  const [base, key, login] = [fresh("base"), fresh("partial"), `${fresh("attacker")}@${tenant.slug}.example`];
  const half = Math.ceil(permissions.length / 2);
  const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
  const newRole = async (input: Record<string, unknown>): Promise<string> =>
    (await admin.run<{ createRole: { role: { id: string } } }>(createRole, { input })).createRole.role.id;
  // The sequence before may have changed the administrator's buildings. Until the gateway reads the rights again, it answers with a conflict.
  const baseRole = { key: base, name: base, permissions: permissions.slice(0, half) };
  const roleIds = [
    await until(() => newRole(baseRole), { what: "the administrator's rights are current" }),
    await newRole({ key, name: key, permissions: permissions.slice(half), parentKeys: [base] }),
  ];
  const { createUser } = await admin.run<{ createUser: { user: { id: string } } }>(
    "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
    { input: { email: login, name: "Climber", password, roleKeys: [key], teamIds: random.below(2) === 0 ? [teamId] : [] } },
  );
  if (random.below(3) === 0) {
    const denials = random.some([...tools, ...prizes], 0.15).map((permission) => ({ permission, scope: random.pick(scopes) }));
    await admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: createUser.user.id, grants: [], denials, reason: "Drawn" },
    });
  }
  if (random.below(2) === 0) await assignToBuilding(admin, buildingId, [createUser.user.id]);
  return { attacker: await TestUser.login(admin.url, login, password), roleIds };
}

/** Result of a sequence. */
export interface Escalation {
  /** Description of the rights gained. Empty if nobody gained any. */
  readonly excess: readonly string[];
  readonly done: readonly string[];
  readonly codes: readonly string[];
}

/**
 * Runs a sequence by an attacker and the users created by the attacker, and compares the rights with the model. At the end, compares what they can
 * see with what the attacker could see at the start.
 */
export async function escalate(fixture: Fixture, owner: Sql, seed: number): Promise<Escalation> {
  const random = randomSource(seed);
  const { tenant, admin, ids: objectIds } = fixture;
  const { attacker, roleIds } = await makeAttacker(fixture, random);
  const start = await heldBy(owner, tenant.id);
  const actor = start.get(attacker.id);
  if (!actor) throw new Error("The attacker is not in the database.");
  const ids = (table: string, type: "role" | "team") =>
    owner
      .unsafe<{ id: string }[]>(`select id from identity.${table} where tenant_id = $1`, [tenant.id])
      .then((rows) => rows.map(({ id }) => encodeId(type, id)));
  // Only some of the existing roles and users. With all of them, the steps would hardly ever affect the same ones.
  const shuffled = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => ({ value, at: random.below(1_000_000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  const stock: Stock = {
    users: [attacker.id, admin.id, ...shuffled([...start.keys()]).slice(0, 3)],
    roleIds: [...shuffled(await ids("roles", "role")).slice(0, 4), ...roleIds],
    teamIds: shuffled(await ids("teams", "team")).slice(0, 3),
    buildingIds: objectIds.get("building") ?? [],
    actors: [attacker],
  };
  const seenAtStart = await sees(attacker, fixture);
  const [done, codes]: [string[], string[]] = [[], []];
  for (let left = 3 + random.below(8); left > 0; left--) {
    const who = random.pick(stock.actors);
    const step = anyStep(random, stock, tenant.slug);
    const type = inputTypeOf(step.mutation);
    const answer = await who.send(`mutation ($input: ${type}!) { ${step.mutation}(input: $input) { ${step.selection} } }`, {
      input: step.input,
    });
    codes.push(...codesOf(answer));
    if (answer.errors) continue;
    done.push(`${who.login}: ${step.mutation} ${JSON.stringify(step.input)}`);
    const payload = (answer.data as Record<string, Record<string, { id: string }> & { key?: string }>)[step.mutation] ?? {};
    if (step.mutation === "createRole") stock.roleIds.push(payload["role"]?.id ?? "");
    if (step.mutation === "createTeam") stock.teamIds.push(payload["team"]?.id ?? "");
    if (["createUser", "inviteUser", "createServiceAccount"].includes(step.mutation)) stock.users.push(payload["user"]?.id ?? "");
    if (payload.key !== undefined) stock.actors.push(await TestUser.withToken(admin.url, payload.key));
    if (step.mutation === "createUser") stock.actors.push(await TestUser.login(admin.url, String(step.input["email"]), password));
  }
  const limits = { actor, start };
  const tooMuch = [...(await heldBy(owner, tenant.id)).values()].flatMap((held) =>
    excess(held, limits).map((what) => `${held.userId} has come to ${what}`),
  );
  const seen = await Promise.all(
    [attacker, ...stock.actors.slice(1).slice(-2)].map(async (user) =>
      [...(await sees(user, fixture))].filter((id) => !seenAtStart.has(id)).map((id) => `${user.login} sees ${id}`),
    ),
  );
  const namesAny = actor.granted.includes("role.update TENANT");
  // Tasks are offered to role names. A user who can change all roles can also assign role names.
  return { excess: [...tooMuch, ...seen.flat().filter((line) => !(namesAny && line.includes(" tsk_")))], done, codes };
}

const kinds = ["request", "instance", "task", "definition", "building", "vendor", "project", "auditEntry"] as const;

/** Returns the initial objects that a user sees in a new session, or with the API key. Empty if the user can no longer log in. */
async function sees(user: TestUser, { ids }: Fixture): Promise<Set<string>> {
  const again = user.token.startsWith("weft_") ? user : await user.again().catch(() => null);
  const asked = kinds.flatMap((kind) => (ids.get(kind) ?? []).slice(0, 5));
  const answer = await again?.send<{ nodes: ({ id: string } | null)[] }>("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {
    ids: asked,
  });
  return new Set((answer?.data?.nodes ?? []).flatMap((node) => (node ? [node.id] : [])));
}
