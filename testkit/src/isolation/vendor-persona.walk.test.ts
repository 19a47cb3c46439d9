import { encodeId, type IdType, parseAnyId } from "@weft/shared/ids";
import { allSubgraphs, loadExampleDefinition, seedOperations, vendorPortalFor } from "@weft/standalone";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
  isObjectType,
  isRequiredArgument,
  printSchema,
} from "graphql";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askPortal } from "../ask-portal.js";
import { isTried } from "../sizes.js";
import { expectTables } from "../expected-tables.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { until } from "../until.js";
import { callerOf, composedApi, operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { mutationCases } from "./cases.js";
import { beginning, firstMessage } from "./first-message.js";
import { Sights, tour } from "./schema-tour.js";
import { addDependency, aTask } from "../tenants/project-plan.js";
import { newMilestone, newProjectCost, newProjectDecision, newProjectRisk } from "../tenants/project-records.js";
import { inputOf, lookupTries, type Variables } from "./tries.js";
import { attachToRequest, commentOnPiece, makeFixture, type Piece, type Fixture } from "./fixture.js";

// Everything that a user of a vendor is shown of a filled tenant, on every path through the schema.

/** Words that occur in all data of one vendor, of the other vendor, and of neither. */
const words = { kone: "alphacanary", schindler: "betacanary", house: "housecanary" } as const;

const schema = composedApi();
let weft: TestWeft;
let owner: postgres.Sql;
let fixture: Fixture;
let schindler: { readonly id: string; readonly user: TestUser };
let pieces: { readonly kone: Piece; readonly schindler: Piece; readonly house: Piece; readonly moved: Piece };
let sights: { readonly kone: Sights; readonly schindler: Sights };

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It walks through everything." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  fixture = await makeFixture(await weft.tenant(), owner);
  await fillHouse();
  const { vendorId, vendorUser } = fixture;
  schindler = await fixture.tenant.vendor(`Schindler ${words.schindler}`);
  await fillVendor(vendorId, words.kone);
  await fillVendor(schindler.id, words.schindler);
  pieces = {
    kone: await pieceWith(words.kone, [vendorId]),
    schindler: await pieceWith(words.schindler, [schindler.id]),
    house: await pieceWith(words.house, []),
    // Work that was previously assigned to the other vendor.
    moved: await pieceWith(words.kone, [schindler.id, vendorId]),
  };
  await vendorUser.run(fire, { input: { instanceId: pieces.kone.instanceId, transition: "start", comment: `Begun ${words.kone}` } });
  await vendorUser.run(fire, { input: { instanceId: pieces.kone.instanceId, transition: "complete", input: { outcome: words.kone } } });
  const project = await fillProject({ kone: vendorId, schindler: schindler.id });
  await weft.weft.worker.idle();
  sights = {
    kone: await sightsOf({ ...fixture, ids: new Map([...fixture.ids, ...project.kone]) }, { of: 1 }),
    schindler: await sightsOf(
      {
        ...fixture,
        vendorUser: schindler.user,
        vendorId: schindler.id,
        given: pieces.schindler,
        ids: new Map([...fixture.ids, ["vendor", [schindler.id]], ...project.schindler]),
      },
      { of: 10 },
    ),
  };
}, 400_000);

afterAll(async () => {
  await owner.end();
  await weft.stop();
});

test("a vendor's user sees the fields and the objects of the committed list, and no others", () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const fields = types
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
  const answered = fields.map((field) => [field, [[...(sights.kone.fields.get(field) ?? ["unreached"])].toSorted().join(", ")]] as const);
  const objects = [...sights.kone.objects].map(([type, seen]) => [type, [namesOf([...seen.values()])]] as const);
  expectTables("vendor-user", [
    { title: "Objects that a vendor's user sees", head: ["type", "which"], rows: Object.fromEntries(objects) },
    { title: "Fields that a vendor's user sees", head: ["field", "answer"], rows: Object.fromEntries(answered) },
  ]);
});

test("the vendor portal consists of what the rules do not refuse to a vendor's user, and of nothing else", () => {
  const portal = buildSchema(vendorPortalFor(allSubgraphs()));
  const answers = (field: string): string[] => [...(sights.kone.fields.get(field) ?? [])];
  const isRefused = (field: string): boolean => answers(field).length > 0 && answers(field).every((answer) => answer === "FORBIDDEN");
  const roots = ["Query", "Mutation", "Subscription"];
  const types = Object.values(portal.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith("__") && !roots.includes(type.name),
  );
  const fieldsIn = (all: GraphQLSchema): string[] =>
    types.flatMap(({ name }) => Object.keys((all.getType(name) as GraphQLObjectType).getFields()).map((field) => `${name}.${field}`));
  const shown = fieldsIn(portal);
  expect(shown.length).toBeGreaterThan(500);
  expect(shown.filter(isRefused)).toEqual([]);
  const isSeen = (field: string): boolean => answers(field).some((answer) => !["FORBIDDEN", "null", "empty"].includes(answer));
  expect(fieldsIn(schema).filter((field) => !shown.includes(field) && isSeen(field))).toEqual([]);
});

test("the portal's endpoint shows the built file, and answers a vendor's user as the complete API does", async () => {
  const { vendorUser } = fixture;
  const { data } = await askPortal<IntrospectionQuery>(vendorUser, getIntrospectionQuery({ specifiedByUrl: true }));
  expect(printSchema(buildClientSchema(data as IntrospectionQuery))).toBe(printSchema(buildSchema(vendorPortalFor(allSubgraphs()))));
  const query = `{ me { id email } requests(first: 5, orderBy: { field: CREATED_AT }) { edges { node { id state workflow { subject { id __typename } } } } }
    projects { edges { node { name startsOn status } } } projectTasks { edges { node { name predecessors { kind predecessor { name } } } } } }`;
  const [portal, complete] = await Promise.all([askPortal(vendorUser, query), vendorUser.send(query)]);
  expect(complete.errors).toBeUndefined();
  expect(portal).toEqual(complete);
  const outside = await askPortal(vendorUser, "{ projects { edges { node { budget { amount } } } } }");
  expect(outside.errors).toMatchObject([
    { message: 'Cannot query field "budget" on type "Project".', extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
  ]);
});

test("an object of a type outside the portal does not exist there, although its user can see it", async () => {
  const [id] = fixture.ids.get("schedule") ?? [];
  const query = `query ($id: ID!, $known: ID!) { node(id: $id) { id } known: node(id: $known) { id } }`;
  const variables = { id, known: fixture.given.requestId };
  expect(await fixture.admin.send(query, variables)).toEqual({ data: { node: { id }, known: { id: variables.known } } });
  const answer = await askPortal(fixture.admin, query, variables);
  expect(answer.data).toEqual({ node: null, known: { id: variables.known } });
  expect(answer.errors).toMatchObject([{ path: ["node"], extensions: { code: "NOT_FOUND" } }]);
  expect(JSON.stringify(answer)).not.toContain("__portal");
});

test("also requests fields that need arguments", () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const needy = types
    .filter(({ name }) => !["Query", "Mutation", "Subscription"].includes(name) && !name.startsWith("__"))
    .flatMap((type) => Object.values(type.getFields()).filter((field) => field.args.some(isRequiredArgument)));
  expect(
    needy.map(({ name }) => name),
    "teach the tour to give these arguments",
  ).toEqual([]);
});

test.each([
  ["kone", "schindler"],
  ["schindler", "kone"],
] as const)("users of %s see their own objects, and nothing of %s or of the company", async (own, other) => {
  const text = sights[own].texts.join("\n");
  expect(text).toContain(words[own]);
  expect([words[other], words.house].filter((word) => text.toLowerCase().includes(word))).toEqual([]);
  expect(text).toContain(pieces[own].requestId);
  // The project of both vendors, and the vendor's own part of its plan.
  for (const shown of ["Atrium", `Task ${words[own]}`, `Milestone ${words[own]}`]) expect(text).toContain(shown);
  // Its budget and its costs, in minor units and in those of the workflow's data.
  expect([...text.matchAll(/.{60}[^\w](?:7654321|76543\.21|3579246)\b/g)].map(String)).toEqual([]);
  const vendors = { kone: fixture.vendorId, schindler: schindler.id };
  const people = { kone: fixture.vendorUser.id, schindler: schindler.user.id };
  const hidden = [
    vendors[other],
    people[other],
    ...(await idsAbout(pieces[other])),
    ...(await idsAbout(pieces.house)),
    ...(own === "schindler" ? await idsAbout(pieces.moved) : []),
    ...(await idsAbout(fixture.hidden)),
  ];
  expect(hidden.length).toBeGreaterThan(10);
  const internal = await internalIds();
  expect(internal.length).toBeGreaterThan(10);
  const more = [...internal, ...(own === "kone" ? fixture.hiddenFromVendor : [])];
  // Also not in the database's format.
  expect([...hidden, ...more].filter((id) => text.includes(id) || text.includes(parseAnyId(id)?.uuid ?? id))).toEqual([]);
});

function namesOf(seen: readonly string[]): string {
  const nameless = seen.filter((name) => name === "").length;
  return [...new Set(seen.filter((name) => name !== ""))].toSorted().join(", ") + (nameless > 0 ? `${nameless}, without names` : "");
}

/** Runs all queries and subscriptions as a vendor's user, and one in `of` mutations. */
async function sightsOf(own: Fixture, { of }: { readonly of: number }): Promise<Sights> {
  const { vendorUser: user } = own;
  const sights = new Sights();
  const cursors = new Map<string, unknown>();
  for (const root of ofKind("subscription")) {
    const heard = await firstMessage(weft, {
      root,
      user,
      depth: 2,
      variables: { after: beginning(weft, own, root), ...mineOf(own, root) },
    });
    sights.see(root, heard);
    cursors.set(root.name, (heard.data?.[root.name] as { cursor?: string } | undefined)?.cursor);
  }
  // The list of sessions shows a socket until the gateway reports that it is closed.
  await until(
    async () => {
      const [row] = await owner`select count(*)::int as open from identity.session_connections where tenant_id = ${own.tenant.id}`;
      return row?.["open"] === 0;
    },
    { what: "no session has a socket" },
  );
  const variables = (root: RootField) => ({
    ...mineOf(own, root),
    ...(cursors.get(root.name) !== undefined && { at: cursors.get(root.name) }),
  });
  await tour(schema, { who: user, sights, variables });
  // Registering an organization, accepting an invitation, completing a login, or logging in with a passkey is done by a different user.
  const byOthers = ["registerOrganization", "acceptInvitation", "completeLogin", "loginWithPasskey"];
  const mutations = ofKind("mutation").filter(({ name }) => !byOthers.includes(name) && isTried(name, { of }));
  // Last, because afterwards the user cannot log in again with the password that the test knows.
  const isLast = ({ name }: RootField) => mutationCases[name]?.inOwnLogin === true;
  for (const root of [...mutations.filter((each) => !isLast(each)), ...mutations.filter(isLast)]) {
    // The payloads show nothing but the user's own factors, so each of these mutations has a user without any.
    const actor = /Totp$|RecoveryCodes$|Passkey(?:Registration|Assertion)?$/.test(root.name) ? (await own.tenant.vendor()).user : user;
    const input =
      (await inputOf(root, own, actor)) ??
      (await inputOf(root, fixture, fixture.admin)) ??
      (await inputOf(root, fixture, fixture.otherRequester));
    const who = mutationCases[root.name]?.inOwnSession ? await actor.again() : actor;
    sights.see(root, await callerOf(root, who).send(operationFor(root, 2), root.field.args.length === 0 ? {} : { input }));
  }
  return sights;
}

const ofKind = (kind: RootField["kind"]) => rootFieldsOf(schema).filter((root) => root.kind === kind);

/** Returns the variables of the user's own objects, without `viewId`: users of vendors cannot save views, and are shown none. */
function mineOf(own: Fixture, root: RootField): Variables {
  const { viewId: _, ...mine } = lookupTries(own, root, { user: own.vendorUser }).mine ?? {};
  return mine;
}

/** Creates a meter of the asset with a reading, with the word in all of their texts. */
async function readMeterOf(user: TestUser, assetId: string, word: string): Promise<void> {
  const { createMeter } = await user.run<{ createMeter: { meter: { id: string } } }>(
    "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
    { input: { assetId, name: `Hours ${word}`, unit: word.slice(0, 20), kind: "GAUGE" } },
  );
  const input = { meterId: createMeter.meter.id, value: "5", note: `Read ${word}` };
  await user.run("mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }", { input });
}

/** Creates a request about a separate place, with the word in all of its texts. Approves it and assigns it to the vendors one after the other. */
async function pieceWith(word: string, vendorIds: readonly string[]): Promise<Piece> {
  const { admin, tenant } = fixture;
  const [requester, olga] = [
    await tenant.user("requester", { name: `Rita ${words.house}` }),
    await tenant.user("operations", { name: `Olga ${words.house}` }),
  ];
  const place = `${word}-${++places}`;
  const { building } = await make<{ building: { id: string } }>("createBuilding", {
    code: `B-${place}`,
    name: `House ${word}`,
    address: `1 ${word} Street`,
  });
  const { asset } = await make<{ asset: { id: string } }>("createAsset", {
    buildingId: building.id,
    tag: `T-${place}`,
    name: `Lift ${word}`,
    type: "lift",
    installedOn: "2020-01-01",
  });
  await readMeterOf(admin, asset.id, word);
  const input = { typeKey: "maintenance", data: { summary: `A noise ${word}`, estimate: 1 }, buildingId: building.id, assetId: asset.id };
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input },
  );
  const piece = { requestId: createRequest.request.id, instanceId: createRequest.request.workflow.id };
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id: piece.requestId });
  const { workflowInstance } = await admin.run<{ workflowInstance: { tasks: { id: string }[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: piece.instanceId },
  );
  const id = workflowInstance.tasks[0]?.id;
  await olga.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  await olga.run("mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } } }", {
    input: { id, transition: "approve", comment: `Good ${word}` },
  });
  for (const vendorId of vendorIds)
    await olga.run(
      "mutation ($id: ID!, $vendorId: ID!) { assignRequest(input: { id: $id, assignee: { vendorId: $vendorId } }) { request { id } } }",
      { id: piece.requestId, vendorId },
    );
  // What the organization says among itself, on the vendor's own request, too.
  const internal = { id: piece.requestId, audience: "INTERNAL", text: `Too expensive ${words.house}` };
  await olga.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", { input: internal });
  await olga.run("mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId: piece.instanceId, audience: "INTERNAL", comment: `Late again ${words.house}` },
  });
  await commentOnPiece(olga, piece, word);
  await attachToRequest(olga, piece.requestId, word);
  return piece;
}

let places = 0;

async function make<T>(operation: keyof typeof seedOperations, input: Record<string, unknown>): Promise<T> {
  return (await fixture.admin.run<Record<string, T>>(seedOperations[operation], { input }))[operation] as T;
}

/** Adds a colleague and data about a vendor. */
async function fillVendor(id: string, word: string): Promise<void> {
  await make("createUser", { email: `${word}@example.com`, name: `Kim ${word}`, type: "VENDOR", vendorId: id, roleKeys: ["vendor_user"] });
  await fixture.admin.run("mutation ($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { id } } }", {
    input: { id, email: `office@${word}.example`, phone: "+49 30 1234567", categories: [word] },
  });
}

/**
 * Creates a project of both vendors: with a task, a milestone, and a cost of each, and with what only the organization may see. Returns the IDs of the
 * project and of each vendor's milestone.
 */
async function fillProject(
  vendors: Readonly<Record<"kone" | "schindler", string>>,
): Promise<Readonly<Record<"kone" | "schindler", readonly (readonly [IdType, readonly string[]])[]>>> {
  const { admin } = fixture;
  const { project } = await make<{ project: { id: string } }>("createProject", {
    code: "P3",
    name: "Atrium",
    startsOn: "2026-03-02",
    endsOn: "2026-12-18",
    managerId: admin.id,
    budget: { amount: 7_654_321, currency: "EUR" },
  });
  const tasks = new Map<string, string>();
  const milestones = new Map<string, string>();
  for (const whose of ["house", "kone", "schindler"] as const) {
    const word = words[whose];
    const assignee = whose === "house" ? {} : { assigneeId: vendors[whose] };
    const task = await aTask(admin, project.id, `Task ${word}`, assignee);
    tasks.set(whose, task);
    milestones.set(whose, await newMilestone(admin, project.id, { name: `Milestone ${word}`, description: word, taskIds: [task] }));
    await newProjectCost(admin, project.id, 3_579_246, { note: word, ...(whose !== "house" && { vendorId: vendors[whose] }) });
    await admin.run("mutation ($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) { report { id } } }", {
      input: { id: task, percentComplete: 10, note: word },
    });
    if (whose !== "house")
      await admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
        input: { projectId: project.id, vendorId: vendors[whose], role: `Work ${word}` },
      });
  }
  const [house = "", kone = "", others = ""] = ["house", "kone", "schindler"].map((whose) => tasks.get(whose));
  for (const [predecessor, successor] of [
    [house, kone],
    [house, others],
    [kone, others],
  ] as const)
    await addDependency(admin, predecessor, successor);
  await newProjectRisk(admin, project.id, { title: `Risk ${words.house}` });
  await newProjectDecision(admin, project.id, { title: `Decision ${words.house}` });
  const idsOf = (whose: string) =>
    [
      ["project", [project.id]],
      ["milestone", [milestones.get(whose) ?? ""]],
    ] as const;
  return { kone: idsOf("kone"), schindler: idsOf("schindler") };
}

const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }";

/** Adds one of every object that belongs only to the organization itself. */
async function fillHouse(): Promise<void> {
  const { admin, tenant } = fixture;
  const team = `team-${words.house}`;
  await tenant.team(team);
  await tenant.user("viewer", { name: `Vera ${words.house}`, teams: [team] });
  const source = (await loadExampleDefinition("maintenance-request")).replace("key: maintenance-request", `key: ${words.house}`);
  await tenant.definition(source.replace("name: Maintenance request", `name: Secret ${words.house}`));
  await make("createProject", { code: "P2", name: `Tower ${words.house}` });
  await make("createVendor", { code: "VX", name: `Otis ${words.house}` });
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: `role-${words.house}`, name: `Role ${words.house}`, permissions: [] },
  });
}

/** Returns the IDs of all internal comments and attachments of the tenant, and of the files of the latter. */
async function internalIds(): Promise<string[]> {
  const rows = await owner<{ type: IdType; id: string }[]>`
    select 'requestComment' as type, id from requests.comments where tenant_id = ${fixture.tenant.id} and audience = 'INTERNAL'
    union all select 'internalComment', id from workflows.internal_comments where tenant_id = ${fixture.tenant.id}
    union all select 'attachment', id from app.attachments where tenant_id = ${fixture.tenant.id} and visibility = 'INTERNAL'
    union all select 'file', file_id from app.attachments where tenant_id = ${fixture.tenant.id} and visibility = 'INTERNAL'`;
  return rows.map(({ type, id }) => encodeId(type, id));
}

/** Returns the IDs of the request and of everything that belongs to it, as TypeIDs. */
async function idsAbout({ requestId, instanceId }: Piece): Promise<string[]> {
  const instance = parseAnyId(instanceId)?.uuid ?? "";
  const rows = await owner<{ type: IdType; id: string }[]>`
    select 'task' as type, id from workflows.tasks where instance_id = ${instance}
    union all select 'history', id from workflows.history where instance_id = ${instance}
    union all select 'requestComment', id from requests.comments where request_id = ${parseAnyId(requestId)?.uuid ?? ""}
    union all select 'attachment', id from app.attachments where object_id = ${parseAnyId(requestId)?.uuid ?? ""}
    union all select 'file', file_id from app.attachments where object_id = ${parseAnyId(requestId)?.uuid ?? ""}`;
  return [requestId, instanceId, ...rows.map(({ type, id }) => encodeId(type, id))];
}
