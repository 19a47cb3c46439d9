import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner.end();
});

interface Told {
  kind: string;
  title: string;
  params: Record<string, string>;
  isArchived: boolean;
  subject: { __typename: string; id: string } | null;
}
interface Rule {
  id: string;
  version: number;
  status: string;
}
const shownRule = `id name eventTypes condition recipients { type role teamId userId relation expression } title body channels isMandatory status
  lastCutAt lastCutCount version owner { id }`;
const createRule = `mutation ($input: CreateNotificationRuleInput!) { createNotificationRule(input: $input) { rule { ${shownRule} } } }`;
const updateRule = `mutation ($input: UpdateNotificationRuleInput!) { updateNotificationRule(input: $input) { rule { ${shownRule} } } }`;
const deleteRule = `mutation ($input: KeyedVersionedIdInput!) { deleteNotificationRule(input: $input) { id } }`;
const preview = `query ($input: NotificationRuleDraftInput!, $eventId: ID!) { previewNotificationRule(input: $input, eventId: $eventId) {
  isMatch reasons title body recipients { user { id } channels } excluded { user { id } reason } recipientCount isCut } }`;

const newBuilding = {
  name: "New buildings",
  eventTypes: ["custom.built"],
  recipients: [{ type: "ROLE", role: "operations" }],
  title: "Building {{ payload.code }} is new",
};

async function toldTo(user: TestUser, filter: object = { kind: { eq: "RULE" } }): Promise<Told[]> {
  await weft.weft.worker.idle();
  const { notifications } = await user.run<{ notifications: { edges: { node: Told }[] } }>(
    `query ($filter: NotificationFilter) { notifications(filter: $filter) { edges { node { kind title params isArchived subject { __typename id } } } } }`,
    { filter },
  );
  return notifications.edges.map(({ node }) => node);
}

const titlesOf = async (user: TestUser): Promise<string[]> => (await toldTo(user)).map(({ title }) => title).toSorted();

async function aRule(user: TestUser, input: object = {}): Promise<Rule> {
  const variables = { input: { ...newBuilding, ...input } };
  return (await user.run<{ createNotificationRule: { rule: Rule } }>(createRule, variables)).createNotificationRule.rule;
}

async function aBuilding(user: TestUser, code: string, name = "House"): Promise<string> {
  const { createBuilding } = await user.run<{ createBuilding: { building: { id: string } } }>(
    `mutation ($code: String!, $name: String!) { createBuilding(input: { code: $code, name: $name }) { building { id } } }`,
    { code, name },
  );
  const { id } = createBuilding.building;
  await user.run("mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }", {
    input: { type: "custom.built", payload: { code, text: name }, subjectId: id },
  });
  return id;
}

/** Creates a tenant that publishes events about its new buildings, also in the name of its operations. */
async function aTenant(): Promise<TestTenant> {
  const acme = await weft.tenant();
  await acme.admin.run("mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }", {
    input: {
      name: "custom.built",
      description: "A building was built.",
      payloadSchema: { properties: { code: { type: "string" }, text: { type: "string" } } },
    },
  });
  return acme;
}

const change = async (user: TestUser, input: object): Promise<Rule> =>
  (await user.run<{ updateNotificationRule: { rule: Rule } }>(updateRule, { input })).updateNotificationRule.rule;

async function eventOf(user: TestUser, subjectId: string, type: string): Promise<string> {
  await weft.weft.worker.idle();
  const { events } = await user.run<{ events: { edges: { node: { id: string } }[] } }>(
    `query ($filter: EventFilter) { events(filter: $filter) { edges { node { id } } } }`,
    { filter: { subjectId: { eq: subjectId }, type: { eq: type } } },
  );
  return events.edges[0]?.node.id ?? "";
}

/** The code and the problems of a refusal. */
const refusal = async (user: TestUser, query: string, variables: object): Promise<object> =>
  (await user.refused(query, { ...variables })).extensions ?? {};

interface Story {
  readonly acme: TestTenant;
  readonly rita: TestUser;
  readonly requestId: string;
}

/** Creates and submits a request as Rita. */
async function aSubmittedRequest(acme: TestTenant): Promise<Story> {
  const { buildingId, assetId } = await acme.maintenance();
  const rita = await acme.user("requester");
  const { createRequest } = await rita.run<{ createRequest: { request: { id: string } } }>(
    `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }`,
    { input: { typeKey: "maintenance", data: { summary: "Noise", estimate: 100 }, buildingId, assetId } },
  );
  const { id } = createRequest.request;
  await rita.run(`mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }`, { id });
  return { acme, rita, requestId: id };
}

describe("a rule", () => {
  test("notifies the users with a role of events that occur after it was created, with values of the event", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    await aBuilding(acme.admin, "OLD");
    // A rule starts after the last event that has a position, and the relay gives them their positions.
    await weft.weft.worker.idle();
    const rule = await aRule(acme.admin, { body: "It is at {{ event.subject.id }}." });
    const id = await aBuilding(acme.admin, "NEW");
    expect(await toldTo(olga)).toEqual([
      {
        kind: "RULE",
        title: "Building NEW is new",
        params: { rule: "New buildings", ruleId: rule.id, body: `It is at ${id}.` },
        isArchived: false,
        subject: { __typename: "Building", id },
      },
    ]);
    expect(await toldTo(acme.admin)).toEqual([]);
  });

  test("applies only if its condition holds, and not while it is paused", { tags: "slow" }, async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    const rule = await aRule(acme.admin, { condition: 'payload.code.startsWith("H")' });
    await aBuilding(acme.admin, "H1");
    await aBuilding(acme.admin, "X1");
    expect(await titlesOf(olga)).toEqual(["Building H1 is new"]);
    await change(acme.admin, { id: rule.id, status: "PAUSED" });
    await aBuilding(acme.admin, "H2");
    expect(await titlesOf(olga)).toEqual(["Building H1 is new"]);
    await change(acme.admin, { id: rule.id, status: "ACTIVE", expectedVersion: 2 });
    await aBuilding(acme.admin, "H3");
    expect(await titlesOf(olga)).toEqual(["Building H1 is new", "Building H3 is new"]);
    await acme.admin.run(deleteRule, { input: { id: rule.id } });
    await aBuilding(acme.admin, "H4");
    expect(await titlesOf(olga)).toHaveLength(2);
  });

  test("notifies a user once per event, however many recipients mean the user; another rule notifies once more", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    const recipients = [
      { type: "ROLE", role: "operations" },
      { type: "USER", userId: olga.id },
      { type: "EXPRESSION", expression: "event.actorId" },
      { type: "RELATION", relation: "ACTOR" },
    ];
    await aRule(acme.admin, { recipients });
    await aRule(acme.admin, { recipients, title: "Second" });
    await aBuilding(acme.admin, "B");
    expect(await titlesOf(olga)).toEqual(["Building B is new", "Second"]);
    expect(await titlesOf(acme.admin)).toEqual(["Building B is new", "Second"]);
  });

  test("control characters, line breaks and changes of direction do not get into a title", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    await acme.admin.run(
      `mutation { declareEventType(input: { name: "custom.said", description: "D", payloadSchema: { properties: { text: { type: "string" } } } }) { eventType { id } } }`,
    );
    await aRule(acme.admin, { eventTypes: ["custom.said"], title: "Said: {{ payload.text }}", condition: "has(payload.text)" });
    await acme.admin.run("mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }", {
      input: { type: "custom.said", payload: { text: "one\r\nBcc: x\u0007\u2028\u202Etwo <b>" } },
    });
    expect(await titlesOf(olga)).toEqual(["Said: one Bcc: x two <b>"]);
  });

  test("notifies those who have a relation to the request, if they can read it", { tags: "slow" }, async () => {
    const acme = await weft.tenant();
    const vendor = await acme.vendor();
    const [other, olga] = [await acme.user("requester"), await acme.user("operations")];
    await aRule(acme.admin, {
      eventTypes: ["request.updated", "workflow.transitioned"],
      recipients: [
        { type: "RELATION", relation: "REQUESTER" },
        { type: "RELATION", relation: "WATCHERS" },
        { type: "ROLE", role: "requester" },
        { type: "ROLE", role: "vendor_user" },
        { type: "ROLE", role: "operations" },
      ],
      condition: 'event.type == "workflow.transitioned"',
      title: "Moved",
    });
    const { rita, requestId } = await aSubmittedRequest(acme);
    expect(await toldTo(rita)).toMatchObject([{ title: "Moved", subject: { id: expect.stringMatching(/^(wfi|req)_/) as string } }]);
    expect(await titlesOf(olga)).toEqual(["Moved"]);
    expect(await titlesOf(other)).toEqual([]);
    expect(await titlesOf(vendor.user)).toEqual([]);
    expect(requestId).toMatch(/^req_/);
  });

  test("of a workflow about an asset, users who can see the asset but not the workflow get nothing", { tags: "slow" }, async () => {
    const acme = await weft.tenant();
    const { buildingId } = await acme.maintenance();
    await acme.definition(await loadExampleDefinition("inspection"));
    const [olga, omar, requester] = [await acme.user("operations"), await acme.user("operations"), await acme.user("requester")];
    const { createAsset } = await acme.admin.run<{ createAsset: { asset: { id: string } } }>(
      "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
      { input: { buildingId, tag: "P-1", name: "Pump", type: "pump" } },
    );
    await aRule(acme.admin, {
      eventTypes: ["workflow.transitioned"],
      recipients: ["operations", "requester"].map((role) => ({ type: "ROLE", role })),
      title: "Moved",
    });
    const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(
      "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }",
      { input: { definitionKey: "inspection", data: { name: "Pump" }, subjectId: createAsset.asset.id } },
    );
    await omar.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId: startWorkflow.instance.id, transition: "skip", comment: "It is new" },
    });
    expect(await requester.run("query ($id: ID!) { asset(id: $id) { tag } }", createAsset.asset)).toEqual({ asset: { tag: "P-1" } });
    expect(await titlesOf(olga)).toEqual(["Moved"]);
    expect(await titlesOf(requester)).toEqual([]);
  });

  test("of an internal comment, only users who work on the request are notified", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    const { rita, requestId } = await aSubmittedRequest(acme);
    await aRule(acme.admin, {
      eventTypes: ["request.commented"],
      recipients: [
        { type: "RELATION", relation: "REQUESTER" },
        { type: "ROLE", role: "operations" },
      ],
      title: "Commented: {{ payload.audience }}",
    });
    const comment = (audience: string) =>
      acme.admin.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
        input: { id: requestId, text: "Hello", audience },
      });
    await comment("INTERNAL");
    expect(await titlesOf(rita)).toEqual([]);
    expect(await titlesOf(olga)).toEqual(["Commented: INTERNAL"]);
    await comment("PUBLIC");
    expect(await titlesOf(rita)).toEqual(["Commented: PUBLIC"]);
  });

  test("users who cannot read the object get nothing", async () => {
    const acme = await weft.tenant();
    const [olga, requester] = [await acme.user("operations"), await acme.user("requester")];
    await weft.weft.worker.idle();
    await aRule(acme.admin, {
      eventTypes: ["user.created"],
      recipients: [
        { type: "USER", userId: olga.id },
        { type: "USER", userId: acme.admin.id },
        { type: "USER", userId: requester.id },
      ],
      title: "A user",
    });
    const { user: tech } = await acme.vendor();
    expect(await titlesOf(acme.admin)).toEqual(["A user"]);
    expect(await titlesOf(tech)).toEqual([]);
  });

  test("channels: users can turn the kind off, except of a mandatory rule; the same event causes one email per user", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    await olga.run(
      `mutation { updateNotificationPreferences(input: { preferences: [{ kind: RULE, channel: IN_APP, isEnabled: false }, { kind: RULE, channel: EMAIL, isEnabled: false }] }) { notificationPreferences { __typename } } }`,
    );
    await aRule(acme.admin, { channels: ["IN_APP", "EMAIL"] });
    await aRule(acme.admin, { channels: ["IN_APP", "EMAIL"], title: "Mandatory", isMandatory: true });
    await aRule(acme.admin, { channels: ["EMAIL"], title: "By email", isMandatory: true });
    await aBuilding(acme.admin, "B");
    expect(await titlesOf(olga)).toEqual(["Mandatory"]);
    expect((await toldTo(olga, { isArchived: { eq: true } })).map(({ title }) => title).toSorted()).toEqual([
      "Building B is new",
      "By email",
    ]);
  });
});

describe("creating and changing rules", () => {
  test("problems have paths: unknown types, roles, teams and users, conditions and texts", async () => {
    const acme = await aTenant();
    const globex = await weft.tenant();
    const refused = (input: object) => refusal(acme.admin, createRule, { input: { ...newBuilding, ...input } });
    const problems = (...all: object[]) => ({ code: "BAD_USER_INPUT", problems: all });
    expect(await refused({ eventTypes: ["building.create"], title: "T" })).toMatchObject(
      problems({ path: "input.eventTypes.0", message: expect.stringContaining("building.created") as unknown }),
    );
    expect(await refused({ eventTypes: ["notification.created"], title: "T" })).toMatchObject(problems({ path: "input.eventTypes.0" }));
    expect(await refused({ eventTypes: [] })).toMatchObject(problems({ path: "input.eventTypes" }));
    expect(await refused({ condition: "payload.nothing == 1" })).toMatchObject(problems({ path: "input.condition" }));
    expect(await refused({ condition: "payload." })).toMatchObject(problems({ path: "input.condition" }));
    expect(await refused({ title: "{{ payload.nothing }}" })).toMatchObject(problems({ path: "input.title" }));
    expect(await refused({ title: "{{ payload.code" })).toMatchObject(problems({ path: "input.title" }));
    expect(await refused({ channels: [] })).toMatchObject(problems({ path: "input.channels" }));
    expect(await refused({ recipients: [] })).toMatchObject(problems({ path: "input.recipients" }));
    expect(await refused({ recipients: [{ type: "ROLE", role: "nobody" }] })).toMatchObject(problems({ path: "input.recipients.0.role" }));
    expect(await refused({ recipients: [{ type: "ROLE" }] })).toMatchObject(problems({ path: "input.recipients.0.role" }));
    expect(await refused({ recipients: [{ type: "ROLE", role: "admin", relation: "ACTOR" }] })).toMatchObject(
      problems({ path: "input.recipients.0.relation" }),
    );
    expect(await refused({ recipients: [{ type: "USER", userId: globex.admin.id }] })).toMatchObject(
      problems({ path: "input.recipients.0.userId" }),
    );
    expect(await refused({ recipients: [{ type: "EXPRESSION", expression: "payload.nobody" }] })).toMatchObject(
      problems({ path: "input.recipients.0.expression" }),
    );
  });

  test("rules are listed, read, versioned, audited and idempotent; another tenant's does not exist", async () => {
    const [acme, globex] = [await aTenant(), await weft.tenant()];
    const rule = await aRule(acme.admin, { idempotencyKey: "k" });
    expect((await aRule(acme.admin, { idempotencyKey: "k" })).id).toBe(rule.id);
    expect(rule).toMatchObject({
      id: expect.stringMatching(/^ntr_/) as unknown,
      status: "ACTIVE",
      version: 1,
      channels: ["IN_APP"],
      owner: { id: acme.admin.id },
    });
    expect(await change(acme.admin, { id: rule.id, name: "Renamed" })).toMatchObject({
      name: "Renamed",
      version: 2,
      title: newBuilding.title,
    });
    expect(await refusal(acme.admin, updateRule, { input: { id: rule.id, name: "X", expectedVersion: 1 } })).toMatchObject({
      code: "CONFLICT",
    });
    const list = "{ notificationRules { totalCount edges { node { id name } } } }";
    expect(await acme.admin.run(list)).toMatchObject({ notificationRules: { totalCount: 1, edges: [{ node: { id: rule.id } }] } });
    expect(await globex.admin.run(list)).toMatchObject({ notificationRules: { totalCount: 0 } });
    const one = "query ($id: ID!) { notificationRule(id: $id) { name } }";
    expect(await acme.admin.run(one, { id: rule.id })).toEqual({ notificationRule: { name: "Renamed" } });
    expect(await refusal(globex.admin, one, { id: rule.id })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(globex.admin, updateRule, { input: { id: rule.id, name: "X" } })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(globex.admin, deleteRule, { input: { id: rule.id } })).toMatchObject({ code: "NOT_FOUND" });
    const manager = await acme.user("workflow_manager");
    expect(await refusal(manager, createRule, { input: newBuilding })).toMatchObject({ code: "FORBIDDEN" });
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
      `{ auditEntries(filter: { action: { in: ["notificationRule.create", "notificationRule.update"] } }) { edges { node { action } } } }`,
    );
    expect(auditEntries.edges.map(({ node }) => node.action).toSorted()).toEqual(["notificationRule.create", "notificationRule.update"]);
  });
});

describe("a preview", () => {
  test("shows who would get what, who would not, and why the rule would not apply, and sends nothing", async () => {
    const acme = await aTenant();
    const olga = await acme.user("operations");
    const { user: tech } = await acme.vendor();
    const id = await aBuilding(acme.admin, "B");
    const eventId = await eventOf(acme.admin, id, "custom.built");
    const draft = {
      ...newBuilding,
      channels: ["IN_APP", "EMAIL"],
      recipients: [...newBuilding.recipients, { type: "USER", userId: tech.id }],
    };
    const shown = async (rule: object) =>
      (await acme.admin.run<{ previewNotificationRule: object }>(preview, { input: rule, eventId })).previewNotificationRule;
    expect(await shown(draft)).toEqual({
      isMatch: true,
      reasons: [],
      title: "Building B is new",
      body: null,
      recipients: [{ user: { id: olga.id }, channels: ["IN_APP", "EMAIL"] }],
      excluded: [{ user: { id: tech.id }, reason: expect.stringContaining("cannot see") as unknown }],
      recipientCount: 2,
      isCut: false,
    });
    expect(await shown({ ...draft, condition: 'payload.code == "X"' })).toMatchObject({
      isMatch: false,
      reasons: [expect.stringContaining("payload.code")],
      recipients: [],
    });
    expect(await shown({ ...draft, eventTypes: ["building.updated"], title: "T" })).toMatchObject({ isMatch: false });
    expect(await refusal(acme.admin, preview, { input: { ...draft, title: "{{ x" }, eventId })).toMatchObject({
      problems: [{ path: "input.title" }],
    });
    expect(await toldTo(olga)).toEqual([]);
  });
});

test("more than 1,000 recipients are cut, which the rule shows", async () => {
  const acme = await aTenant();
  await acme.user("operations");
  const rule = await aRule(acme.admin);
  await owner`insert into identity.users (tenant_id, id, email, username, name)
    select t.tenant_id, gen_random_uuid(), n || '@example.com', 'u' || n, 'Somebody' from generate_series(1, 1200) n,
      (select tenant_id from identity.users where username is not null and tenant_id = ${acme.id}::uuid limit 1) t`;
  await owner`insert into identity.user_roles (tenant_id, user_id, role_id)
    select u.tenant_id, u.id, r.id from identity.users u join identity.roles r on r.tenant_id = u.tenant_id and r.key = 'operations'
     where u.tenant_id = ${acme.id}::uuid and u.name = 'Somebody'`;
  await aBuilding(acme.admin, "B");
  await weft.weft.worker.idle();
  const [row] = await owner`select count(*)::int as count from audit.notifications where tenant_id = ${acme.id}::uuid and kind = 'RULE'`;
  expect(row?.["count"]).toBe(1_000);
  expect(await acme.admin.run("query ($id: ID!) { notificationRule(id: $id) { lastCutCount version } }", { id: rule.id })).toEqual({
    notificationRule: { lastCutCount: 1_201, version: 1 },
  });
});
