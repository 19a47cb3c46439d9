import { decodeId } from "@weft/shared/ids";
import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { askedDefinition } from "@weft/testkit/tenants/asked-definition";
import { postgres } from "@weft/pg-driver";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Told {
  id: string;
  kind: string;
  title: string;
  params: object;
  isRead: boolean;
  readAt: string | null;
  subject: { __typename: string; id: string } | null;
}
const listQuery = `query ($filter: NotificationFilter) { unreadNotificationCount notifications(filter: $filter) { totalCount edges { node { id kind title params isRead readAt subject { __typename id } } } } }`;

async function toldTo(user: TestUser, filter: object | null = null): Promise<Told[]> {
  await weft.weft.worker.idle();
  const { notifications } = await user.run<{ notifications: { edges: { node: Told }[] } }>(listQuery, { filter });
  return notifications.edges.map(({ node }) => node);
}

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

interface Story {
  acme: TestTenant;
  rita: TestUser;
  olga: TestUser;
  requestId: string;
  instanceId: string;
}

/** Creates and submits a request as Rita. Olga from operations has a task. */
async function aSubmittedRequest(): Promise<Story> {
  const acme = await weft.tenant();
  const { buildingId, assetId } = await acme.maintenance();
  const [rita, olga] = [await acme.user("requester"), await acme.user("operations")];
  const { createRequest } = await rita.run<{ createRequest: { request: { id: string; version: number; workflow: { id: string } } } }>(
    `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id version workflow { id } } } }`,
    { input: { typeKey: "maintenance", data: { summary: "Noise", estimate: 100 }, buildingId, assetId } },
  );
  const { id, workflow } = createRequest.request;
  await rita.run(`mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }`, { id });
  return { acme, rita, olga, requestId: id, instanceId: workflow.id };
}

const fire = (user: TestUser, instanceId: string, transition: string): Promise<unknown> =>
  user.run(`mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }`, {
    input: { instanceId, transition },
  });

test(
  "candidates are notified that a task opened; the owner is notified of transitions of the request, except their own",
  { tags: "slow" },
  async () => {
    const { rita, olga, instanceId, requestId } = await aSubmittedRequest();
    expect(await toldTo(olga)).toMatchObject([
      { kind: "TASK_OPENED", title: "Triage: Noise · MR-1", isRead: false, subject: { __typename: "Task" } },
    ]);
    expect(await toldTo(rita)).toEqual([]);
    await fire(olga, instanceId, "approve");
    expect(await toldTo(rita)).toMatchObject([
      {
        kind: "REQUEST_TRANSITIONED",
        title: "Your request moved from triage to assigned · MR-1, Noise",
        subject: { __typename: "Request", id: requestId },
      },
    ]);
  },
);

test("users who cannot read a request are told its number, and not what its owner wrote", { tags: "slow" }, async () => {
  const { acme, olga, requestId } = await aSubmittedRequest();
  const permissions = ["task.complete", "notification.read"].map((permission) => ({ permission, scope: "TENANT" }));
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "caretaker", name: "Caretaker", permissions },
  });
  const [carl, otto] = [await acme.user("caretaker"), await acme.user("operations")];
  for (const { id } of [carl, otto])
    await olga.run(`mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`, {
      input: { id: requestId, assignee: { userId: id } },
    });
  await weft.weft.worker.idle();
  const titles = "{ notifications { edges { node { title } } } }";
  expect(await carl.run(titles)).toEqual({
    notifications: { edges: [{ node: { title: "Assigned to you: maintenance-request · MR-1" } }] },
  });
  expect(await otto.run(titles)).toEqual({
    notifications: { edges: [{ node: { title: "Assigned to you: maintenance-request · MR-1, Noise" } }] },
  });
});

test("users of a vendor are notified of what is assigned to the vendor, live as well", { tags: "slow" }, async () => {
  const { acme, olga, instanceId, requestId } = await aSubmittedRequest();
  const { id: vendorId, user: tech } = await acme.vendor();
  const feed = await tech.subscribe<{ cursor: string; notification: Told }>(
    "notificationReceived",
    `subscription { notificationReceived { cursor notification { kind subject { __typename id } } } }`,
  );
  await fire(olga, instanceId, "approve");
  await olga.run(`mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`, {
    input: { id: requestId, assignee: { vendorId } },
  });
  expect(await toldTo(tech)).toMatchObject([{ kind: "ASSIGNED", subject: { __typename: "Request", id: requestId } }]);
  const [live] = await feed.until((payloads) => payloads.length > 0);
  expect(live?.notification).toMatchObject({ kind: "ASSIGNED", subject: { id: requestId } });
  await feed.stop();
});

test(
  "the number of unread notifications is live: it changes with new ones, and when they are read or archived",
  { tags: "slow" },
  async () => {
    const { acme, olga, instanceId, requestId } = await aSubmittedRequest();
    const { id: vendorId, user: tech } = await acme.vendor();
    const field = "unreadNotificationCountChanged";
    const document = `subscription { ${field} { cursor count } }`;
    const [ofOlga, ofTech] = [
      await olga.subscribe<{ cursor: string; count: number }>(field, document),
      await tech.subscribe<{ count: number }>(field, document),
    ];
    const last = async (feed: typeof ofTech, count: number) => {
      const all = await feed.until((payloads) => payloads.at(-1)?.count === count);
      return all.map((payload) => payload.count);
    };
    await fire(olga, instanceId, "approve");
    await olga.run(`mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`, {
      input: { id: requestId, assignee: { vendorId } },
    });
    await weft.weft.worker.idle();
    expect(await last(ofTech, 1)).toEqual([1]);
    const [read, ...others] = await toldTo(olga);
    await olga.run(`mutation ($id: ID!) { markNotificationRead(input: { id: $id }) { notification { id } } }`, { id: read?.id });
    for (const { id } of others)
      await olga.run(`mutation ($id: ID!) { archiveNotification(input: { id: $id }) { notification { id } } }`, { id });
    expect((await last(ofOlga, 0)).at(-1)).toBe(0);
    await tech.run(`mutation { markAllNotificationsRead(input: {}) { readCount } }`);
    expect(await last(ofTech, 0)).toEqual([1, 0]);
    expect(await tech.run(`{ ${field} { cursor count } }`)).toEqual({ [field]: { cursor: null, count: 0 } });
    // A cursor of another user's event shows nothing.
    const [payload] = await ofOlga.until((payloads) => payloads.length > 0);
    const query = `query ($at: String) { ${field}(at: $at) { count } }`;
    expect(await olga.run(query, { at: payload?.cursor })).toEqual({ [field]: { count: 0 } });
    expect((await acme.admin.send(query, { at: payload?.cursor })).data).toEqual({ [field]: null });
    await ofOlga.stop();
    await ofTech.stop();
  },
);

test("marking all as read up to the newest that was shown includes it, although the API tells times to the millisecond only", async () => {
  const { olga } = await aSubmittedRequest();
  await toldTo(olga);
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`update audit.notifications set created_at = date_trunc('milliseconds', created_at) + interval '900 microseconds'
    where user_id = ${decodeId("user", olga.id)}`;
  await owner.end();
  const { notifications } = await olga.run<{ notifications: { edges: { node: { createdAt: string } }[] } }>(
    "{ notifications(first: 1) { edges { node { createdAt } } } }",
  );
  const newest = notifications.edges[0]?.node.createdAt ?? "";
  const markAll = `mutation ($until: DateTime) { markAllNotificationsRead(input: { until: $until }) { readCount } }`;
  const unread = async () => (await olga.run<{ unreadNotificationCount: number }>("{ unreadNotificationCount }")).unreadNotificationCount;
  await olga.run(markAll, { until: new Date(Date.parse(newest) - 1).toISOString() });
  expect(await unread()).toBeGreaterThan(0);
  await olga.run(markAll, { until: newest });
  expect(await unread()).toBe(0);
});

test("unread notifications are counted exactly up to 1,000", async () => {
  const { acme, olga } = await aSubmittedRequest();
  await toldTo(olga);
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
    select n.tenant_id, gen_random_uuid(), n.user_id, gen_random_uuid(), n.kind, n.title, n.subject_type, n.subject_id, n.params, n.created_at
      from audit.notifications n cross join generate_series(1, 1000)
     where n.tenant_id = ${acme.id} and n.user_id = ${decodeId("user", olga.id)}`;
  await owner.end();
  expect(await olga.run(`{ unreadNotificationCount }`)).toEqual({ unreadNotificationCount: 1000 });
});

test("users of a vendor are not notified of a task that is open to their role while the workflow is not their vendor's", async () => {
  const acme = await weft.tenant();
  await acme.definition(`
weft: 1
key: inspection
name: Inspection
data: { type: object, properties: { where: { type: string } } }
initial: open
states:
  open:
    task: { title: "Inspect {{ data.where }}", candidates: { roles: [vendor_user, operations] } }
    transitions: { close: { to: closed } }
  closed: { final: completed }
`);
  const olga = await acme.user("operations");
  const { user: tech } = await acme.vendor();
  await acme.admin.run(
    `mutation { startWorkflow(input: { definitionKey: "inspection", data: { where: "the vault" } }) { instance { id } } }`,
  );
  expect(await toldTo(olga)).toMatchObject([{ title: "Inspect the vault" }]);
  expect(await toldTo(tech)).toEqual([]);
});

test(
  "during an absence, a substitute is notified once of what reaches the absent user by name, and of being the substitute",
  { tags: "slow" },
  async () => {
    const acme = await weft.tenant();
    const [olga, otto, ben, ann] = await Promise.all(
      ["operations", "operations", "operations", "operations"].map((role) => acme.user(role)),
    );
    if (!olga || !otto || !ben || !ann) throw new Error("somebody is missing");
    await acme.definition(askedDefinition);
    const asks = async (title: string, ...whom: TestUser[]) => {
      const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(
        'mutation ($data: JSON) { startWorkflow(input: { definitionKey: "asked", data: $data }) { instance { tasks { id } } } }',
        { data: { title, whom: whom.map(({ id }) => id) } },
      );
      return startWorkflow.instance.tasks[0]?.id ?? "";
    };
    const away = async (who: TestUser, substitute: TestUser, startsAt: string, endsAt: string) => {
      const { setAbsence } = await who.run<{ setAbsence: { absence: { id: string } } }>(
        "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
        { input: { substituteId: substitute.id, startsAt, endsAt } },
      );
      return setAbsence.absence.id;
    };
    const back = (who: TestUser, id: string) =>
      who.run("mutation ($id: ID!) { endAbsence(input: { id: $id }) { absence { id } } }", { id });
    await asks("Before", olga);
    // Events are processed in the background, and the substitute is the one of that moment.
    await weft.weft.worker.idle();
    const [from, until] = [hours(-1), hours(1)];
    const absence = await away(olga, ben, from, until);
    // Otto's absence has not started, so the substitute is not notified of Otto's work.
    const later = await away(otto, ann, hours(24), hours(48));
    await asks("Named", olga);
    await asks("Both", olga, ben);
    await asks("Later", otto);
    const given = await asks("Given", otto);
    await acme.admin.run("mutation ($input: AssignTaskInput!) { assignTask(input: $input) { task { id } } }", {
      input: { id: given, userId: olga.id },
    });
    await weft.weft.worker.idle();
    await back(otto, later);
    await back(olga, absence);
    await asks("After", olga);
    const told = await toldTo(ben);
    expect(told.map(({ kind, title }) => `${kind} ${title}`).toSorted()).toEqual([
      `SUBSTITUTE You are a substitute from ${from.slice(0, 10)} to ${until.slice(0, 10)}`,
      "SUBSTITUTE You are no longer a substitute",
      "TASK_ASSIGNED As a substitute: Assigned to you: Given",
      "TASK_OPENED As a substitute: Named",
      "TASK_OPENED Both",
    ]);
    for (const { kind, params, subject } of told.filter(({ title }) => title !== "Both")) {
      expect(params).toMatchObject({ inPlaceOf: olga.id });
      expect(subject?.__typename).toBe(kind === "SUBSTITUTE" ? "Absence" : "Task");
    }
    expect((await toldTo(ann)).map(({ kind }) => kind)).toEqual(["SUBSTITUTE", "SUBSTITUTE"]);
  },
);

test("a user who is replaced as substitute is notified, unless they made the change themselves", async () => {
  const acme = await weft.tenant();
  const people = await Promise.all(["operations", "operations", "operations", "workflow_manager"].map((role) => acme.user(role)));
  const [olga, ben, ann, mia] = people;
  if (!olga || !ben || !ann || !mia) throw new Error("somebody is missing");
  const [from, until] = [hours(-1), hours(1)];
  const { setAbsence } = await olga.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { substituteId: ben.id, startsAt: from, endsAt: until } },
  );
  const change = (who: TestUser, input: object) =>
    who.run("mutation ($input: UpdateAbsenceInput!) { updateAbsence(input: $input) { absence { id } } }", {
      input: { id: setAbsence.absence.id, ...input },
    });
  await change(olga, { substituteId: ann.id });
  await change(olga, { substituteId: ann.id, note: "The same" });
  await change(olga, { substituteId: mia.id });
  await change(mia, { substituteId: ben.id });
  const now = `You are a substitute from ${from.slice(0, 10)} to ${until.slice(0, 10)}`;
  const titlesOf = async (who: TestUser) => (await toldTo(who)).map(({ title }) => title).toSorted();
  expect(await titlesOf(ben)).toEqual([now, now, "You are no longer a substitute"]);
  expect(await titlesOf(ann)).toEqual([now, now, "You are no longer a substitute"]);
  expect(await titlesOf(mia)).toEqual([now]);
  expect(await titlesOf(olga)).toEqual([]);
  const [last] = (await toldTo(ann)).filter(({ title }) => title.startsWith("You are no longer"));
  expect(last).toMatchObject({ kind: "SUBSTITUTE", params: { inPlaceOf: olga.id }, subject: { __typename: "Absence" } });
});

test("reading a notification removes it from the unread ones, once", async () => {
  const { olga } = await aSubmittedRequest();
  const [told] = await toldTo(olga);
  const mark = `mutation ($id: ID!) { markNotificationRead(input: { id: $id }) { notification { id isRead readAt } } }`;
  const first = await olga.run<{ markNotificationRead: { notification: Told } }>(mark, { id: told?.id });
  expect(first.markNotificationRead.notification).toMatchObject({ id: told?.id, isRead: true });
  expect(await olga.run(mark, { id: told?.id })).toEqual(first);
  expect(await toldTo(olga, { isRead: { eq: false } })).toEqual([]);
  expect(await toldTo(olga, { isRead: { eq: true } })).toHaveLength(1);
  expect(await olga.run(`{ unreadNotificationCount }`)).toEqual({ unreadNotificationCount: 0 });
});

describe("other users", () => {
  test("no user sees or marks another user's notifications, neither in the same tenant nor in another one", { tags: "slow" }, async () => {
    const { acme, olga } = await aSubmittedRequest();
    const [told] = await toldTo(olga);
    const globex = await weft.tenant();
    const mark = `mutation ($id: ID!) { markNotificationRead(input: { id: $id }) { notification { id } } }`;
    for (const user of [acme.admin, globex.admin]) {
      expect((await toldTo(user)).some(({ id }) => id === told?.id)).toBe(false);
      expect(await user.refusal(mark, { id: told?.id })).toBe("NOT_FOUND");
    }
    expect((await toldTo(olga))[0]?.isRead).toBe(false);
  });
});
