import { aMaintenanceTenant, type Feed, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(() => owner.end());

const announcing = "mutation ($input: AnnounceRequestActivityInput!) { announceRequestActivity(input: $input) { endsAt } }";
const reading = "query ($id: ID!) { requestEditors(id: $id) { cursor editors { activity since user { id } } } }";
const following =
  "subscription ($id: ID!, $after: String) { requestEditors(id: $id, after: $after) { cursor editors { activity since user { id name } } } }";

interface Editors {
  readonly cursor: string | null;
  readonly editors: readonly { readonly activity: string; readonly since: string; readonly user: { readonly id: string } | null }[];
}
type Activity = "CHANGING" | "COMMENTING" | null;
interface Answer {
  readonly announceRequestActivity: { readonly endsAt: string | null };
}

const announce = async (user: TestUser, id: string, activity: Activity, more: object = {}): Promise<string | null> =>
  (await user.run<Answer>(announcing, { input: { id, activity, ...more } })).announceRequestActivity.endsAt;
const editorsOf = async (user: TestUser, id: string): Promise<Editors["editors"]> =>
  (await user.run<{ requestEditors: Editors }>(reading, { id })).requestEditors.editors;
const seenBy = async (user: TestUser, id: string): Promise<string[]> =>
  (await editorsOf(user, id)).map((editor) => `${editor.user?.id} ${editor.activity}`);
const follow = async (user: TestUser, id: string): Promise<Feed<Editors>> => {
  const feed = await user.subscribe<Editors>("requestEditors", following, { id });
  await feed.until((payloads) => payloads.length === 1);
  return feed;
};
const shows =
  (...expected: readonly string[]) =>
  (payloads: readonly Editors[]): boolean =>
    JSON.stringify(payloads.at(-1)?.editors.map(({ user }) => user?.id)) === JSON.stringify(expected);

test("others see what a user is doing with a request, until the user has stopped; the user does not", async () => {
  const { id } = await acme.request("triage");
  const endsAt = Date.parse((await announce(acme.operations, id, "CHANGING")) ?? "");
  expect(endsAt - Date.now()).toBeLessThanOrEqual(21_000);
  expect(await seenBy(acme.requester, id)).toEqual([`${acme.operations.id} CHANGING`]);
  expect(await editorsOf(acme.operations, id)).toEqual([]);
  await announce(acme.operations, id, "COMMENTING");
  expect(await seenBy(acme.requester, id)).toEqual([`${acme.operations.id} COMMENTING`]);
  expect(await announce(acme.operations, id, null)).toBe(null);
  expect(await editorsOf(acme.requester, id)).toEqual([]);
});

test("everybody who looks at the request learns at once when somebody begins and stops, and nothing of repetitions", async () => {
  const { id } = await acme.request("triage");
  const feeds = [await follow(acme.requester, id), await follow(acme.admin, id)];
  await announce(acme.operations, id, "CHANGING");
  for (const feed of feeds) await feed.until(shows(acme.operations.id));
  await announce(acme.operations, id, "CHANGING");
  await announce(acme.operations, id, null);
  await announce(acme.operations, id, null);
  for (const feed of feeds) await feed.until(shows());
  expect(feeds.map(({ payloads }) => payloads.length)).toEqual([3, 3]);
  expect(feeds[0]?.payloads.at(-1)?.cursor).toEqual(expect.any(String));
  for (const feed of feeds) await feed.stop();
});

test("a subscription that is opened later begins with those who are at it", async () => {
  const { id } = await acme.request("triage");
  await announce(acme.operations, id, "COMMENTING");
  const { liveCursor } = await acme.requester.run<{ liveCursor: string }>("{ liveCursor }");
  const feed = await acme.requester.subscribe<Editors>("requestEditors", following, { id, after: liveCursor });
  expect((await feed.until(shows(acme.operations.id))).length).toBe(1);
  await feed.stop();
});

test("a repeated announcement takes one statement, and so does the first one", async () => {
  const { id } = await acme.request("triage");
  const statementsOf = async (activity: Activity): Promise<string[]> => {
    const all = await weft.statements(() => announce(acme.operations, id, activity));
    return all
      .filter((text) => /request/i.test(text) && !/findTenants|databaseNow/.test(text))
      .map((text) => /\/\* (\w+) \*\//.exec(text)?.[1] ?? text);
  };
  expect(await statementsOf("CHANGING")).toEqual(["recordRequestActivity"]);
  expect(await statementsOf("CHANGING")).toEqual(["recordRequestActivity"]);
  expect(await statementsOf(null)).toEqual(["recordRequestActivityStop"]);
});

test("the time since when is kept while it is repeated", async () => {
  const { id } = await acme.request("triage");
  await announce(acme.operations, id, "CHANGING");
  const [before] = await editorsOf(acme.requester, id);
  await announce(acme.operations, id, "CHANGING");
  expect(await editorsOf(acme.requester, id)).toEqual([before]);
});

test("two sessions of a user are shown as one user, until both have stopped, and not to each other", async () => {
  const { id } = await acme.request("triage");
  const other = await acme.operations.again();
  await announce(acme.operations, id, "COMMENTING");
  await announce(other, id, "CHANGING");
  expect(await seenBy(acme.requester, id)).toEqual([`${acme.operations.id} CHANGING`]);
  expect(await editorsOf(other, id)).toEqual([]);
  await announce(other, id, null);
  expect(await seenBy(acme.requester, id)).toEqual([`${acme.operations.id} COMMENTING`]);
  await announce(acme.operations, id, null);
  expect(await editorsOf(acme.requester, id)).toEqual([]);
});

test("what is not announced again is over after its time, and those who look are told", async () => {
  const { id } = await acme.request("triage");
  const requestId = decodeId("request", id);
  const feed = await follow(acme.requester, id);
  await announce(acme.operations, id, "CHANGING");
  await feed.until(shows(acme.operations.id));
  await owner`update requests.request_editors set expires_at = now() - interval '1 second' where request_id = ${requestId}`;
  expect(await editorsOf(acme.requester, id)).toEqual([]);
  await weft.weft.worker.idle();
  await feed.until(shows());
  expect(await owner`select from requests.request_editors where request_id = ${requestId}`).toHaveLength(0);
  await feed.stop();
});

test("it is over at once when the user logs out", async () => {
  const { id } = await acme.request("triage");
  const feed = await follow(acme.requester, id);
  const session = await acme.operations.again();
  await announce(session, id, "CHANGING");
  await feed.until(shows(acme.operations.id));
  await session.run("mutation { logout { sessionId } }");
  expect(await feed.until(shows())).toHaveLength(3);
  await feed.stop();
});

test("who writes an internal comment is shown only to users who can read it", async () => {
  const { id } = await acme.request("triage");
  const feed = await follow(acme.requester, id);
  await announce(acme.operations, id, "COMMENTING", { isInternal: true });
  expect(await seenBy(acme.admin, id)).toEqual([`${acme.operations.id} COMMENTING`]);
  expect(await editorsOf(acme.requester, id)).toEqual([]);
  await announce(acme.operations, id, "COMMENTING");
  await feed.until(shows(acme.operations.id));
  expect(feed.payloads).toHaveLength(2);
  await feed.stop();
});

test("a vendor's user sees nobody; the company sees what the vendor's user is doing", async () => {
  const { id } = await acme.request("approved");
  const kone = await acme.tenant.vendor("Kone");
  await acme.operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id, assignee: { vendorId: kone.id } },
  });
  await announce(acme.operations, id, "CHANGING");
  expect(await editorsOf(kone.user, id)).toEqual([]);
  await announce(kone.user, id, "COMMENTING");
  expect(await seenBy(acme.admin, id)).toContain(`${kone.user.id} COMMENTING`);
  expect(await announce(kone.user, id, null)).toBe(null);
  expect(await seenBy(acme.admin, id)).toEqual([`${acme.operations.id} CHANGING`]);
});

test("users who cannot see the request, and users of another tenant, see and announce nothing", async () => {
  const { id } = await acme.request("triage");
  const { admin } = await weft.tenant("Globex");
  for (const user of [await acme.tenant.user("requester"), admin]) {
    expect(await user.refusal(reading, { id })).toBe("NOT_FOUND");
    for (const activity of ["CHANGING", null]) expect(await user.refusal(announcing, { input: { id, activity } })).toBe("NOT_FOUND");
    const feed = await user.subscribe("requestEditors", following, { id });
    await feed.until(() => feed.errors.length > 0);
    expect(feed.errors[0]?.extensions?.code).toBe("NOT_FOUND");
    await feed.stop();
  }
  expect(await editorsOf(acme.operations, id)).toEqual([]);
});

test("a session edits at most 20 requests at the same time", async () => {
  const requests = [];
  for (let count = 0; count < 21; count++) requests.push(await acme.request("draft"));
  const session = await acme.requester.again();
  for (const { id } of requests.slice(1)) await announce(session, id, "CHANGING");
  expect(await session.refusal(announcing, { input: { id: requests[0]?.id, activity: "CHANGING" } })).toBe("RATE_LIMITED");
  await announce(session, requests[1]?.id ?? "", "COMMENTING");
});

test("nothing of it is in the events or the audit trail", async () => {
  const { id } = await acme.request("triage");
  await weft.weft.worker.idle();
  const counts = () => owner`select (select count(*)::int from events.log where tenant_id = ${acme.tenant.id}) as events,
    (select count(*)::int from audit.entries where tenant_id = ${acme.tenant.id}) as entries`;
  const before = await counts();
  await announce(acme.operations, id, "CHANGING");
  await announce(acme.operations, id, null);
  await weft.weft.worker.idle();
  expect(await counts()).toEqual(before);
});
