import { attachText, uploadText } from "../../files/upload-file.js";
import type { TestUser } from "../../test-user.js";
import { assignToBuilding, doneRequest, draftRequest, readMeter, submittedRequest, type Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newBuilding = (fixture: Fixture) => create<HasId>(fixture, "createBuilding", "building", { code: fresh("B"), name: "A building" });
const newAsset = ({ buildingId }: Fixture) => ({ buildingId, tag: fresh("T"), name: "An asset", type: "pump" });

const createAsset = (fixture: Fixture) => create<HasId>(fixture, "createAsset", "asset", newAsset(fixture));
async function createAssetType(fixture: Fixture): Promise<HasId & { readonly key: string }> {
  const key = fresh("kind");
  const { id } = await create<HasId>(fixture, "createAssetType", "assetType", { key, name: "A kind" });
  return { id, key };
}

/** Creates an asset whose type gets a lifecycle afterwards. */
async function assetWithLifecycle(fixture: Fixture): Promise<string> {
  const type = await createAssetType(fixture);
  const { id } = await create<HasId>(fixture, "createAsset", "asset", { ...newAsset(fixture), type: type.key });
  await fixture.admin.run("mutation ($input: UpdateAssetTypeInput!) { updateAssetType(input: $input) { assetType { id } } }", {
    input: { id: type.id, lifecycle: { definitionKey: "member", statuses: [] } },
  });
  return id;
}

async function deletedAsset(fixture: Fixture, actor: TestUser): Promise<string> {
  const { id } = await createAsset(fixture);
  await actor.run("mutation ($input: VersionedIdInput!) { deleteAsset(input: $input) { id } }", { input: { id } });
  return id;
}
/** Creates a request that has ended. */
async function cancelledRequest(user: TestUser): Promise<string> {
  const { requestId } = await draftRequest(user);
  await user.run("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id: requestId });
  return requestId;
}
const newMeter = ({ assetId }: Fixture) => ({ assetId, name: fresh("M"), unit: "h", kind: "CUMULATIVE" });
const createMeter = (fixture: Fixture) => create<HasId>(fixture, "createMeter", "meter", newMeter(fixture));
const newSpace = ({ buildingId }: Fixture) => ({ buildingId, kind: "ROOM", code: fresh("R"), name: "A room" });
const createSpace = (fixture: Fixture) => create<HasId>(fixture, "createSpace", "space", newSpace(fixture));

const newType = () => ({
  key: fresh("type"),
  name: "A type",
  definitionKey: "maintenance-request",
  numberPrefix: fresh("AT").replace("-", ""),
  fields: ["summary", "estimate"],
});
const watchersOf = ({ teamId, admin }: Fixture) => ({ watcherTeamIds: [teamId], watcherUserIds: [admin.id] });
const createType = (fixture: Fixture) => create<HasId>(fixture, "createRequestType", "requestType", newType());
/** Comments as `user` and returns the ID of the comment. */
async function commentOf(user: TestUser, requestId: string): Promise<string> {
  const { commentOnRequest } = await user.run<{ commentOnRequest: { comment: { id: string } } }>(
    "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }",
    { input: { id: requestId, audience: "PUBLIC", text: "A word" } },
  );
  return commentOnRequest.comment.id;
}

/** Cases of requests and of the places and assets that they concern. */
export const requestCases: Cases = {
  mutations: {
    createBuilding: { input: async () => ({ code: fresh("B"), name: "A building" }), ids: {} },
    updateBuilding: { input: async (fixture) => ({ id: (await newBuilding(fixture)).id, name: "Renamed" }), ids: { id: "object" } },
    createAsset: {
      input: async (fixture) => ({
        ...newAsset(fixture),
        spaceId: (await createSpace(fixture)).id,
        ownerId: fixture.admin.id,
        custodianId: fixture.admin.id,
        parentId: (await createAsset(fixture)).id,
      }),
      ids: { buildingId: "input", spaceId: "input", ownerId: "input", custodianId: "input", parentId: "input" },
    },
    deleteBuilding: { input: async (fixture) => ({ id: (await newBuilding(fixture)).id }), ids: { id: "object" } },
    restoreBuilding: {
      input: async (fixture) => {
        const { id } = await newBuilding(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }", { id });
        return { id };
      },
      ids: { id: "object" },
    },
    setBuildingContact: {
      input: async (fixture) => ({ buildingId: (await newBuilding(fixture)).id, principalId: fixture.admin.id, role: "Caretaker" }),
      ids: { buildingId: "object", principalId: "input" },
    },
    removeBuildingContact: {
      input: async (fixture) => {
        const input = { buildingId: (await newBuilding(fixture)).id, principalId: fixture.admin.id };
        await fixture.admin.run("mutation ($input: SetBuildingContactInput!) { setBuildingContact(input: $input) { building { id } } }", {
          input: { ...input, role: "Caretaker" },
        });
        return input;
      },
      ids: { buildingId: "object", principalId: "input" },
    },
    assignBuildingUsers: {
      input: async (fixture) => ({ buildingId: (await newBuilding(fixture)).id, userIds: [fixture.operations.id] }),
      ids: { buildingId: "object", userIds: "input" },
    },
    unassignBuildingUsers: {
      input: async (fixture) => {
        const input = { buildingId: (await newBuilding(fixture)).id, userIds: [fixture.operations.id] };
        await assignToBuilding(fixture.admin, input.buildingId, input.userIds);
        return input;
      },
      ids: { buildingId: "object", userIds: "input" },
    },
    createSpace: {
      input: async (fixture) => ({ ...newSpace(fixture), parentId: (await createSpace(fixture)).id }),
      ids: { buildingId: "input", parentId: "input" },
    },
    updateSpace: { input: async (fixture) => ({ id: (await createSpace(fixture)).id, name: "Renamed" }), ids: { id: "object" } },
    moveSpace: {
      input: async (fixture) => ({ id: (await createSpace(fixture)).id, parentId: (await createSpace(fixture)).id }),
      ids: { id: "object", parentId: "input" },
    },
    deleteSpace: { input: async (fixture) => ({ id: (await createSpace(fixture)).id }), ids: { id: "object" } },
    restoreSpace: {
      input: async (fixture) => {
        const { id } = await createSpace(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteSpace(input: { id: $id }) { id } }", { id });
        return { id };
      },
      ids: { id: "object" },
    },
    updateAsset: {
      input: async (fixture) => {
        const buildingId = (await newBuilding(fixture)).id;
        return {
          id: (await createAsset(fixture)).id,
          buildingId,
          spaceId: (await create<HasId>(fixture, "createSpace", "space", { ...newSpace(fixture), buildingId })).id,
          ownerId: fixture.admin.id,
          custodianId: fixture.admin.id,
          parentId: (await createAsset(fixture)).id,
        };
      },
      ids: { id: "object", buildingId: "input", spaceId: "input", ownerId: "input", custodianId: "input", parentId: "input" },
    },
    transferAsset: {
      input: async (fixture) => ({ id: (await createAsset(fixture)).id, buildingId: (await newBuilding(fixture)).id }),
      ids: { id: "object", buildingId: "input" },
    },
    startAssetLifecycle: {
      input: async (fixture) => ({ id: await assetWithLifecycle(fixture) }),
      ids: { id: "object" },
    },
    deleteAsset: { input: async (fixture) => ({ id: (await createAsset(fixture)).id }), ids: { id: "object" } },
    restoreAsset: { input: async (fixture, actor) => ({ id: await deletedAsset(fixture, actor) }), ids: { id: "object" } },
    createAssetType: { input: async () => ({ key: fresh("kind"), name: "A kind" }), ids: {} },
    updateAssetType: { input: async (fixture) => ({ id: (await createAssetType(fixture)).id, name: "Changed" }), ids: { id: "object" } },
    deactivateAssetType: { input: async (fixture) => ({ id: (await createAssetType(fixture)).id }), ids: { id: "object" } },
    reactivateAssetType: { input: async (fixture) => ({ id: (await createAssetType(fixture)).id }), ids: { id: "object" } },
    createMeter: { input: async (fixture) => newMeter(fixture), ids: { assetId: "input" } },
    updateMeter: { input: async (fixture) => ({ id: (await createMeter(fixture)).id, name: fresh("M") }), ids: { id: "object" } },
    recordMeterReading: {
      as: "operations",
      input: async (fixture) => ({ meterId: (await createMeter(fixture)).id, value: "5" }),
      ids: { meterId: "object" },
    },
    correctMeterReading: {
      as: "operations",
      input: async (fixture, actor) => ({
        readingId: await readMeter(actor, (await createMeter(fixture)).id),
        value: "4",
        reason: "Misread",
      }),
      ids: { readingId: "object" },
    },
    createRequestType: {
      input: async (fixture) => ({ ...newType(), teamIds: [fixture.teamId], ...watchersOf(fixture) }),
      ids: { teamIds: "input", watcherTeamIds: "input", watcherUserIds: "input" },
    },
    updateRequestType: {
      input: async (fixture) => ({
        id: (await createType(fixture)).id,
        name: "Changed",
        teamIds: [fixture.teamId],
        ...watchersOf(fixture),
      }),
      ids: { id: "object", teamIds: "input", watcherTeamIds: "input", watcherUserIds: "input" },
    },
    deactivateRequestType: { input: async (fixture) => ({ id: (await createType(fixture)).id }), ids: { id: "object" } },
    reactivateRequestType: { input: async (fixture) => ({ id: (await createType(fixture)).id }), ids: { id: "object" } },
    updateCustomFields: {
      // Of a type that no asset has: walks filter the other kinds by the fields that the fixture declares.
      input: async () => ({ kind: "ASSET", typeKey: "crane", schema: { properties: { region: { type: "string" } } } }),
      ids: {},
    },
    createRequest: {
      as: "requester",
      input: async (fixture) => ({
        typeKey: "maintenance",
        data: { summary: "A noise", estimate: 1 },
        buildingId: fixture.buildingId,
        assetId: fixture.assetId,
        spaceId: (await createSpace(fixture)).id,
      }),
      ids: { buildingId: "input", assetId: "input", spaceId: "input" },
    },
    updateRequest: {
      as: "requester",
      input: async (fixture, actor) => ({
        id: (await draftRequest(actor)).requestId,
        data: { summary: "Louder", estimate: 2 },
        buildingId: fixture.buildingId,
        assetId: fixture.assetId,
        spaceId: (await createSpace(fixture)).id,
      }),
      ids: { id: "object", buildingId: "input", assetId: "input", spaceId: "input" },
    },
    submitRequest: {
      as: "requester",
      input: async (_fixture, actor) => ({ id: (await draftRequest(actor)).requestId }),
      ids: { id: "object" },
    },
    cancelRequest: {
      as: "requester",
      input: async (_fixture, actor) => ({ id: (await draftRequest(actor)).requestId }),
      ids: { id: "object" },
    },
    closeRequest: {
      as: "requester",
      input: async (fixture, actor) => ({ id: (await doneRequest(actor, fixture)).requestId }),
      ids: { id: "object" },
    },
    reopenRequest: {
      as: "requester",
      input: async (fixture, actor) => ({ id: (await doneRequest(actor, fixture)).requestId, comment: "It is back" }),
      ids: { id: "object" },
    },
    deleteRequest: { as: "operations", input: async ({ requester }) => ({ id: await cancelledRequest(requester) }), ids: { id: "object" } },
    restoreRequest: {
      as: "operations",
      input: async ({ requester }, actor) => {
        const id = await cancelledRequest(requester);
        await actor.run("mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }", { input: { id } });
        return { id };
      },
      ids: { id: "object" },
    },
    assignRequest: {
      input: async ({ requester, operations }) => ({
        id: (await submittedRequest(requester)).requestId,
        assignee: { userId: operations.id },
      }),
      ids: { id: "object", "assignee.userId": "input", "assignee.teamId": "input", "assignee.vendorId": "input" },
    },
    commentOnRequest: {
      as: "operations",
      input: async ({ requester, admin }, actor) => ({
        id: (await submittedRequest(requester)).requestId,
        audience: "PUBLIC",
        text: "A word",
        mentionedUserIds: [admin.id],
        fileIds: [await uploadText(actor)],
      }),
      ids: { id: "object", mentionedUserIds: "input", fileIds: "input" },
    },
    editRequestComment: {
      as: "operations",
      input: async ({ requester, admin }, actor) => ({
        id: await commentOf(actor, (await submittedRequest(requester)).requestId),
        text: "Another word",
        mentionedUserIds: [admin.id],
      }),
      ids: { id: "object", mentionedUserIds: "input" },
    },
    deleteRequestComment: {
      as: "operations",
      input: async ({ requester }, actor) => ({ id: await commentOf(actor, (await submittedRequest(requester)).requestId) }),
      ids: { id: "object" },
    },
    triageRequest: {
      as: "operations",
      input: async ({ requester }) => ({ id: (await submittedRequest(requester)).requestId, priority: "HIGH", tags: ["lift"] }),
      ids: { id: "object" },
    },
    linkRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        kind: "BLOCKS",
        toId: (await submittedRequest(requester)).requestId,
      }),
      ids: { id: "object", toId: "input" },
    },
    unlinkRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        kind: "BLOCKS",
        toId: (await submittedRequest(requester)).requestId,
      }),
      ids: { id: "object", toId: "input" },
    },
    convertRequest: {
      as: "operations",
      input: async (fixture) => {
        const type = newType();
        await create<HasId>(fixture, "createRequestType", "requestType", type);
        return { id: (await submittedRequest(fixture.requester)).requestId, typeKey: type.key, data: { estimate: 50 } };
      },
      ids: { id: "object" },
    },
    mergeRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        intoId: (await submittedRequest(requester)).requestId,
      }),
      ids: { id: "object", intoId: "input" },
    },
    splitRequest: {
      as: "operations",
      input: async ({ requester }, actor) => {
        const { requestId: id } = await submittedRequest(requester);
        return {
          id,
          kind: "RELATES_TO",
          data: { summary: "The door, too", estimate: 50 },
          commentIds: [await commentOf(actor, id)],
          attachmentIds: [(await attachText(actor, { objectId: id })).id],
        };
      },
      ids: { id: "object", commentIds: "input", attachmentIds: "input" },
    },
    announceRequestActivity: {
      as: "operations",
      input: async ({ requester }) => ({ id: (await submittedRequest(requester)).requestId, activity: "CHANGING" }),
      ids: { id: "object" },
    },
    watchRequest: {
      as: "operations",
      input: async ({ requester, admin }) => ({ id: (await submittedRequest(requester)).requestId, userId: admin.id }),
      ids: { id: "object", userId: "input" },
    },
    unwatchRequest: {
      as: "operations",
      input: async ({ requester, admin }, actor) => {
        const input = { id: (await submittedRequest(requester)).requestId, userId: admin.id };
        await actor.run("mutation ($input: WatchRequestInput!) { watchRequest(input: $input) { request { id } } }", { input });
        return input;
      },
      ids: { id: "object", userId: "input" },
    },
  },
  lookups: {
    "requestType.id": byType("requestType"),
    "request.id": byType("request"),
    "requestChanged.id": byType("request"),
    "requestEditors.id": byType("request"),
    "requestCommentChanged.requestId": byType("request"),
    "building.id": byType("building"),
    "space.id": byType("space"),
    "asset.id": byType("asset"),
    "assetType.id": byType("assetType"),
    "meter.id": byType("meter"),
  },
  filters: {
    "buildings.filter.user": ["user"],
    "assets.filter.building": ["building"],
    "assets.filter.custodian": ["user"],
    "assets.filter.owner": ["user", "team", "vendor"],
    "assets.filter.parent": ["asset"],
    "assets.filter.space": ["space"],
    "requestStatistics.filter.buildingId": ["building"],
    "requestStatistics.filter.teamId": ["team"],
    "requestStatistics.filter.typeId": ["requestType"],
    "requests.filter.asset": ["asset"],
    "requests.filter.assignee": ["user", "team", "vendor"],
    "requests.filter.building": ["building"],
    "requests.filter.createdBy": ["user"],
    "requests.filter.space": ["space"],
    "requests.filter.type": ["requestType"],
    "requests.filter.watcher": ["user"],
    "requests.filter.workflow.assigneeId": ["user", "team", "vendor"],
    "requests.filter.workflow.definitionId": ["definition"],
    "requests.filter.workflow.id": ["instance"],
    "requests.filter.workflow.ownerId": ["user"],
    "requests.filter.workflow.teamId": ["team"],
    "spaces.filter.building": ["building"],
    "spaces.filter.parent": ["space"],
  },
  queryArguments: {
    assetByTag: { tag: "NONE" },
    previewCustomFields: { input: { kind: "BUILDING", schema: { properties: { must: { type: "string" } }, required: ["must"] } } },
  },
};
