import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let requester: TestUser;
let olga: TestUser;
let kone: { readonly id: string; readonly user: TestUser };
let otis: { readonly id: string; readonly user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  await acme.maintenance();
  requester = await acme.user("requester");
  olga = await acme.user("operations");
  kone = await acme.vendor("Kone");
  otis = await acme.vendor("Otis");
});

interface Payload {
  readonly cursor: string;
  readonly change: string;
  readonly commentId: string;
  readonly comment: { readonly text: string } | null;
}

const fields = "cursor change commentId comment { text } request { id }";
const watch = `subscription ($id: ID, $after: String) { requestCommentChanged(requestId: $id, after: $after) { ${fields} } }`;
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const edit = "mutation ($input: EditRequestCommentInput!) { editRequestComment(input: $input) { comment { id } } }";
const remove = "mutation ($id: ID!) { deleteRequestComment(input: { id: $id }) { request { id } } }";
const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";

const feedOf = (user: TestUser, id: string) => user.subscribe<Payload>("requestCommentChanged", watch, { id });
const seen = (payloads: readonly Payload[]): string[] => payloads.map((one) => `${one.change} ${one.comment?.text ?? "nothing"}`);

async function say(user: TestUser, input: Record<string, unknown>): Promise<string> {
  return (await user.run<{ commentOnRequest: { comment: { id: string } } }>(comment, { input })).commentOnRequest.comment.id;
}

async function submitted(vendorId: string): Promise<string> {
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "maintenance", data: { summary: "The lift grinds", estimate: 100 } } },
  );
  const { id } = createRequest.request;
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  await olga.run(assign, { input: { id, assignee: { vendorId } } });
  return id;
}

test("new, edited, and deleted comments are delivered to the users who can read them", async () => {
  const id = await submitted(kone.id);
  const feeds = await Promise.all([olga, requester, kone.user].map((user) => feedOf(user, id)));
  const open = await say(requester, { id, audience: "PUBLIC", text: "Louder" });
  await olga.run(edit, { input: { id: await say(olga, { id, audience: "INTERNAL", text: "Again" }), text: "Third time" } });
  const internal = await say(olga, { id, audience: "INTERNAL", text: "Too expensive" });
  for (const feed of feeds) await feed.until((payloads) => payloads.length >= 1);
  await olga.run(remove, { id: internal });
  await requester.run(remove, { id: open });
  await say(requester, { id, audience: "PUBLIC", text: "The end" });
  const [staff, ...others] = feeds;
  for (const feed of feeds) await feed.until((payloads) => payloads.some((one) => one.comment?.text === "The end"));
  // An edit that is delivered after the next one shows the text as it is then.
  const texts = seen(staff?.payloads ?? []);
  expect(texts[0]).toBe("ADDED Louder");
  expect(texts).toContain("EDITED Third time");
  expect(texts.slice(-3)).toEqual(["DELETED nothing", "DELETED nothing", "ADDED The end"]);
  for (const feed of others) expect(seen(feed.payloads)).toEqual(["ADDED Louder", "DELETED nothing", "ADDED The end"]);
  expect(feeds.flatMap(({ errors }) => errors)).toEqual([]);
  await Promise.all(feeds.map((feed) => feed.stop()));
});

test("a vendor receives nothing about what another vendor wrote before, not even its deletion", async () => {
  const id = await submitted(kone.id);
  const feeds = await Promise.all([requester, otis.user].map((user) => user.subscribe<Payload>("requestCommentChanged", watch)));
  const offer = await say(kone.user, { id, audience: "PUBLIC", text: "We ask 900" });
  await olga.run(assign, { input: { id, assignee: { vendorId: otis.id } } });
  await acme.admin.run(remove, { id: offer });
  await say(requester, { id, audience: "PUBLIC", text: "The end" });
  for (const feed of feeds) await feed.until((payloads) => payloads.some((one) => one.comment?.text === "The end"));
  expect(seen(feeds[1]?.payloads ?? [])).toEqual(["ADDED The end"]);
  expect(seen(feeds[0]?.payloads ?? []).slice(-2)).toEqual(["DELETED nothing", "ADDED The end"]);
  await Promise.all(feeds.map((feed) => feed.stop()));
});

test("the comments of a request of another tenant cannot be subscribed to, and a cursor shows none of them", async () => {
  const id = await submitted(kone.id);
  const feed = await feedOf(olga, id);
  await say(olga, { id, audience: "INTERNAL", text: "Ours" });
  const [payload] = await feed.until((payloads) => payloads.length === 1);
  await feed.stop();
  const { admin } = await weft.tenant("Globex");
  const read = `query ($at: String, $id: ID) { requestCommentChanged(at: $at, requestId: $id) { ${fields} } }`;
  expect(await admin.internally.refusal(read, { id })).toBe("NOT_FOUND");
  expect(await admin.internally.refusal(read, { at: payload?.cursor })).toBe("BAD_USER_INPUT");
  expect(await olga.internally.run(read, { at: payload?.cursor })).toEqual({ requestCommentChanged: payload });
  for (const user of [requester, kone.user])
    expect(await user.internally.run(read, { at: payload?.cursor })).toEqual({ requestCommentChanged: null });
});
