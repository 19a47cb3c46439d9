import { type IdType, objectTypes, parseAnyId } from "@weft/shared/ids";
import { type Permission, type Scope, scopes } from "@weft/shared/viewer";
import { accessibleTypes, readPermissionOf } from "@weft/platform/access";
import { seedOperations } from "@weft/standalone";
import type { ApiResult } from "@weft/standalone";
import fc from "fast-check";
import { TestUser } from "../../test-user.js";
import { codesOf } from "../answers.js";
import { fresh } from "../cases/fresh.js";
import { assignToBuilding, type Fixture } from "../fixture.js";

/** The reads that the explanations are compared with: permission, type of object, and root field. */
const reads: readonly (readonly [permission: Permission, type: IdType, field: string])[] = [
  ...accessibleTypes.map((type) => {
    const { typeName } = objectTypes[type];
    return [readPermissionOf(type), type, `${typeName.charAt(0).toLowerCase()}${typeName.slice(1)}`] as const;
  }),
  ["user.read", "user", "user"],
];

/** A user, a permission, and an object. */
interface Triple {
  readonly user: TestUser;
  readonly permission: Permission;
  readonly field: string;
  readonly objectId: string;
}

/** A permission with a scope. */
interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
}

/** Properties of a user to create. */
interface Shape {
  readonly roles: readonly string[];
  readonly grants?: readonly Grant[];
  readonly denials?: readonly Grant[];
  readonly isInTeam: boolean;
  /** Whether the user is assigned to the building of the fixture. Not for users of a vendor. */
  readonly isInBuilding?: boolean;
  readonly vendorId: string | null;
}

/**
 * Creates a variety of users. A fixed part covers each kind of limit. `howMany` more have random roles in random scopes (with or without
 * inheritance), their own grants and denials, and optionally a team or a vendor. The same seed creates the same users.
 */
export async function makePeople(fixture: Fixture, seed: number, howMany: number): Promise<TestUser[]> {
  const { admin, tenant, vendorId, otherVendorId } = fixture;
  const draw = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, { numRuns, seed });
  const every = (...held: Scope[]) => reads.flatMap(([permission]) => held.map((scope) => ({ permission, scope })));
  const grant = fc.record({ permission: fc.constantFrom(...reads.map(([permission]) => permission)), scope: fc.constantFrom(...scopes) });
  const some = fc.uniqueArray(grant, { minLength: 2, maxLength: 12, selector: (each) => `${each.permission} ${each.scope}` });
  const roles = [every("TENANT"), every("OWN", "ASSIGNED", "TEAM"), ...draw(some, 8)];
  const keys = roles.map((_, index) => `reader_${index}`);
  for (const [index, permissions] of roles.entries()) {
    // Two of three roles inherit from the preceding role.
    const parentKeys = index > 1 && index % 3 !== 0 ? [keys[index - 1]] : [];
    const input = { key: keys[index], name: `Reader ${index}`, permissions, parentKeys };
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
  }
  const [everything = "", near = ""] = keys;
  const shape = fc.record({
    roles: fc.uniqueArray(fc.constantFrom(...keys, "requester"), { minLength: 1, maxLength: 3 }),
    isInTeam: fc.boolean(),
    isInBuilding: fc.boolean(),
    vendorId: fc.constantFrom(null, null, vendorId, otherVendorId),
    grants: fc.uniqueArray(grant, { maxLength: 3, selector: ({ permission }) => permission }),
    denials: fc.uniqueArray(grant, { maxLength: 3, selector: ({ permission }) => permission }),
  });
  const shapes: Shape[] = [
    { roles: [near], isInTeam: true, vendorId: null },
    { roles: [near], isInTeam: false, vendorId: null },
    { roles: [everything], isInTeam: false, vendorId: null },
    { roles: [everything], isInTeam: false, vendorId },
    { roles: [everything], isInTeam: true, vendorId: otherVendorId },
    { roles: [near], isInTeam: true, vendorId: otherVendorId },
    { roles: [everything], isInTeam: true, vendorId: null, denials: every("TEAM", "ASSIGNED") },
    { roles: [everything], isInTeam: false, vendorId: null, denials: every("OWN") },
    { roles: [near], isInTeam: true, vendorId: null, denials: every("TENANT") },
    { roles: ["requester"], isInTeam: true, vendorId: null, grants: every("TEAM", "ASSIGNED") },
    { roles: ["requester"], isInTeam: false, isInBuilding: true, vendorId: null, grants: every("BUILDING") },
    { roles: ["requester"], isInTeam: true, isInBuilding: false, vendorId: null, grants: every("BUILDING") },
    { roles: [everything], isInTeam: false, isInBuilding: true, vendorId: null, denials: every("BUILDING") },
    { roles: ["vendor_user"], isInTeam: false, vendorId, grants: every("TENANT"), denials: every("OWN") },
    ...draw(shape, howMany).map(({ roles, ...drawn }) => ({
      ...drawn,
      roles: roles.map((key) => (key === "requester" && drawn.vendorId !== null ? "vendor_user" : key)),
    })),
  ];
  const people: TestUser[] = [fixture.requester, fixture.otherRequester, fixture.operations, fixture.vendorUser];
  for (const [index, { roles: roleKeys, isInTeam, isInBuilding, vendorId: worksFor, grants = [], denials = [] }] of shapes.entries()) {
    const [login, password] = [`reader${index}@${tenant.slug}.example`, "a quiet river 42"];
    const vendor = worksFor === null ? {} : { type: "VENDOR", vendorId: worksFor };
    const input = { email: login, name: `Reader ${index}`, password, roleKeys, teamKeys: isInTeam ? ["facilities"] : [], ...vendor };
    await admin.run(seedOperations.createUser, { input });
    const user = await TestUser.login(admin.url, login, password);
    people.push(user);
    if (isInBuilding === true && worksFor === null) await assignToBuilding(admin, fixture.buildingId, [user.id]);
    // A permission that is both granted and denied is denied.
    const granted = grants.filter((one) => !denials.some((other) => one.permission === other.permission && one.scope === other.scope));
    await admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: user.id, grants: granted, denials, reason: "A test" },
    });
  }
  return people;
}

async function newProject(admin: TestUser, { managerId, members }: { managerId: string | undefined; members: string[] }): Promise<string> {
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(seedOperations.createProject, {
    input: { code: fresh("E"), name: "A project with members", managerId },
  });
  const { id } = createProject.project;
  for (const userId of members)
    await admin.run("mutation ($input: AddProjectMemberInput!) { addProjectMember(input: $input) { project { id } } }", {
      input: { projectId: id, userId },
    });
  return id;
}

/** Creates objects that concern people: owned by some of them, and assigned to a team, to some of them and to both vendors. */
export async function giveWork(
  { admin, requester, operations, teamId, otherVendorId, buildingId }: Fixture,
  people: readonly TestUser[],
): Promise<string[]> {
  const ids: string[] = [];
  const assignees = [{ teamId }, { vendorId: otherVendorId }, ...people.slice(4, 7).map(({ id }) => ({ userId: id }))];
  for (const assignee of assignees) {
    const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
      "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
      { input: { typeKey: "maintenance", data: { summary: "A noise", estimate: 100 }, buildingId } },
    );
    const { id, workflow } = createRequest.request;
    await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
    await operations.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { id } } }', {
      id: workflow.id,
    });
    await operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
      input: { id, assignee },
    });
    const { workflowInstance } = await operations.run<{ workflowInstance: { tasks: { id: string }[] } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
      { id: workflow.id },
    );
    ids.push(id, workflow.id, ...workflowInstance.tasks.map((task) => task.id));
  }
  // One of them manages a project, and others take part in it.
  const [managerId, ...members] = people.slice(4, 8).map(({ id }) => id);
  ids.push(await newProject(admin, { managerId, members: members.slice(0, 1) }));
  return ids;
}

/** Generates random triples of people and objects. */
export function triples(fixture: Fixture, people: readonly TestUser[], objectIds: readonly string[]): fc.Arbitrary<Triple> {
  const all = [...[...fixture.ids.values()].flat(), ...objectIds, ...people.map(({ id }) => id)];
  const byType = (type: IdType) => all.filter((id) => parseAnyId(id)?.type === type);
  return fc.constantFrom(...reads).chain(([permission, type, field]) =>
    fc.record({
      user: fc.constantFrom(...people),
      permission: fc.constant(permission),
      field: fc.constant(field),
      objectId: fc.constantFrom(...byType(type)),
    }),
  );
}

/** Returns whether the actual call returns the object. */
export async function isAnswered({ user, field, objectId }: Triple): Promise<boolean> {
  const answer: ApiResult = await user.send(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id: objectId });
  const codes = codesOf(answer);
  if (codes.some((code) => code !== "NOT_FOUND" && code !== "FORBIDDEN")) throw new Error(`${field} was answered with ${codes.join()}`);
  return codes.length === 0;
}

interface Explanation {
  readonly isAllowed: boolean;
  readonly decidedBy: string;
  readonly steps: readonly { readonly kind: string; readonly via: readonly string[]; readonly holds: boolean; readonly message: string }[];
}

/** Returns the explanation that `asker` gets. */
export async function explanationOf(asker: TestUser, { user, permission, objectId }: Omit<Triple, "field">): Promise<Explanation> {
  const { explainAccess } = await asker.run<{ explainAccess: Explanation }>(
    "query ($userId: ID!, $permission: String!, $objectId: ID) { explainAccess(userId: $userId, permission: $permission, objectId: $objectId) { isAllowed decidedBy steps { kind via holds message } } }",
    { userId: user.id, permission, objectId },
  );
  return explainAccess;
}

/** Number of triples of one user that are queried in one operation. */
const batch = 10;

/** Queries several root fields in one operation. Returns their values and error codes, by position. */
async function inOneOperation(asker: TestUser, fields: readonly string[]): Promise<{ value: unknown; code: unknown }[]> {
  const { data, errors = [] } = await asker.send(`{ ${fields.map((field, index) => `a${index}: ${field}`).join(" ")} }`);
  const whole = errors.find(({ path }) => path === undefined);
  if (whole) throw new Error(whole.message);
  return fields.map((_field, index) => {
    const name = `a${index}`;
    return {
      value: (data as Record<string, unknown> | null)?.[name],
      code: errors.find(({ path }) => path?.[0] === name)?.extensions?.code,
    };
  });
}

/** Runs the property and describes the triples whose answers differ from the explanation. */
export async function differences(
  fixture: Fixture,
  people: readonly TestUser[],
  objectIds: readonly string[],
  { seed, runs }: { seed: number; runs: number },
): Promise<{ wrong: string[]; allowed: number }> {
  const drawn = Map.groupBy(fc.sample(triples(fixture, people, objectIds), { seed, numRuns: runs }), ({ user }) => user);
  const batches = [...drawn.values()].flatMap((ofUser) =>
    Array.from({ length: Math.ceil(ofUser.length / batch) }, (_, index) => ofUser.slice(index * batch, (index + 1) * batch)),
  );
  const wrong: string[] = [];
  let allowed = 0;
  const work = async (): Promise<void> => {
    for (let asked = batches.pop(); asked; asked = batches.pop()) {
      const [{ user }] = asked as [Triple];
      const answers = await inOneOperation(
        user,
        asked.map(({ field, objectId }) => `${field}(id: "${objectId}") { id }`),
      );
      const explanations = await inOneOperation(
        fixture.admin,
        asked.map(
          ({ permission, objectId }) =>
            `explainAccess(userId: "${user.id}", permission: "${permission}", objectId: "${objectId}") { isAllowed decidedBy steps { kind via holds message } }`,
        ),
      );
      for (const [index, { permission, objectId }] of asked.entries()) {
        const [answer, explained] = [answers[index], explanations[index]?.value as Explanation | null | undefined];
        const answered = answer?.code === undefined;
        if (!answered && answer?.code !== "NOT_FOUND" && answer?.code !== "FORBIDDEN")
          throw new Error(`${permission} was answered with ${String(answer?.code)}`);
        if (answered) allowed++;
        // Deleted objects do not exist, so nothing about them is explained.
        const isExplained = explained === null && fixture.hiddenFromAll.includes(objectId) ? false : explained?.isAllowed;
        if (answered !== isExplained)
          wrong.push(`${user.login} ${permission} ${objectId}: answered ${answered}, explained ${JSON.stringify(explained)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return { wrong, allowed };
}
