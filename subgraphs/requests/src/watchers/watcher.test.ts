import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const watch = "mutation ($input: WatchRequestInput!) { watchRequest(input: $input) { request { watchers { id } viewerIsWatching } } }";
const unwatch = "mutation ($input: WatchRequestInput!) { unwatchRequest(input: $input) { request { watchers { id } viewerIsWatching } } }";

async function titlesOf(user: TestUser): Promise<string[]> {
  await weft.weft.worker.idle();
  const { notifications } = await user.run<{ notifications: { edges: { node: { title: string } }[] } }>(
    "{ notifications(first: 100) { edges { node { title } } } }",
  );
  return notifications.edges.map(({ node }) => node.title);
}

test("a user watches a request and stops watching it; repeating either changes nothing", async () => {
  const { id } = await acme.request("triage");
  const vera = await acme.tenant.user("viewer");
  for (let time = 0; time < 2; time++)
    expect(await vera.run(watch, { input: { id } })).toMatchObject({
      watchRequest: { request: { watchers: [{ id: vera.id }], viewerIsWatching: true } },
    });
  for (let time = 0; time < 2; time++)
    expect(await vera.run(unwatch, { input: { id } })).toMatchObject({
      unwatchRequest: { request: { watchers: [], viewerIsWatching: false } },
    });
  expect(await vera.run(watch, { input: { id } })).toMatchObject({ watchRequest: { request: { viewerIsWatching: true } } });
});

test("watchers are notified of transitions and comments; without watching they are not", async () => {
  const { id } = await acme.request("draft");
  const [vera, viktor] = [await acme.tenant.user("viewer"), await acme.tenant.user("viewer")];
  await vera.run(watch, { input: { id } });
  const say = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
  await acme.operations.run(say, { input: { id, audience: "INTERNAL", text: "Look" } });
  await acme.requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  const titles = await titlesOf(vera);
  expect(titles).toContainEqual(expect.stringMatching(/^A request that you watch moved from /));
  expect(titles).toContainEqual(expect.stringMatching(/^New internal comment on MR-\d+, /));
  expect(await titlesOf(viktor)).toEqual([]);
});

test("only users with the permission to triage add and remove others, and only those who can see the request", async () => {
  const { id } = await acme.request("triage");
  const [vera, stranger] = [await acme.tenant.user("viewer"), await acme.tenant.user("requester")];
  expect(await vera.refusal(watch, { input: { id, userId: acme.requester.id } })).toBe("FORBIDDEN");
  await acme.operations.run(watch, { input: { id, userId: vera.id } });
  expect(await vera.run(unwatch, { input: { id } })).toMatchObject({ unwatchRequest: { request: { viewerIsWatching: false } } });
  for (const operation of [watch, unwatch])
    expect(await acme.operations.refusal(operation, { input: { id, userId: stranger.id } })).toBe("BAD_USER_INPUT");
});

test("a vendor's user sees no other watchers", async () => {
  const { id } = await acme.request("approved");
  const kone = await acme.tenant.vendor("Kone");
  await acme.operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id, assignee: { vendorId: kone.id } },
  });
  await acme.operations.run(watch, { input: { id } });
  expect(await kone.user.run(watch, { input: { id } })).toMatchObject({ watchRequest: { request: { watchers: [{ id: kone.user.id }] } } });
});

test("a user of another tenant finds no request to watch", async () => {
  const { id } = await acme.request("triage");
  const { admin } = await weft.tenant("Globex");
  expect(await admin.refusal(watch, { input: { id } })).toBe("NOT_FOUND");
  expect(await admin.refusal(unwatch, { input: { id } })).toBe("NOT_FOUND");
});
