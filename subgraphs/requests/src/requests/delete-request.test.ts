import { decodeId } from "@weft/shared/ids";
import {
  aMaintenanceTenant,
  brokenInvariants,
  type MaintenanceRequest,
  type MaintenanceTenant,
  startTestWeft,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { newHeatingType } from "@weft/testkit/tenants/heating-definition";
import { attachText } from "@weft/testkit/files/upload-file";
import { isAtRest } from "@weft/testkit/isolation/fixture";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});

afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const remove = "mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreRequest(input: $input) { request { id number version } } }";
const deletedRequests = `query ($first: Int, $after: String) { deletedRequests(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { id number data version createdBy { id } deletedAt deletedBy { id } } } } }`;
const cancel = "mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }";
const comment = `mutation ($id: ID!) { commentOnRequest(input: { id: $id, audience: PUBLIC, text: "A zeppelin hovers" }) { comment { id } } }`;

/** A draft that its requester has cancelled. */
async function aCancelled(of = acme): Promise<MaintenanceRequest> {
  const one = await of.request();
  await of.requester.run(cancel, { id: one.id });
  return one;
}

interface Deleted {
  readonly id: string;
  readonly number: string;
  readonly version: number;
}

async function listDeleted(who: TestUser): Promise<Deleted[]> {
  const answer = await who.run<{ deletedRequests: { edges: { node: Deleted }[] } }>(deletedRequests, { first: 50 });
  return answer.deletedRequests.edges.map(({ node }) => node);
}

describe("a deleted request", () => {
  /** Ask for a request by each way to read it or to count it. */
  const questions = [
    `query ($id: ID!, $other: ID!, $instance: ID!, $task: ID!, $comment: ID!, $file: ID!, $asOf: DateTime!) {
      request(id: $id) { number comments(first: 5) { totalCount } timeline(first: 50) { totalCount } attachments(first: 5) { totalCount } }
      past: request(id: $id, asOf: $asOf) { number state }
      node(id: $id) { id }
      nodes(ids: [$id, $instance, $task, $comment]) { id }
      workflowInstance(id: $instance) { id state history { id } }
      task(id: $task) { id }
      file(id: $file) { id name }
      linked: request(id: $other) { id links { kind request { id number } } }
    }`,
    `query ($building: ID!, $asset: ID!, $view: ID!) {
      requests(first: 20) { totalCount edges { node { id } } }
      byState: requests(first: 20, filter: { state: { eq: "closed" } }) { totalCount edges { node { id } } }
      byChange: requests(first: 20, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount edges { node { id } } }
      byPriority: requests(first: 20, orderBy: { field: PRIORITY, direction: DESC }) { edges { node { id } } }
      found: requests(first: 20, filter: { search: { contains: "zeppelin" } }) { totalCount edges { node { id } } }
      inView: requests(first: 20, viewId: $view) { totalCount edges { node { id } } }
      savedView(id: $view) { count }
      building(id: $building) { requests(first: 20) { totalCount edges { node { id } } } }
      asset(id: $asset) { requests(first: 20) { totalCount edges { node { id } } } }
    }`,
    `{
      workflowInstances(first: 20) { totalCount edges { node { id subject { id } } } }
      tasks(first: 20) { totalCount edges { node { id instance { id } } } }
      ended: tasks(first: 20, filter: { status: { eq: COMPLETED } }) { totalCount edges { node { id } } }
      taskCounts { mine offeredToMe team unassigned overdue }
      notifications(first: 50) { totalCount edges { node { id title subject { id } } } }
      unreadNotificationCount
      requestStatistics { open totals { created closed cancelled } }
      slaTimers(first: 20) { totalCount edges { node { id } } }
      workflowTimers(first: 20) { totalCount edges { node { id } } }
    }`,
  ];

  interface Piece extends MaintenanceRequest {
    readonly other: string;
    readonly taskId: string;
    readonly commentId: string;
    readonly fileId: string;
    readonly viewId: string;
    readonly number: string;
    readonly asOf: string;
  }

  async function aClosedPiece(of: MaintenanceTenant): Promise<Piece> {
    const { operations, admin } = of;
    const [one, other] = [await of.request("closed"), await of.request()];
    await operations.run("mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }", {
      input: { id: other.id, kind: "RELATES_TO", toId: one.id },
    });
    const { commentOnRequest } = await operations.run<{ commentOnRequest: { comment: { id: string } } }>(comment, { id: one.id });
    const { fileId } = await attachText(operations, { objectId: one.id, visibility: "SHARED" });
    const { saveView } = await admin.run<{ saveView: { view: { id: string } } }>(
      "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
      { input: { list: "REQUESTS", name: "All", filter: {}, visibility: "TENANT" } },
    );
    const { workflowInstance } = await admin.run<{
      workflowInstance: { tasks: { id: string }[]; subject: { number: string; updatedAt: string } };
    }>("query ($id: ID!) { workflowInstance(id: $id) { tasks { id } subject { ... on Request { number updatedAt } } } }", {
      id: one.instanceId,
    });
    const ids = { other: other.id, taskId: workflowInstance.tasks[0]?.id ?? "", commentId: commentOnRequest.comment.id, fileId };
    await until(() => isAtRest(owner, of.tenant.id), { what: "the notifications are written", deadlineMs: 30_000 });
    const { number, updatedAt } = workflowInstance.subject;
    return { ...one, ...ids, viewId: saveView.view.id, number, asOf: updatedAt };
  }

  /** Returns everything that a user is shown. Fields that the user may not select are null. Users of a vendor see no views. */
  async function sightOf(
    who: TestUser,
    { id, instanceId, other, taskId, commentId, fileId, viewId, asOf }: Piece,
  ): Promise<Record<string, { totalCount: number } | null>> {
    const { buildingId: building, assetId: asset } = acme;
    const variables = {
      id,
      instance: instanceId,
      other,
      task: taskId,
      comment: commentId,
      file: fileId,
      view: viewId,
      building,
      asset,
      asOf,
    };
    const answers = [];
    for (const question of questions) answers.push(await who.send<Record<string, { totalCount: number } | null>>(question, variables));
    const refusals = answers.flatMap(({ errors = [] }) => errors.map(({ extensions, message }) => `${extensions?.code} ${message}`));
    expect(refusals.filter((refusal) => !/^(FORBIDDEN|NOT_FOUND|BAD_USER_INPUT viewId:) /.test(refusal))).toEqual([]);
    return Object.assign({}, ...answers.map(({ data }) => data)) as Record<string, { totalCount: number } | null>;
  }

  test("is shown to nobody in any way, and is back as it was when it is restored", { tags: "slow" }, async () => {
    const piece = await aClosedPiece(acme);
    const people = [acme.admin, acme.operations, acme.manager, acme.requester, acme.vendor.user];
    // One after another: together they would wait for the connections of the tenant.
    const sights = async (): Promise<Awaited<ReturnType<typeof sightOf>>[]> => {
      const seen = [];
      for (const who of people) seen.push(await sightOf(who, piece));
      return seen;
    };
    const before = await sights();
    for (const sight of before) expect(JSON.stringify(sight)).toContain(piece.id);
    const link = async (): Promise<string> => {
      const { file } = await acme.admin.run<{ file: { download: { url: string } } }>(
        "query ($id: ID!) { file(id: $id) { download { url } } }",
        { id: piece.fileId },
      );
      return file.download.url;
    };
    const get = (path: string) => fetch(new URL(path, acme.admin.url));
    const url = await link();
    expect((await get(url)).status).toBe(200);

    await acme.operations.run(remove, { input: { id: piece.id } });

    const hidden = [piece.id, piece.instanceId, piece.taskId, piece.commentId, piece.fileId, `"${piece.number}"`];
    const during = await sights();
    expect(during.flatMap((sight, who) => hidden.filter((id) => JSON.stringify(sight).includes(id)).map((id) => [who, id]))).toEqual([]);
    for (const list of ["requests", "byState", "byChange", "found", "inView", "workflowInstances"])
      expect([list, during.map((sight) => sight[list]?.totalCount)]).toEqual([
        list,
        before.map((sight) => (sight[list] ? sight[list].totalCount - 1 : undefined)),
      ]);
    expect((await get(url)).status).toBe(404);

    await acme.operations.run(restore, { input: { id: piece.id } });

    expect(await sights()).toEqual(before);
    expect((await get(await link())).status).toBe(200);
  });

  test("can be neither read nor changed by the mutations of requests", async () => {
    const { id, instanceId } = await aCancelled();
    await acme.operations.run(remove, { input: { id } });
    const attempts: [string, object][] = [
      [comment, { id }],
      ["mutation ($id: ID!) { watchRequest(input: { id: $id }) { request { id } } }", { id }],
      ["mutation ($id: ID!) { triageRequest(input: { id: $id, priority: HIGH }) { request { id } } }", { id }],
      [
        'mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "x" }) { instance { id } } }',
        { id: instanceId },
      ],
      [remove, { input: { id } }],
    ];
    for (const [mutation, variables] of attempts)
      expect([mutation, await acme.admin.refusal(mutation, { ...variables })]).toEqual([mutation, "NOT_FOUND"]);
  });

  test("is listed for users who can restore it, those deleted last first", { tags: "slow" }, async () => {
    const { requester, operations, tenant } = await aMaintenanceTenant(weft);
    const ids: string[] = [];
    for (const summary of ["First", "Second"]) {
      const { createRequest } = await requester.run<{ createRequest: { request: { id: string } } }>(
        "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }",
        { input: { typeKey: "maintenance", data: { summary, estimate: 1 } } },
      );
      ids.push(createRequest.request.id);
      await requester.run(cancel, { id: createRequest.request.id });
      await operations.run(remove, { input: { id: createRequest.request.id } });
    }
    expect(await listDeleted(operations)).toMatchObject([
      { id: ids[1], data: { summary: "Second" }, createdBy: { id: requester.id }, deletedBy: { id: operations.id } },
      { id: ids[0], data: { summary: "First" } },
    ]);
    const page = await operations.run<{ deletedRequests: { totalCount: number; pageInfo: { endCursor: string } } }>(deletedRequests, {
      first: 1,
    });
    expect(page.deletedRequests.totalCount).toBe(2);
    expect(await operations.run(deletedRequests, { first: 1, after: page.deletedRequests.pageInfo.endCursor })).toMatchObject({
      deletedRequests: { edges: [{ node: { id: ids[0] } }], pageInfo: { hasNextPage: false } },
    });
    for (const who of [requester, await tenant.user("approver"), (await tenant.vendor("Otis")).user])
      expect(await who.refusal(deletedRequests)).toBe("FORBIDDEN");
    expect(await listDeleted((await aMaintenanceTenant(weft)).operations)).toEqual([]);
  });

  test("is hidden with the workflow that it had before it was converted to another type", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const { operations, admin, requester } = globex;
    await newHeatingType(globex);
    const { id } = await globex.request("triage");
    await operations.run("mutation ($input: ConvertRequestInput!) { convertRequest(input: $input) { request { id } } }", {
      input: { id, typeKey: "heating", data: { radiator: "left" } },
    });
    await requester.run(cancel, { id });
    const all = "{ workflowInstances(first: 20) { totalCount } tasks(first: 20) { totalCount } }";
    const before = await admin.run(all);
    await operations.run(remove, { input: { id } });
    expect(await admin.run(all)).toEqual({ workflowInstances: { totalCount: 0 }, tasks: { totalCount: 0 } });
    await operations.run(restore, { input: { id } });
    expect(await admin.run(all)).toEqual(before);
    expect(before).toMatchObject({ workflowInstances: { totalCount: 2 } });
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  });

  test("keeps its audit trail, which has its deletion and restoration", async () => {
    const { id } = await aCancelled();
    await acme.operations.run(remove, { input: { id } });
    const trail = `query ($id: ID!) { auditEntries(first: 20, filter: { entityId: { eq: $id } }) { edges { node { action actor { id } } } } }`;
    const entries = async () =>
      (await acme.admin.run<{ auditEntries: { edges: { node: { action: string; actor: { id: string } } }[] } }>(trail, { id })).auditEntries
        .edges;
    expect((await entries()).map(({ node }) => node.action)).toContain("request.create");
    await acme.operations.run(restore, { input: { id } });
    expect((await entries()).map(({ node }) => [node.action, node.actor.id])).toEqual(
      expect.arrayContaining([
        ["request.delete", acme.operations.id],
        ["request.restore", acme.operations.id],
      ]),
    );
  });

  test("has no visible notifications if it is deleted before its events are consumed", { tags: "slow" }, async () => {
    const { id } = await aCancelled();
    await acme.operations.run(remove, { input: { id } });
    await until(() => isAtRest(owner, acme.tenant.id), { what: "the events are consumed", deadlineMs: 30_000 });
    const { notifications } = await acme.requester.run<{ notifications: { edges: { node: { subject: { id: string } | null } }[] } }>(
      "{ notifications(first: 100) { edges { node { subject { id } } } } }",
    );
    expect(notifications.edges.filter(({ node }) => node.subject?.id === id)).toEqual([]);
  });
});

describe("a deletion", () => {
  test("is refused while the request is open", async () => {
    const { id } = await acme.request("triage");
    const error = await acme.operations.refused(remove, { input: { id } });
    expect(error.extensions?.code).toBe("CONFLICT");
    expect(error.message).toMatch(/^The request MR-\d+ has not ended\. Close or cancel it first\.$/);
  });

  test("and a restoration are refused for another version", async () => {
    const { id } = await aCancelled();
    expect(await acme.operations.refusal(remove, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    await acme.operations.run(remove, { input: { id, expectedVersion: 2 } });
    const found = (await listDeleted(acme.operations)).find((one) => one.id === id);
    expect(found?.version).toBe(2);
    expect(await acme.operations.refusal(restore, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await acme.operations.run(restore, { input: { id, expectedVersion: 2 } })).toMatchObject({
      restoreRequest: { request: { id, version: 2 } },
    });
    expect(await acme.operations.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
  });

  test("requires the permission in the whole tenant, and is refused to users of a vendor", async () => {
    const { id } = await aCancelled();
    for (const who of [acme.requester, acme.vendor.user]) expect(await who.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
  });

  test("of which two run at the same time happens once", async () => {
    const { id } = await aCancelled();
    const answers = await Promise.all([1, 2, 3].map(() => acme.operations.send(remove, { input: { id } })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    const [row] =
      await owner`select count(*)::int as count from events.log where subject_id = ${decodeId("request", id)} and type = 'request.deleted'`;
    expect(row).toEqual({ count: 1 });
  });

  test("in another tenant finds nothing", async () => {
    const globex = await aMaintenanceTenant(weft);
    const { id } = await aCancelled(globex);
    expect(await acme.operations.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    await globex.operations.run(remove, { input: { id } });
    expect(await acme.operations.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
    expect((await listDeleted(acme.operations)).filter((one) => one.id === id)).toEqual([]);
  });

  test("lets the vendor see the place again that it lost while the request was deleted", { tags: "slow" }, async () => {
    const globex = await aMaintenanceTenant(weft);
    const { operations, vendor, buildingId } = globex;
    const [closed, other] = [await globex.request("closed"), await globex.request("assigned")];
    await operations.run(remove, { input: { id: closed.id } });
    await globex.assign(other, { userId: operations.id });
    const building = "query ($id: ID!) { building(id: $id) { id } }";
    expect(await vendor.user.refusal(building, { id: buildingId })).toBe("NOT_FOUND");
    await operations.run(restore, { input: { id: closed.id } });
    expect(await vendor.user.run(building, { id: buildingId })).toEqual({ building: { id: buildingId } });
  });
});
