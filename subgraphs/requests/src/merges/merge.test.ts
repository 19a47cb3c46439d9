import { isDeepStrictEqual } from "node:util";
import {
  aMaintenanceTenant,
  type ApiError,
  type MaintenanceRequest,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let other: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  other = await acme.tenant.user("requester");
});

const merge = "mutation ($input: MergeRequestsInput!) { mergeRequests(input: $input) { request { id status } into { id status } } }";
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const edit = "mutation ($input: EditRequestCommentInput!) { editRequestComment(input: $input) { comment { id } } }";
const link = "mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }";
const watch = "mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }";
const read = `query ($id: ID!) { request(id: $id) {
  status
  comments(first: 50) { totalCount edges { node {
    id text audience createdAt author { id } versions { text } copiedFrom { id } attachments { file { name } visibility } } } }
  attachments(first: 50) { totalCount edges { node { visibility file { name } createdBy { id } } } }
  links { kind isInverse request { id } }
  watchers { id }
  timeline(first: 50) { totalCount edges { node { event text actor { id } otherRequest { id } } } } } }`;

interface Comment {
  readonly id: string;
  readonly text: string;
  readonly audience: string;
  readonly createdAt: string;
  readonly author: { readonly id: string } | null;
  readonly versions: readonly { readonly text: string }[];
  readonly copiedFrom: { readonly id: string } | null;
  readonly attachments: readonly { readonly visibility: string; readonly file: { readonly name: string } | null }[];
}
interface Found {
  readonly status: string;
  readonly comments: Page<Comment>;
  readonly attachments: Page<{ readonly visibility: string; readonly file: { readonly name: string } | null }>;
  readonly links: readonly { readonly kind: string; readonly isInverse: boolean; readonly request: { readonly id: string } }[];
  readonly watchers: readonly ({ readonly id: string } | null)[];
  readonly timeline: Page<{ readonly event: string; readonly text: string | null; readonly otherRequest: { readonly id: string } | null }>;
}
interface Page<Node> {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: Node }[];
}

const found = async (user: TestUser, { id }: MaintenanceRequest): Promise<Found> =>
  (await user.run<{ request: Found }>(read, { id })).request;
const nodes = <Node>(page: Page<Node>): Node[] => page.edges.map(({ node }) => node);
const codeOf = (error: ApiError) => error.extensions?.["code"];
const problemsOf = (error: ApiError) => ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);

async function say(user: TestUser, { id }: MaintenanceRequest, audience: "PUBLIC" | "INTERNAL", text: string, fileIds: string[] = []) {
  const { commentOnRequest } = await user.run<{ commentOnRequest: { comment: Comment } }>(comment, {
    input: { id, audience, text, fileIds },
  });
  return commentOnRequest.comment.id;
}

/** Returns a submitted request of another requester. */
async function requestOfOther(): Promise<MaintenanceRequest> {
  const { createRequest } = await other.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "maintenance", data: { summary: "The lift is loud", estimate: 100 } } },
  );
  const request = { id: createRequest.request.id, instanceId: createRequest.request.workflow.id };
  await acme.fire(other, request, "submit");
  return request;
}

const run = (from: MaintenanceRequest, into: MaintenanceRequest, more: object = {}) =>
  acme.operations.run(merge, { input: { id: from.id, intoId: into.id, ...more } });

describe("merging requests of one owner", () => {
  test("copies comments with their authors, times, and earlier texts, and files, and loses nothing of the merged request", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("triage")];
    const first = await say(acme.requester, from, "PUBLIC", "It grins", [await uploadText(acme.requester, { name: "noise.txt" })]);
    await acme.requester.run(edit, { input: { id: first, text: "It grinds" } });
    await say(acme.operations, from, "INTERNAL", "The third time");
    const before = await found(acme.operations, from);
    await say(acme.operations, into, "PUBLIC", "We come today");
    expect(await run(from, into)).toMatchObject({ mergeRequests: { request: { status: "CANCELLED" }, into: { status: "RUNNING" } } });

    const [left, merged] = [await found(acme.operations, from), await found(acme.operations, into)];
    expect(left.comments).toEqual(before.comments);
    expect(left.attachments).toEqual(before.attachments);
    expect(merged.comments.totalCount).toBe(3);
    // In the order of their times.
    expect(nodes(merged.comments).map(({ text }) => text)).toEqual(["We come today", "The third time", "It grinds"]);
    const copies = nodes(merged.comments).slice(1);
    const withoutIds = ({ id: _id, copiedFrom: _copiedFrom, ...rest }: Comment) => rest;
    expect(copies.map(withoutIds)).toEqual(nodes(before.comments).map(withoutIds));
    expect(copies.map(({ copiedFrom }) => copiedFrom)).toEqual([{ id: from.id }, { id: from.id }]);
    expect(copies[1]).toMatchObject({ audience: "PUBLIC", versions: [{ text: "It grins" }], author: { id: acme.requester.id } });
    expect(nodes(merged.attachments)).toEqual(nodes(before.attachments));
    expect(copies[1]?.attachments).toEqual([{ visibility: "SHARED", file: { name: "noise.txt" } }]);
    const texts = nodes((await found(acme.requester, into)).comments).map(({ text }) => text);
    expect(texts).toEqual(["We come today", "It grinds"]);
  });

  test("shows both timelines what happened, and only to users who work on the requests that it was a merge", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("assigned")];
    await run(from, into);
    const steps = async (user: TestUser, request: MaintenanceRequest) => nodes((await found(user, request)).timeline);
    expect(await steps(acme.operations, from)).toContainEqual(
      expect.objectContaining({ event: "MERGED_INTO", otherRequest: { id: into.id } }),
    );
    expect(await steps(acme.operations, into)).toContainEqual(
      expect.objectContaining({ event: "MERGED", actor: { id: acme.operations.id }, otherRequest: { id: from.id } }),
    );
    const ended = { event: "CANCELLATION", text: "Merged into another request." };
    expect(await steps(acme.requester, from)).toContainEqual(expect.objectContaining(ended));
    for (const user of [acme.requester, acme.vendor.user])
      expect((await steps(user, into)).filter(({ otherRequest, event }) => otherRequest !== null || event === "MERGED")).toEqual([]);
  });

  test("makes copies findable by the users who can read them", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("triage")];
    await say(acme.requester, from, "PUBLIC", "Quixotic noise");
    await say(acme.operations, from, "INTERNAL", "Zephyrous owner");
    await run(from, into);
    const search = "query ($words: String!) { requests(filter: { search: { contains: $words } }) { edges { node { id } } } }";
    const hits = async (user: TestUser, words: string) =>
      (await user.run<{ requests: Page<{ id: string }> }>(search, { words })).requests.edges.map(({ node }) => node.id);
    expect(await hits(acme.requester, "quixotic")).toContain(into.id);
    expect(await hits(acme.operations, "zephyrous")).toEqual(expect.arrayContaining([from.id, into.id]));
    expect(await hits(acme.requester, "zephyrous")).toEqual([]);
  });

  test("is delivered live for both requests", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("triage")];
    const live = "subscription { requestChanged { change request { id } } }";
    const feed = await acme.operations.subscribe<{ change: string; request: { id: string } }>("requestChanged", live);
    await run(from, into);
    // Events from before the merge can still come.
    const expected = [
      { change: "TRANSITIONED", request: { id: from.id } },
      { change: "UPDATED", request: { id: into.id } },
    ];
    const changes = await feed.until((payloads) => expected.every((one) => payloads.some((payload) => isDeepStrictEqual(payload, one))));
    expect(changes).toEqual(expect.arrayContaining(expected));
    await feed.stop();
  });

  test("moves links, adds watchers who can see the other request, and ends duplicates of the merged one", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("triage")];
    const [child, blocked, duplicate] = [await acme.request("triage"), await acme.request("triage"), await acme.request("triage")];
    await acme.operations.run(link, { input: { id: from.id, kind: "PARENT_OF", toId: child.id } });
    await acme.operations.run(link, { input: { id: from.id, kind: "BLOCKS", toId: blocked.id } });
    await acme.operations.run(link, { input: { id: duplicate.id, kind: "DUPLICATES", toId: from.id } });
    await acme.manager.run(watch, { id: from.id });
    await run(from, into);
    const { links, watchers } = await found(acme.operations, into);
    expect(links).toHaveLength(3);
    expect(links).toEqual(
      expect.arrayContaining([
        { kind: "DUPLICATES", isInverse: true, request: { id: from.id } },
        { kind: "PARENT_OF", isInverse: false, request: { id: child.id } },
        { kind: "BLOCKS", isInverse: false, request: { id: blocked.id } },
      ]),
    );
    expect(watchers).toEqual([{ id: acme.manager.id }]);
    await weft.weft.worker.idle();
    expect((await found(acme.operations, duplicate)).status).toBe("CANCELLED");
    expect((await found(acme.operations, child)).status).toBe("RUNNING");
  });

  test("does not close a cycle with links that it moves, and gives no request a second parent", async () => {
    const [from, into, parent] = [await acme.request("triage"), await acme.request("triage"), await acme.request("triage")];
    const between = await acme.request("triage");
    // From blocks between, which blocks into: moved, the link would close a cycle.
    await acme.operations.run(link, { input: { id: from.id, kind: "BLOCKS", toId: between.id } });
    await acme.operations.run(link, { input: { id: between.id, kind: "BLOCKS", toId: into.id } });
    await acme.operations.run(link, { input: { id: parent.id, kind: "PARENT_OF", toId: into.id } });
    await acme.operations.run(link, { input: { id: between.id, kind: "PARENT_OF", toId: from.id } });
    await run(from, into);
    expect((await found(acme.operations, from)).links.map(({ kind }) => kind).toSorted()).toEqual(["BLOCKS", "DUPLICATES", "PARENT_OF"]);
    expect((await found(acme.operations, into)).links.map(({ kind }) => kind).toSorted()).toEqual(["BLOCKS", "DUPLICATES", "PARENT_OF"]);
  });
});

describe("merging requests of different users", () => {
  test("tells neither requester, and no vendor, what the other one wrote", async () => {
    const [from, into] = [await requestOfOther(), await acme.request("assigned")];
    await say(other, from, "PUBLIC", "Xylophonic lift", [await uploadText(other, { name: "private.txt" })]);
    await other.run(watch, { id: from.id });
    await run(from, into);
    const search = 'query { requests(filter: { search: { contains: "xylophonic" } }) { totalCount } }';
    for (const user of [acme.requester, acme.vendor.user]) {
      const { comments, attachments, watchers } = await found(user, into);
      expect({ comments: comments.totalCount, attachments: attachments.totalCount }).toEqual({ comments: 0, attachments: 0 });
      expect(watchers).toEqual([]);
      expect(await user.run(search)).toEqual({ requests: { totalCount: 0 } });
    }
    const seen = await found(acme.operations, into);
    expect(nodes(seen.comments)).toMatchObject([{ text: "Xylophonic lift", audience: "INTERNAL", author: { id: other.id } }]);
    expect(nodes(seen.attachments)).toMatchObject([{ visibility: "INTERNAL", file: { name: "private.txt" } }]);
    expect(nodes((await found(other, from)).comments)).toMatchObject([{ text: "Xylophonic lift", audience: "PUBLIC" }]);
    expect(codeOf(await other.refused(read, { id: into.id }))).toBe("NOT_FOUND");
  });
});

describe("requests cannot be merged", () => {
  test("into themselves, into one that has ended, twice, or in a circle", async () => {
    const [one, two, ended] = [await acme.request("triage"), await acme.request("triage"), await acme.request("closed")];
    const refused = async (id: string, intoId: string) => acme.operations.refused(merge, { input: { id, intoId } });
    expect(problemsOf(await refused(one.id, one.id))).toEqual(["input.intoId"]);
    expect(codeOf(await refused(one.id, ended.id))).toBe("TRANSITION_REJECTED");
    expect(codeOf(await refused(ended.id, one.id))).toBe("TRANSITION_REJECTED");
    await acme.operations.run(link, { input: { id: two.id, kind: "DUPLICATES", toId: one.id } });
    expect(problemsOf(await refused(one.id, two.id))).toEqual(["input.intoId"]);
    await run(two, one);
    expect(codeOf(await refused(two.id, one.id))).toBe("TRANSITION_REJECTED");
    expect((await found(acme.operations, one)).status).toBe("RUNNING");
  });

  test("with an old version, and nothing is left of the attempt", async () => {
    const [from, into] = [await acme.request("triage"), await acme.request("triage")];
    await say(acme.requester, from, "PUBLIC", "It grinds");
    const before = await found(acme.operations, into);
    expect(codeOf(await acme.operations.refused(merge, { input: { id: from.id, intoId: into.id, expectedVersion: 1 } }))).toBe("CONFLICT");
    expect(await found(acme.operations, into)).toEqual(before);
  });

  test("by requesters, users of a vendor, and users of another tenant", { tags: "slow" }, async () => {
    const [from, into] = [await acme.request("assigned"), await acme.request("assigned")];
    const input = { id: from.id, intoId: into.id };
    for (const user of [acme.requester, acme.vendor.user]) expect(codeOf(await user.refused(merge, { input }))).toBe("FORBIDDEN");
    const globex = await aMaintenanceTenant(weft);
    expect(codeOf(await globex.operations.refused(merge, { input }))).toBe("NOT_FOUND");
    const own = await globex.request("triage");
    const error = await globex.operations.refused(merge, { input: { id: own.id, intoId: into.id } });
    expect(problemsOf(error)).toEqual(["input.intoId"]);
  });
});
