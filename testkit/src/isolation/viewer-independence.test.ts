import { audienceOf, sharingPermissions, viewerIndependentFields } from "@weft/gateway";
import type { Permission, Scope, Viewer } from "@weft/shared/viewer";
import { eventCursors, liveFields } from "@weft/api/live";
import { getNamedType, isLeafType, isObjectType, type GraphQLObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composedSupergraph } from "../composed-supergraph.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";
import { composedApi } from "./api-schema.js";
import { giveWork } from "./explained/explained-access.js";
import { assignToBuilding, isAtRest } from "./fixture.js";
import { drawn } from "../sizes.js";
import { callOf, startTwoTenants, type TwoTenants } from "./two-tenants.js";

const supergraph = composedSupergraph();
const schema = composedApi();
const declared = viewerIndependentFields(supergraph);
const sharingOf = sharingPermissions(schema, declared);

/** The rights of users who could share answers: all in scope TENANT, and with each permission held in narrower scopes, or not at all. */
const deciding: readonly (readonly Permission[])[] = [
  ["workflow.read"],
  ["definition.read"],
  ["user.read"],
  ["request.read"],
  ["requestType.read", "building.read", "asset.read"],
  ["task.read"],
  ["task.assign"],
];
const held = (permissions: readonly Permission[], ...scopes: Scope[]) =>
  permissions.flatMap((permission) => scopes.map((scope) => ({ permission, scope })));
const profiles = [
  deciding.flatMap((permissions) => held(permissions, "TENANT")),
  ...deciding.flatMap((narrow) => [
    deciding.flatMap((permissions) =>
      permissions === narrow ? held(narrow, "OWN", "ASSIGNED", "TEAM", "BUILDING") : held(permissions, "TENANT"),
    ),
    deciding.flatMap((permissions) => (permissions === narrow ? [] : held(permissions, "TENANT"))),
  ]),
];

const forNobody = `
weft: 1
key: for-nobody
name: For nobody
data: { type: object, properties: {} }
initial: review
states:
  review: { task: { title: for-nobody, candidates: { assignee: true }, checklist: [Look twice] }, transitions: { approve: { to: done } } }
  done: { final: completed }
`;

/** A live field, every declared field below it, and its mirror query that selects them. */
interface Selected {
  readonly name: string;
  readonly selection: string;
  readonly query: string;
}

const selected: Selected[] = Object.values(schema.getQueryType()?.getFields() ?? {})
  .filter(({ name }) => name in liveFields && declared.has(`Query.${name}`))
  .map(({ name, type }) => {
    const selection = selectionOf(getNamedType(type) as GraphQLObjectType, []);
    return { name, selection, query: `query Mirror($at: String) { ${name}(at: $at) ${selection} }` };
  });

/** Selects all declared fields. A type is entered once per path. */
function selectionOf(type: GraphQLObjectType, entered: readonly string[]): string {
  const within = [...entered, type.name];
  const fields = Object.values(type.getFields()).flatMap(({ name, type: of }) => {
    if (!declared.has(`${type.name}.${name}`)) return [];
    const named = getNamedType(of);
    if (isLeafType(named)) return [name];
    return isObjectType(named) && !within.includes(named.name) ? [`${name} ${selectionOf(named, within)}`] : [];
  });
  return `{ ${["__typename", ...fields].join(" ")} }`;
}

let tenants: TwoTenants;
let people: { readonly user: TestUser; readonly viewer: Viewer }[];
let positions: ReadonlyMap<string, readonly number[]>;

beforeAll(async () => {
  tenants = await startTwoTenants();
  const { acme, owner } = tenants;
  const users = [acme.requester, acme.otherRequester, acme.operations, acme.vendorUser];
  for (const [index, permissions] of profiles.entries()) {
    const key = `watcher_${index}`;
    await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key, name: key, permissions },
    });
    // In the team that is given work and assigned to the building that it is about, and in none.
    const near = await acme.tenant.user(key, { teams: ["facilities"] });
    await assignToBuilding(acme.admin, acme.buildingId, [near.id]);
    users.push(near, await acme.tenant.user(key));
  }
  await giveWork(acme, users);
  await giveWork(acme, users.toReversed());
  // A task without candidates, which only users who can assign it see: those of the team, if they hold the permission in scope TEAM.
  await acme.tenant.definition(forNobody);
  await acme.admin.run("mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }", {
    input: { definitionKey: "for-nobody", teamId: acme.teamId },
  });
  await until(() => isAtRest(owner, acme.tenant.id), { what: "the tenant is at rest", deadlineMs: 30_000 });
  people = [];
  for (const user of users) {
    const { viewer } = await callOf(tenants.weft, user);
    if (viewer) people.push({ user, viewer });
  }
  const rows = await owner<{ type: string; position: number }[]>`
    select l.type, p.position::int from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
     where p.tenant_id = ${acme.tenant.id} order by p.position`;
  positions = new Map(
    Object.entries(liveFields).map(([name, { eventTypes }]) => [
      name,
      // The newest of each type: the work that was given last.
      eventTypes.flatMap((wanted) =>
        rows
          .filter(({ type }) => type === wanted)
          .map(({ position }) => position)
          .slice(-4),
      ),
    ]),
  );
});
afterAll(() => tenants.stop());

test("every declared field is compared", () => {
  const compared = selected.map(({ name, query }) => `Query.${name} ${query}`).join(" ");
  const missing = [...declared.keys()].filter((field) => {
    const [type = "", name = ""] = field.split(".");
    // Other subgraphs refer to entities by it; clients do not see it.
    const isHidden = !(type in schema.getTypeMap()) || !(schema.getType(type) as GraphQLObjectType).getFields()[name];
    return !isHidden && !new RegExp(`\\b${name}\\b`).test(compared);
  });
  expect(missing).toEqual([]);
});

describe.each(drawn(selected, { of: 1 }))("$name", (field) => {
  const { name, query } = field;
  test("users who share answers get equal ones for every event, and others do not share", async () => {
    const sharing = sharingOf(query);
    expect(sharing).toBeDefined();
    const audiences = Map.groupBy(people, ({ viewer }) => audienceOf(viewer, sharing));
    const shared = [...audiences.values()].filter((members) => members.length > 1);
    expect(shared.length).toBeGreaterThan(0);
    const cursors = eventCursors(tenants.weft.keys);
    const differences: string[] = [];
    let visible = 0;
    const asked = positions.get(name) ?? [];
    const ats = asked.map((position) => cursors.encode(tenants.acme.tenant.id, position));
    for (const [first, ...others] of shared) {
      if (!first) continue;
      const expected = await answersOf(first.user, field, ats);
      visible += expected.filter(({ isShown }) => isShown).length;
      for (const { user, viewer } of others) {
        const answers = await answersOf(user, field, ats);
        for (const [index, position] of asked.entries()) {
          const [wanted = "", got = ""] = [expected[index]?.text, answers[index]?.text];
          if (got !== wanted) differences.push(`${position} for ${viewer.roles.join()}: ${got} instead of ${wanted}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect(visible).toBeGreaterThan(10);
  });
});

interface Answer {
  readonly isShown: boolean;
  /** Without the IDs of its errors, which differ between requests. */
  readonly text: string;
}

/** Events per operation. */
const atOnce = 4;

/** Returns what a live field's query answers at each cursor. */
async function answersOf(user: TestUser, { name, selection }: Selected, ats: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < ats.length; start += atOnce) {
    const batch = ats.slice(start, start + atOnce);
    const variables = Object.fromEntries(batch.map((at, index) => [`v${index}`, at]));
    const names = Object.keys(variables);
    const query = `query (${names.map((each) => `$${each}: String`).join(", ")}) { ${names.map((each) => `${each}: ${name}(at: $${each}) ${selection}`).join(" ")} }`;
    const { data, errors = [] } = await user.internally.send(query, variables);
    if (errors.some(({ path }) => path === undefined)) throw new Error(JSON.stringify(errors));
    for (const each of names) {
      const value = data?.[each] ?? null;
      const own = errors.filter(({ path }) => path?.[0] === each);
      const refusals = own.map(({ message, path, extensions }) => [message, path?.slice(1), extensions?.code]);
      answers.push({ isShown: value !== null, text: JSON.stringify({ value, refusals }) });
    }
  }
  return answers;
}
