import { parseAnyId } from "@weft/shared/ids";
import { type ApiError, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres, type TransactionSql } from "@weft/pg-driver";
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
  readonly audience: string;
  readonly text: string;
  readonly version: number;
}

const fields = "id audience text version editedAt author { id } mentioned { id } versions { version text }";
const comment = `mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { ${fields} } } }`;
const edit = `mutation ($input: EditRequestCommentInput!) { editRequestComment(input: $input) { comment { ${fields} } } }`;
const list = `query ($id: ID!) { request(id: $id) { version comments(first: 100) { totalCount edges { node { ${fields} } } } } }`;
const assign = "mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }";

async function add(user: TestUser, input: Record<string, unknown>): Promise<Comment> {
  return (await user.run<{ commentOnRequest: { comment: Comment } }>(comment, { input })).commentOnRequest.comment;
}

async function textsFor(user: TestUser, id: string): Promise<{ texts: string[]; count: number; version: number }> {
  const { request } = await user.run<{
    request: { version: number; comments: { totalCount: number; edges: { node: Comment }[] } };
  }>(list, { id });
  return {
    texts: request.comments.edges.map(({ node }) => node.text),
    count: request.comments.totalCount,
    version: request.version,
  };
}

/** Returns the IDs of a submitted request of the requester and of its workflow, assigned to the vendor if one is given. */
async function submitted(vendorId?: string): Promise<{ id: string; instanceId: string }> {
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
    "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }",
    { input: { typeKey: "maintenance", data: { summary: "The lift grinds", estimate: 100 } } },
  );
  const { id, workflow } = createRequest.request;
  await requester.run("mutation ($id: ID!) { submitRequest(input: { id: $id }) { request { id } } }", { id });
  if (vendorId !== undefined) await olga.run(assign, { input: { id, assignee: { vendorId } } });
  return { id, instanceId: workflow.id };
}

const uuidOf = (id: string) => parseAnyId(id)?.uuid ?? "";
const problemsOf = (error: ApiError) => ((error.extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);

/** Runs plain SQL with the context that the application sets for a user of the vendor. */
async function asVendor<T>(vendor: typeof kone, run: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await app.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${acme.id}, true), set_config('app.user_id', ${uuidOf(vendor.user.id)}, true),
      set_config('app.vendor_id', ${uuidOf(vendor.id)}, true)`;
    return run(tx);
  });
  return result as T;
}

/** Runs plain SQL with the context that the application sets for a user of the organization. */
async function asTenantOf<T>(run: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await app.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${acme.id}, true), set_config('app.user_id', ${uuidOf(olga.id)}, true), set_config('app.vendor_id', '', true)`;
    return run(tx);
  });
  return result as T;
}

describe("the audience of a comment", () => {
  test("public comments are for everyone who sees the request, internal ones for users who work on it", async () => {
    const { id } = await submitted(kone.id);
    await add(requester, { id, audience: "PUBLIC", text: "It is getting louder" });
    await add(olga, { id, audience: "INTERNAL", text: "The third time this year" });
    await add(kone.user, { id, audience: "PUBLIC", text: "We come on Monday" });
    const open = ["We come on Monday", "It is getting louder"];
    expect(await textsFor(olga, id)).toMatchObject({ texts: [open[0], "The third time this year", open[1]], count: 3 });
    expect(await textsFor(requester, id)).toMatchObject({ texts: open, count: 2 });
    expect(await textsFor(kone.user, id)).toMatchObject({ texts: open, count: 2 });
  });

  test("viewerCanCommentInternally says who can write internal comments, with one statement for all requests", async () => {
    const { id } = await submitted(kone.id);
    const ask = "query ($id: ID!) { request(id: $id) { viewerCanCommentInternally } }";
    const answerFor = async (user: TestUser): Promise<unknown> =>
      (await user.run<{ request: { viewerCanCommentInternally: boolean } }>(ask, { id })).request.viewerCanCommentInternally;
    expect([await answerFor(olga), await answerFor(requester), await answerFor(kone.user)]).toEqual([true, false, false]);
    const listed = "{ requests(first: 50) { edges { node { viewerCanCommentInternally } } } }";
    const few = (await weft.statements(() => olga.run(listed))).length;
    await submitted();
    await submitted();
    expect(await weft.statements(() => olga.run(listed))).toHaveLength(few);
    const another = await (await weft.tenant()).user("operations");
    expect(await another.refusal(ask, { id })).toBe("NOT_FOUND");
  });

  test("does not let the requester or a vendor write internal comments", async () => {
    const { id } = await submitted(kone.id);
    for (const user of [requester, kone.user])
      expect(problemsOf(await user.refused(comment, { input: { id, audience: "INTERNAL", text: "Psst" } }))).toEqual(["input.audience"]);
    expect((await textsFor(olga, id)).count).toBe(0);
  });

  test("hides internal comments by ID, too, exactly as if they did not exist", async () => {
    const { id } = await submitted(kone.id);
    const internal = await add(olga, { id, audience: "INTERNAL", text: "Too expensive" });
    const node = "query ($id: ID!) { node(id: $id) { id } }";
    const unknown = internal.id.replace(/.{6}$/, "000000");
    for (const user of [requester, kone.user]) {
      const answers = [await user.send(node, { id: internal.id }), await user.send(node, { id: unknown })];
      const messages = answers.map(({ data, errors = [] }) => ({
        data,
        errors: errors.map(({ message, extensions }) => [message.replace(internal.id, "ID").replace(unknown, "ID"), extensions?.code]),
      }));
      expect(messages[0]).toEqual(messages[1]);
      expect(await user.refusal(edit, { input: { id: internal.id, text: "Cheap" } })).toBe("NOT_FOUND");
    }
    expect(await olga.run(node, { id: internal.id })).toEqual({ node: { id: internal.id } });
  });

  test("keeps what was agreed with a vendor from the next vendor", async () => {
    const { id } = await submitted();
    await add(requester, { id, audience: "PUBLIC", text: "Before all vendors" });
    await olga.run(assign, { input: { id, assignee: { vendorId: kone.id } } });
    await add(kone.user, { id, audience: "PUBLIC", text: "We ask 900" });
    await olga.run(assign, { input: { id, assignee: { vendorId: otis.id } } });
    expect((await textsFor(otis.user, id)).texts).toEqual(["Before all vendors"]);
    expect((await textsFor(requester, id)).texts).toEqual(["We ask 900", "Before all vendors"]);
    expect(await kone.user.refusal(list, { id })).toBe("NOT_FOUND");
  });

  test("is enforced by the database: comments, earlier texts, events and audit entries", async () => {
    const { id, instanceId } = await submitted(kone.id);
    const open = await add(olga, { id, audience: "PUBLIC", text: "Open" });
    const internal = await add(olga, { id, audience: "INTERNAL", text: "Closed" });
    for (const { id: commentId } of [open, internal]) await olga.run(edit, { input: { id: commentId, text: "Edited" } });
    await olga.run(
      'mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, comment: "Internal", audience: INTERNAL }) { instance { id } } }',
      {
        id: instanceId,
      },
    );
    await olga.run('mutation ($id: ID!) { triageRequest(input: { id: $id, tags: ["expensive"] }) { request { id } } }', { id });
    await olga.run("mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }", { id });
    const seen = await asVendor(kone, async (tx) => ({
      comments: (await tx`select id from requests.comments where request_id = ${uuidOf(id)}`).map((row) => row["id"] as string),
      versions: (await tx`select comment_id from requests.comment_versions`).map((row) => row["comment_id"] as string),
      workflow: (await tx`select id from workflows.internal_comments`).length,
      events: (await tx`select payload->>'audience' as audience from events.log where payload ? 'audience' order by id`).map(
        (row) => row["audience"] as string,
      ),
      frank: (await tx`select id from audit.entries where action in ('request.tag', 'request.watch') or after::text like '%expensive%'`)
        .length,
      triaged: (await tx`select id from audit.entries where action = 'request.triage'`).length,
      audit: (await tx`select id from audit.entries where action ilike '%comment%'`).length,
    }));
    expect(seen.comments).toEqual([uuidOf(open.id)]);
    expect(seen.versions).toContain(uuidOf(open.id));
    expect(seen.versions).not.toContain(uuidOf(internal.id));
    expect(seen.workflow).toBe(0);
    expect(seen.events).toContain("PUBLIC");
    expect(seen.events).not.toContain("INTERNAL");
    expect(seen.audit).toBe(0);
    expect([seen.frank, seen.triaged]).toEqual([0, 1]);
  });

  test("does not let a vendor's user write an internal comment or move a comment, even in plain SQL", async () => {
    const { id } = await submitted(kone.id);
    await add(kone.user, { id, audience: "PUBLIC", text: "Open" });
    const insert = (audience: string, vendorId: string) =>
      asVendor(
        kone,
        (tx) => tx`insert into requests.comments (tenant_id, id, request_id, audience, vendor_id, author_id, text, created_at)
          values (${acme.id}, gen_random_uuid(), ${uuidOf(id)}, ${audience}, ${vendorId}, ${uuidOf(kone.user.id)}, 'T', now())`,
      );
    await expect(insert("PUBLIC", uuidOf(otis.id))).rejects.toThrow("row-level security");
    await expect(insert("INTERNAL", uuidOf(kone.id))).rejects.toThrow("row-level security");
    await expect(asVendor(kone, (tx) => tx`update requests.comments set audience = 'INTERNAL'`)).rejects.toThrow("permission denied");
    await expect(asVendor(kone, (tx) => tx`delete from requests.comments`)).rejects.toThrow("permission denied");
  });
});

describe("comments on a workflow", () => {
  const say = "mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { version } } }";
  const history = "query ($id: ID!) { workflowInstance(id: $id) { version updatedAt history { version kind comment audience } } }";
  type History = { workflowInstance: { version: number; updatedAt: string; history: { version: number; comment: string | null }[] } };

  test("leave no trace for a vendor or the requester if they are internal: no entry, no gap, no new version", async () => {
    const { instanceId } = await submitted(kone.id);
    const before = await kone.user.run<History>(history, { id: instanceId });
    const input = { instanceId, comment: "They are late again", audience: "INTERNAL" };
    await olga.run(say, { input });
    expect(await kone.user.run(history, { id: instanceId })).toEqual(before);
    const { workflowInstance } = await requester.run<History>(history, { id: instanceId });
    expect(workflowInstance.history.map((entry) => entry.comment)).not.toContain(input.comment);
    const ours = (await olga.run<History>(history, { id: instanceId })).workflowInstance;
    expect(ours.history.at(-1)).toEqual({ version: ours.version, kind: "COMMENT", comment: input.comment, audience: "INTERNAL" });
    for (const user of [requester, kone.user])
      expect(await user.refusal(say, { input }), "by users who cannot read it").toBe("BAD_USER_INPUT");
  });

  test("are visible to the vendor if they are public", async () => {
    const { instanceId } = await submitted(kone.id);
    await olga.run(say, { input: { instanceId, audience: "PUBLIC", comment: "We wait for you" } });
    const { workflowInstance } = await kone.user.run<History>(history, { id: instanceId });
    expect(workflowInstance.history.at(-1)).toMatchObject({ comment: "We wait for you", audience: "PUBLIC" });
  });
});

describe("editing", () => {
  test("keeps the earlier texts", async () => {
    const { id } = await submitted();
    const first = await add(olga, { id, audience: "PUBLIC", text: "One" });
    await olga.run(edit, { input: { id: first.id, text: "Two", expectedVersion: 1 } });
    const { editRequestComment } = await olga.run<{ editRequestComment: { comment: Comment } }>(edit, {
      input: { id: first.id, text: "Three" },
    });
    expect(editRequestComment.comment).toMatchObject({
      text: "Three",
      version: 3,
      editedAt: expect.any(String) as string,
      versions: [
        { version: 1, text: "One" },
        { version: 2, text: "Two" },
      ],
    });
    expect(await olga.refusal(edit, { input: { id: first.id, text: "Four", expectedVersion: 1 } })).toBe("CONFLICT");
  });

  test("leaves an audit entry", async () => {
    const { id } = await submitted();
    const { id: commentId } = await add(requester, { id, audience: "PUBLIC", text: "Jasper" });
    await requester.run(edit, { input: { id: commentId, text: "Kyanite" } });
    const entries = await asTenantOf(
      (tx) => tx`select action, actor_id, before->'version' as before, after->'version' as after from audit.entries
        where action = 'request.editComment' and entity_id = ${uuidOf(commentId)}`,
    );
    expect([...entries]).toEqual([{ action: "request.editComment", actor_id: uuidOf(requester.id), before: 1, after: 2 }]);
  });

  test("is only for the author", async () => {
    const { id } = await submitted();
    const { id: commentId } = await add(requester, { id, audience: "PUBLIC", text: "Mine" });
    expect(await olga.refusal(edit, { input: { id: commentId, text: "Ours" } })).toBe("FORBIDDEN");
    expect((await textsFor(requester, id)).texts).toEqual(["Mine"]);
  });

  test("of two edits at once, one succeeds", async () => {
    const { id } = await submitted();
    const { id: commentId } = await add(olga, { id, audience: "PUBLIC", text: "0" });
    const answers = await Promise.all(["1", "2"].map((text) => olga.send(edit, { input: { id: commentId, text, expectedVersion: 1 } })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code))).toEqual(["CONFLICT"]);
  });
});

describe("searching", () => {
  const search = "query ($text: String!) { requests(filter: { search: { contains: $text } }) { totalCount edges { node { id } } } }";
  const say = "mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }";

  async function found(user: TestUser, text: string): Promise<string[]> {
    const { requests } = await user.run<{ requests: { totalCount: number; edges: { node: { id: string } }[] } }>(search, { text });
    expect(requests.totalCount).toBe(requests.edges.length);
    return requests.edges.map(({ node }) => node.id);
  }

  test("finds requests by the words of public comments, and by those of internal ones only for users who work on the request", async () => {
    const { id, instanceId } = await submitted(kone.id);
    await add(requester, { id, audience: "PUBLIC", text: "Amethyst panel" });
    await add(olga, { id, audience: "INTERNAL", text: "Beryl surcharge" });
    await olga.run(say, { input: { instanceId, audience: "PUBLIC", comment: "Citrine arrives" } });
    await olga.run(say, { input: { instanceId, comment: "Diamond penalties", audience: "INTERNAL" } });
    for (const user of [requester, kone.user, olga]) {
      expect(await found(user, "amethyst")).toEqual([id]);
      expect(await found(user, "citrine amethyst")).toEqual([id]);
    }
    for (const word of ["beryl", "diamond"]) {
      expect(await found(olga, word)).toEqual([id]);
      for (const user of [requester, kone.user, otis.user]) {
        expect(await found(user, word)).toEqual([]);
        expect(await found(user, `amethyst ${word}`)).toEqual([]);
      }
    }
  });

  test("does not find a request for the next vendor by what was agreed with the former one", async () => {
    const { id } = await submitted(kone.id);
    await add(kone.user, { id, audience: "PUBLIC", text: "Emerald quote" });
    expect(await found(kone.user, "emerald")).toEqual([id]);
    await olga.run(assign, { input: { id, assignee: { vendorId: otis.id } } });
    expect([await found(kone.user, "emerald"), await found(otis.user, "emerald")]).toEqual([[], []]);
    expect(await found(requester, "emerald")).toEqual([id]);
  });

  test("follows edits, also by a vendor", async () => {
    const { id } = await submitted(kone.id);
    const { id: commentId } = await add(kone.user, { id, audience: "PUBLIC", text: "Feldspar" });
    await kone.user.run(edit, { input: { id: commentId, text: "Garnet" } });
    expect([await found(olga, "feldspar"), await found(olga, "garnet")]).toEqual([[], [id]]);
  });
});

describe("deleting", () => {
  const remove = "mutation ($input: VersionedIdInput!) { deleteRequestComment(input: $input) { request { id comments { totalCount } } } }";
  const search = "query ($text: String!) { requests(filter: { search: { contains: $text } }) { totalCount } }";

  test("removes the comment, its earlier texts, and its words, and leaves an audit entry without the text", { tags: "slow" }, async () => {
    for (const author of [requester, olga, kone.user]) {
      const { id } = await submitted(kone.id);
      const { id: commentId } = await add(author, { id, audience: "PUBLIC", text: "Hematite" });
      await author.run(edit, { input: { id: commentId, text: "Idocrase" } });
      expect(await author.run(remove, { input: { id: commentId, expectedVersion: 2 } })).toEqual({
        deleteRequestComment: { request: { id, comments: { totalCount: 0 } } },
      });
      for (const user of [requester, olga, kone.user]) {
        expect(await textsFor(user, id)).toMatchObject({ texts: [], count: 0 });
        expect(await user.refusal("query ($id: ID!) { node(id: $id) { id } }", { id: commentId })).toBe("NOT_FOUND");
        expect(await user.refusal(edit, { input: { id: commentId, text: "Jade" } })).toBe("NOT_FOUND");
        expect(await user.refusal(remove, { input: { id: commentId } })).toBe("NOT_FOUND");
        for (const text of ["hematite", "idocrase"]) expect(await user.run(search, { text })).toEqual({ requests: { totalCount: 0 } });
      }
      const kept = await asTenantOf(async (tx) => ({
        texts: await tx`select text from requests.comments where id = ${uuidOf(commentId)} and text <> ''
          union all select text from requests.comment_versions where comment_id = ${uuidOf(commentId)} and text <> ''`,
        words: await tx`select word from app.search_words where source_id = ${uuidOf(commentId)}`,
        entries:
          await tx`select before ? 'text' as has_text, actor_id from audit.entries where action = 'request.deleteComment' and entity_id = ${uuidOf(commentId)}`,
      }));
      expect([[...kept.texts], [...kept.words]]).toEqual([[], []]);
      expect([...kept.entries]).toEqual([{ has_text: false, actor_id: uuidOf(author.id) }]);
    }
  });

  test("is for the author, and for users with the permission comment.delete", async () => {
    const { id } = await submitted(kone.id);
    const ours = await add(olga, { id, audience: "PUBLIC", text: "Ours" });
    const internal = await add(olga, { id, audience: "INTERNAL", text: "Internal" });
    for (const user of [requester, kone.user, await acme.user("approver")])
      expect(await user.refusal(remove, { input: { id: ours.id } })).toBe("FORBIDDEN");
    for (const user of [requester, kone.user]) expect(await user.refusal(remove, { input: { id: internal.id } })).toBe("NOT_FOUND");
    const foreign = (await weft.tenant("Globex")).admin;
    expect(await foreign.refusal(remove, { input: { id: ours.id } })).toBe("NOT_FOUND");
    await acme.admin.run(remove, { input: { id: ours.id } });
    await (await acme.user("workflow_manager")).run(remove, { input: { id: internal.id } });
    expect((await textsFor(olga, id)).count).toBe(0);
  });

  test("conflicts with an edit in the meantime", async () => {
    const { id } = await submitted();
    const { id: commentId } = await add(olga, { id, audience: "PUBLIC", text: "One" });
    await olga.run(edit, { input: { id: commentId, text: "Two" } });
    expect(await olga.refusal(remove, { input: { id: commentId, expectedVersion: 1 } })).toBe("CONFLICT");
    expect((await textsFor(olga, id)).texts).toEqual(["Two"]);
  });
});

describe("mentions", () => {
  const read =
    "query { notifications(first: 100, filter: { kind: { in: [REQUEST_COMMENT, REQUEST_MENTION] } }) { edges { node { kind subject { id } } } } }";
  async function noticesOf(user: TestUser, commentId: string): Promise<string[]> {
    await weft.weft.worker.idle();
    const { notifications } = await user.run<{ notifications: { edges: { node: { kind: string; subject: { id: string } | null } }[] } }>(
      read,
    );
    return notifications.edges.filter(({ node }) => node.subject?.id === commentId).map(({ node }) => node.kind);
  }

  test("notify the mentioned user, and followers are notified of public comments", async () => {
    const { id } = await submitted(kone.id);
    const vera = await acme.user("viewer");
    const open = await add(olga, { id, audience: "PUBLIC", text: "Look", mentionedUserIds: [vera.id] });
    expect(await noticesOf(vera, open.id)).toEqual(["REQUEST_MENTION"]);
    expect(await noticesOf(requester, open.id)).toEqual(["REQUEST_COMMENT"]);
    expect(await noticesOf(kone.user, open.id)).toEqual(["REQUEST_COMMENT"]);
    expect(await noticesOf(olga, open.id)).toEqual([]);
  });

  test("of internal comments notify neither the requester nor the vendor", async () => {
    const { id } = await submitted(kone.id);
    const vera = await acme.user("viewer");
    const count = async (user: TestUser) =>
      (await user.run<{ notifications: { totalCount: number } }>("{ notifications { totalCount } }")).notifications.totalCount;
    await weft.weft.worker.idle();
    const before = [await count(requester), await count(kone.user)];
    const internal = await add(olga, { id, audience: "INTERNAL", text: "Look", mentionedUserIds: [vera.id] });
    expect(await noticesOf(vera, internal.id)).toEqual(["REQUEST_MENTION"]);
    expect([await count(requester), await count(kone.user)]).toEqual(before);
  });

  test("are refused for users who cannot read the comment, without saying whether they exist", async () => {
    const { id } = await submitted(kone.id);
    const stranger = await acme.user("requester");
    const foreign = (await weft.tenant("Globex")).admin;
    const refused = (userId: string, audience: string) =>
      olga.refused(comment, { input: { id, audience, text: "Look", mentionedUserIds: [userId] } });
    const messages = [
      await refused(requester.id, "INTERNAL"),
      await refused(kone.user.id, "INTERNAL"),
      await refused(otis.user.id, "PUBLIC"),
      await refused(stranger.id, "PUBLIC"),
      await refused(foreign.id, "PUBLIC"),
    ];
    expect(new Set(messages.map(({ message }) => message)).size).toBe(1);
    expect(problemsOf(messages[0] as ApiError)).toEqual(["input.mentionedUserIds.0"]);
  });

  test("of an edit notify only the users who were not mentioned before", async () => {
    const { id } = await submitted();
    const [ann, ben] = [await acme.user("viewer"), await acme.user("viewer")];
    const first = await add(olga, { id, audience: "PUBLIC", text: "Look", mentionedUserIds: [ann.id] });
    await olga.run(edit, { input: { id: first.id, text: "Look again", mentionedUserIds: [ann.id, ben.id] } });
    expect(await noticesOf(ann, first.id)).toEqual(["REQUEST_MENTION"]);
    expect(await noticesOf(ben, first.id)).toEqual(["REQUEST_MENTION"]);
  });
});

describe("another tenant", () => {
  test("cannot comment on a request, and cannot read or edit its comments", async () => {
    const { id } = await submitted();
    const { id: commentId } = await add(olga, { id, audience: "PUBLIC", text: "Ours" });
    const { admin } = await weft.tenant("Globex");
    expect(await admin.refusal(comment, { input: { id, audience: "PUBLIC", text: "Theirs" } })).toBe("NOT_FOUND");
    expect(await admin.refusal(edit, { input: { id: commentId, text: "Theirs" } })).toBe("NOT_FOUND");
    expect(await admin.refusal("query ($id: ID!) { node(id: $id) { id } }", { id: commentId })).toBe("NOT_FOUND");
  });
});

test("a repeated call with the same key adds one comment", async () => {
  const { id } = await submitted();
  const input = { id, audience: "PUBLIC", text: "Once", idempotencyKey: "comment-1" };
  expect((await add(olga, input)).id).toBe((await add(olga, input)).id);
  expect((await textsFor(olga, id)).count).toBe(1);
});

test("an empty or too long text is refused", async () => {
  const { id } = await submitted();
  for (const text of [" ", "x".repeat(10_001)])
    expect(problemsOf(await olga.refused(comment, { input: { id, audience: "PUBLIC", text } }))).toEqual(["input.text"]);
});
