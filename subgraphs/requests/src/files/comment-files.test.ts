import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeId } from "@weft/shared/ids";
import { type ApiError, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { attachText, uploadText } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let app: postgres.Sql;
let acme: TestTenant;
let requester: TestUser;
let olga: TestUser;
let kone: { readonly id: string; readonly user: TestUser };
let otis: { readonly id: string; readonly user: TestUser };

beforeAll(async () => {
  weft = await sharedWeft();
  app = postgres(weft.database.appUrl, { max: 1 });
  acme = await weft.tenant("Acme");
  await acme.maintenance();
  requester = await acme.user("requester");
  olga = await acme.user("operations");
  kone = await acme.vendor("Kone");
  otis = await acme.vendor("Otis");
});

afterAll(async () => {
  await app.end();
});

interface Comment {
  readonly id: string;
  readonly attachments: readonly { readonly id: string; readonly visibility: string; readonly file: { readonly id: string } }[];
}

const comment = `mutation ($input: CommentOnRequestInput!) {
  commentOnRequest(input: $input) { comment { id attachments { id visibility file { id } } } } }`;
const removeComment = "mutation ($id: ID!) { deleteRequestComment(input: { id: $id }) { request { id } } }";
const readFile = "query ($id: ID!) { file(id: $id) { name } }";
const read = `query ($id: ID!) { request(id: $id) {
  comments(first: 50) { edges { node { attachments { file { name } } } } }
  attachments(first: 50) { totalCount edges { node { file { name } } } }
  timeline(first: 50, kinds: [FILE]) { totalCount edges { node { attachment { file { name } } } } } } }`;

/** Comments on a request with a file of each name. */
async function add(user: TestUser, id: string, audience: "PUBLIC" | "INTERNAL", ...names: string[]): Promise<Comment> {
  const fileIds: string[] = [];
  for (const name of names) fileIds.push(await uploadText(user, { name }));
  const input = { id, audience, text: "See the files", fileIds };
  return (await user.run<{ commentOnRequest: { comment: Comment } }>(comment, { input })).commentOnRequest.comment;
}

interface Named {
  readonly file: { readonly name: string } | null;
}
interface Answer {
  readonly request: {
    readonly comments: { readonly edges: readonly { readonly node: { readonly attachments: readonly Named[] } }[] };
    readonly attachments: { readonly totalCount: number; readonly edges: readonly { readonly node: Named }[] };
    readonly timeline: { readonly totalCount: number; readonly edges: readonly { readonly node: { readonly attachment: Named | null } }[] };
  };
}

const nameOf = (attachment: Named | null): string => attachment?.file?.name ?? "hidden";

/** Returns the names of the files that a user sees with the request. All ways of reading must agree. */
async function namesFor(user: TestUser, id: string): Promise<string[]> {
  const { comments, attachments, timeline } = (await user.run<Answer>(read, { id })).request;
  const names = attachments.edges.map(({ node }) => nameOf(node)).toSorted();
  expect(attachments.totalCount).toBe(names.length);
  expect(timeline.edges.map(({ node }) => nameOf(node.attachment)).toSorted()).toEqual(names);
  expect(timeline.totalCount).toBe(names.length);
  const ofComments = comments.edges.flatMap(({ node }) => node.attachments.map(nameOf));
  expect(names).toEqual(expect.arrayContaining(ofComments));
  return names;
}

/** Returns the ID of a submitted request of the requester, assigned to the vendor if one is given. */
async function submitted(vendorId?: string): Promise<string> {
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
    { input: { typeKey: "maintenance", data: { summary: "The lift grinds", estimate: 100 } } },
  );
  const { id } = createRequest.request;
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  if (vendorId !== undefined) await assignTo(id, vendorId);
  return id;
}

const assignTo = (id: string, vendorId: string): Promise<unknown> =>
  olga.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id, assignee: { vendorId } },
  });

const problemsOf = (error: ApiError) => (error.extensions?.["problems"] ?? []) as { path: string; message: string }[];
const refusalOf = async (user: TestUser, input: object) => problemsOf(await user.refused(comment, { input: { text: "Look", ...input } }));

/** Names of the tenant's files in the storage. */
async function stored(): Promise<string[]> {
  const folder = join(weft.weft.services.config.files.folder, acme.id);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
const isStored = async (fileId: string): Promise<boolean> => (await stored()).some((name) => name.startsWith(decodeId("file", fileId)));

describe("files of a comment", () => {
  test("are visible to the users who can read the comment", { tags: "slow" }, async () => {
    const id = await submitted(kone.id);
    const open = await add(requester, id, "PUBLIC", "photo.txt", "sketch.txt");
    const closed = await add(olga, id, "INTERNAL", "contract.txt");
    await add(kone.user, id, "PUBLIC", "offer.txt");
    expect(open.attachments.map(({ visibility }) => visibility)).toEqual(["SHARED", "SHARED"]);
    expect(closed.attachments.map(({ visibility }) => visibility)).toEqual(["INTERNAL"]);
    expect(await namesFor(olga, id)).toEqual(["contract.txt", "offer.txt", "photo.txt", "sketch.txt"]);
    const fileId = closed.attachments[0]?.file.id ?? "";
    expect(await olga.run(readFile, { id: fileId })).toEqual({ file: { name: "contract.txt" } });
    for (const user of [requester, kone.user]) {
      expect(await namesFor(user, id)).toEqual(["offer.txt", "photo.txt", "sketch.txt"]);
      expect(await user.refusal(readFile, { id: fileId })).toBe("NOT_FOUND");
    }
  });

  test("and what a vendor attaches, are hidden from the next vendor as the vendor's comments are", async () => {
    const id = await submitted();
    await add(requester, id, "PUBLIC", "photo.txt");
    await assignTo(id, kone.id);
    const mine = await add(kone.user, id, "PUBLIC", "offer.txt");
    await add(olga, id, "PUBLIC", "answer.txt");
    await attachText(kone.user, { objectId: id, name: "prices.txt" });
    expect(await namesFor(kone.user, id)).toEqual(["answer.txt", "offer.txt", "photo.txt", "prices.txt"]);
    await assignTo(id, otis.id);
    expect(await namesFor(otis.user, id)).toEqual(["photo.txt"]);
    expect(await otis.user.refusal(readFile, { id: mine.attachments[0]?.file.id ?? "" })).toBe("NOT_FOUND");
    expect(await namesFor(requester, id)).toEqual(["answer.txt", "offer.txt", "photo.txt", "prices.txt"]);
  });

  test("are deleted with it, also by a vendor; those attached elsewhere remain there", { tags: "slow" }, async () => {
    for (const author of [requester, olga, kone.user]) {
      const id = await submitted(kone.id);
      const { id: commentId, attachments } = await add(author, id, "PUBLIC", "first.txt", "second.txt");
      const [gone, kept] = attachments.map(({ file }) => file.id);
      const elsewhere = await submitted();
      // Hidden from the vendor.
      await olga.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
        input: { fileId: kept, objectId: elsewhere, visibility: "INTERNAL" },
      });
      await author.run(removeComment, { id: commentId });
      for (const user of [requester, olga, kone.user]) expect(await namesFor(user, id)).toEqual([]);
      await until(async () => !(await isStored(gone ?? "")), { what: "the bytes of the file are deleted" });
      expect(await olga.refusal(readFile, { id: gone ?? "" })).toBe("NOT_FOUND");
      expect(await namesFor(olga, elsewhere)).toEqual(["second.txt"]);
      expect(await isStored(kept ?? "")).toBe(true);
    }
  });

  test("leave an audit entry when they are deleted", async () => {
    const id = await submitted();
    const { id: commentId, attachments } = await add(requester, id, "PUBLIC", "first.txt");
    await requester.run(removeComment, { id: commentId });
    const entries = await app.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${acme.id}, true)`;
      return tx`select action, actor_id from audit.entries
        where entity_id = ${decodeId("attachment", attachments[0]?.id ?? "")} order by action`;
    });
    const actor = { actor_id: decodeId("user", requester.id) };
    expect([...entries]).toEqual([
      { action: "attachment.create", ...actor },
      { action: "attachment.delete", ...actor },
    ]);
  });

  test("must be uploaded by the author, received, and not be attached to the request already; every problem is named", async () => {
    const id = await submitted(kone.id);
    const foreign = await uploadText((await weft.tenant("Globex")).admin);
    const others = await uploadText(requester);
    const shared = await attachText(requester, { objectId: id });
    const { createUpload } = await olga.run<{ createUpload: { file: { id: string } } }>(
      "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }",
      { input: { name: "late.txt", size: 3, type: "text/plain" } },
    );
    const own = await uploadText(olga);
    const fileIds = [own, foreign, others, shared.fileId, createUpload.file.id];
    expect((await refusalOf(olga, { id, audience: "PUBLIC", fileIds })).map(({ path }) => path)).toEqual([
      "input.fileIds.1",
      "input.fileIds.2",
      "input.fileIds.3",
      "input.fileIds.4",
    ]);
    await olga.run(comment, { input: { id, audience: "PUBLIC", text: "Look", fileIds: [own, own] } });
    expect(await refusalOf(olga, { id, audience: "PUBLIC", fileIds: [own] })).toEqual([
      { path: "input.fileIds", message: "The file is already attached to this object." },
    ]);
    const many = Array.from({ length: 21 }, (_, nth) => own.replace(/.{2}$/, String(10 + nth)));
    expect((await refusalOf(olga, { id, audience: "PUBLIC", fileIds: many })).map(({ path }) => path)).toEqual(["input.fileIds"]);
    expect(await namesFor(olga, id)).toHaveLength(2);
  });

  test("are restricted by the database: a vendor's user ends only attachments of deleted comments", async () => {
    const id = await submitted(kone.id);
    const { id: commentId } = await add(olga, id, "INTERNAL", "contract.txt");
    const { id: openId } = await add(olga, id, "PUBLIC", "plan.txt");
    await app.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${acme.id}, true), set_config('app.user_id', ${decodeId("user", kone.user.id)}, true),
        set_config('app.vendor_id', ${decodeId("vendor", kone.id)}, true)`;
      for (const one of [commentId, openId]) await tx`select app.end_attachments_of_comment(${decodeId("requestComment", one)})`;
      expect((await tx`select from app.attachments where comment_id = ${decodeId("requestComment", commentId)}`).length).toBe(0);
    });
    expect(await namesFor(olga, id)).toEqual(["contract.txt", "plan.txt"]);
  });
});
