import { aMaintenanceTenant, type ApiError, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { attachText, uploadText } from "@weft/testkit/files/upload-file";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const split = `mutation ($input: SplitRequestInput!) { splitRequest(input: $input) {
  request { id links { kind isInverse request { id } } }
  newRequest { id state building { id } asset { id } workflow { owner { id } } links { kind isInverse request { id } } } } }`;
const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
const read = `query ($id: ID!) { request(id: $id) {
  comments(first: 50) { edges { node { text audience createdAt author { id } attachments { file { name } } copiedFrom { id } } } }
  attachments(first: 50) { edges { node { visibility file { name } } } }
  timeline(first: 50) { edges { node { event otherRequest { id } } } } } }`;

interface Node {
  readonly text: string;
}
interface Answer {
  readonly request: Readonly<Record<"comments" | "attachments" | "timeline", { readonly edges: readonly { readonly node: Node }[] }>>;
}
interface Split {
  readonly splitRequest: { readonly newRequest: { readonly id: string } };
}

const codeOf = (error: ApiError) => error.extensions?.["code"];
const problemsOf = (error: ApiError) => ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
const data = { summary: "The door, too", estimate: 50 };

async function say(user: TestUser, id: string, audience: "PUBLIC" | "INTERNAL", text: string, fileIds: string[] = []): Promise<string> {
  const { commentOnRequest } = await user.run<{ commentOnRequest: { comment: { id: string } } }>(comment, {
    input: { id, audience, text, fileIds },
  });
  return commentOnRequest.comment.id;
}

const nodesOf = async (user: TestUser, id: string, list: "comments" | "attachments" | "timeline"): Promise<Node[]> =>
  (await user.run<Answer>(read, { id })).request[list].edges.map(({ node }) => node);

test(
  "the new request is a linked draft of the same owner in the same place, with copies of the given comments and files",
  { tags: "slow" },
  async () => {
    const { id } = await acme.request("assigned");
    const door = await say(acme.requester, id, "PUBLIC", "The door is stuck", [await uploadText(acme.requester, { name: "door.txt" })]);
    const internal = await say(acme.operations, id, "INTERNAL", "Two trades");
    await say(acme.requester, id, "PUBLIC", "The lift grinds");
    const plan = await attachText(acme.operations, { objectId: id, name: "plan.txt", visibility: "INTERNAL" });
    await attachText(acme.operations, { objectId: id, name: "lift.txt", visibility: "SHARED" });
    const before = await acme.operations.run(read, { id });
    const input = { id, kind: "PARENT_OF", data, commentIds: [door, internal], attachmentIds: [plan.id] };
    const { splitRequest } = await acme.operations.run<Split>(split, { input });
    const newId = splitRequest.newRequest.id;
    expect(splitRequest).toMatchObject({
      request: { links: [{ kind: "PARENT_OF", isInverse: false, request: { id: newId } }] },
      newRequest: {
        state: "draft",
        building: { id: acme.buildingId },
        asset: { id: acme.assetId },
        workflow: { owner: { id: acme.requester.id } },
        links: [{ kind: "PARENT_OF", isInverse: true, request: { id } }],
      },
    });
    expect(await nodesOf(acme.operations, newId, "comments")).toMatchObject([
      { text: "Two trades", audience: "INTERNAL", author: { id: acme.operations.id }, copiedFrom: { id } },
      { text: "The door is stuck", audience: "PUBLIC", author: { id: acme.requester.id }, attachments: [{ file: { name: "door.txt" } }] },
    ]);
    expect((await nodesOf(acme.operations, newId, "attachments")).toReversed()).toEqual([
      { visibility: "SHARED", file: { name: "door.txt" } },
      { visibility: "INTERNAL", file: { name: "plan.txt" } },
    ]);
    expect((await nodesOf(acme.requester, newId, "comments")).map(({ text }) => text)).toEqual(["The door is stuck"]);
    const after = await acme.operations.run<Answer>(read, { id });
    const { timeline, ...rest } = after.request;
    expect(before).toMatchObject({ request: rest });
    expect(timeline.edges[0]?.node).toEqual({ event: "SPLIT_OFF", otherRequest: { id: newId } });
    expect(await nodesOf(acme.operations, newId, "timeline")).toContainEqual({ event: "SPLIT_FROM", otherRequest: { id } });
  },
);

test("the vendor of a request learns nothing of the one that was split off", async () => {
  const { id } = await acme.request("assigned");
  const { splitRequest } = await acme.operations.run<Split>(split, { input: { id, kind: "RELATES_TO", data } });
  expect(codeOf(await acme.vendor.user.refused(read, { id: splitRequest.newRequest.id }))).toBe("NOT_FOUND");
  const seen = await nodesOf(acme.vendor.user, id, "timeline");
  expect(seen.filter((entry) => JSON.stringify(entry).includes("SPLIT"))).toEqual([]);
});

test("a request that was split off can be merged back, without copying anything twice", async () => {
  const { id } = await acme.request("triage");
  const door = await say(acme.requester, id, "PUBLIC", "The door is stuck", [await uploadText(acme.requester, { name: "door.txt" })]);
  const { splitRequest } = await acme.operations.run<Split>(split, { input: { id, kind: "RELATES_TO", data, commentIds: [door] } });
  await say(acme.requester, splitRequest.newRequest.id, "PUBLIC", "It opens again");
  await acme.operations.run("mutation ($input: MergeRequestsInput!) { mergeRequests(input: $input) { into { id } } }", {
    input: { id: splitRequest.newRequest.id, intoId: id },
  });
  expect((await nodesOf(acme.requester, id, "comments")).map(({ text }) => text)).toEqual(["It opens again", "The door is stuck"]);
  expect(await nodesOf(acme.requester, id, "attachments")).toHaveLength(1);
});

test("names every comment and file that is not of the request, or that the viewer cannot read", async () => {
  const [one, two] = [await acme.request("triage"), await acme.request("triage")];
  const [own, others] = [await say(acme.requester, one.id, "PUBLIC", "Own"), await say(acme.requester, two.id, "PUBLIC", "Other")];
  const file = await attachText(acme.operations, { objectId: two.id, name: "other.txt" });
  const input = { id: one.id, kind: "RELATES_TO", data };
  const refused = async (more: object) => problemsOf(await acme.operations.refused(split, { input: { ...input, ...more } }));
  expect(await refused({ commentIds: [own, others] })).toEqual(["input.commentIds.1"]);
  expect(await refused({ attachmentIds: [file.id] })).toEqual(["input.attachmentIds.0"]);
  expect(await refused({ commentIds: Array.from({ length: 101 }, () => own) })).toEqual(["input.commentIds"]);
  expect(await refused({ typeKey: "none" })).toEqual(["input.typeKey"]);
});

test("requesters, users of a vendor, and users of another tenant cannot split a request", async () => {
  const { id } = await acme.request("assigned");
  const input = { id, kind: "RELATES_TO", data };
  for (const user of [acme.requester, acme.vendor.user]) expect(codeOf(await user.refused(split, { input }))).toBe("FORBIDDEN");
  const globex = await aMaintenanceTenant(weft);
  expect(codeOf(await globex.operations.refused(split, { input }))).toBe("NOT_FOUND");
});
