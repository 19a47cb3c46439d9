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
    createAsset: {
      input: async (fixture) => ({
        ...newAsset(fixture),
        spaceId: (await createSpace(fixture)).id,
        ownerId: fixture.admin.id,
        custodianId: fixture.admin.id,
        parentId: (await createAsset(fixture)).id,
      }),
    },
    restoreBuilding: {
      input: async (fixture) => {
        const { id } = await newBuilding(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }", { id });
        return { id };
      },
    },
    setBuildingContact: {
      input: async (fixture) => ({ buildingId: (await newBuilding(fixture)).id, principalId: fixture.admin.id, role: "Caretaker" }),
    },
    removeBuildingContact: {
      input: async (fixture) => {
        const input = { buildingId: (await newBuilding(fixture)).id, principalId: fixture.admin.id };
        await fixture.admin.run("mutation ($input: SetBuildingContactInput!) { setBuildingContact(input: $input) { building { id } } }", {
          input: { ...input, role: "Caretaker" },
        });
        return input;
      },
    },
    assignBuildingUsers: {
      input: async (fixture) => ({ buildingId: (await newBuilding(fixture)).id, userIds: [fixture.operations.id] }),
    },
    unassignBuildingUsers: {
      input: async (fixture) => {
        const input = { buildingId: (await newBuilding(fixture)).id, userIds: [fixture.operations.id] };
        await assignToBuilding(fixture.admin, input.buildingId, input.userIds);
        return input;
      },
    },
    createSpace: {
      input: async (fixture) => ({ ...newSpace(fixture), parentId: (await createSpace(fixture)).id }),
    },
    updateSpace: { input: async (fixture) => ({ id: (await createSpace(fixture)).id, name: "Renamed" }) },
    moveSpace: {
      input: async (fixture) => ({ id: (await createSpace(fixture)).id, parentId: (await createSpace(fixture)).id }),
    },
    deleteSpace: { input: async (fixture) => ({ id: (await createSpace(fixture)).id }) },
    restoreSpace: {
      input: async (fixture) => {
        const { id } = await createSpace(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteSpace(input: { id: $id }) { id } }", { id });
        return { id };
      },
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
    },
    transferAsset: {
      input: async (fixture) => ({ id: (await createAsset(fixture)).id, buildingId: (await newBuilding(fixture)).id }),
    },
    startAssetLifecycle: {
      input: async (fixture) => ({ id: await assetWithLifecycle(fixture) }),
    },
    deleteAsset: { input: async (fixture) => ({ id: (await createAsset(fixture)).id }) },
    restoreAsset: { input: async (fixture, actor) => ({ id: await deletedAsset(fixture, actor) }) },
    createMeter: { input: async (fixture) => newMeter(fixture) },
    updateMeter: { input: async (fixture) => ({ id: (await createMeter(fixture)).id, name: fresh("M") }) },
    recordMeterReading: {
      as: "operations",
      input: async (fixture) => ({ meterId: (await createMeter(fixture)).id, value: "5" }),
    },
    correctMeterReading: {
      as: "operations",
      input: async (fixture, actor) => ({
        readingId: await readMeter(actor, (await createMeter(fixture)).id),
        value: "4",
        reason: "Misread",
      }),
    },
    createRequestType: {
      input: async (fixture) => ({ ...newType(), teamIds: [fixture.teamId], ...watchersOf(fixture) }),
    },
    updateRequestType: {
      input: async (fixture) => ({
        id: (await createType(fixture)).id,
        name: "Changed",
        teamIds: [fixture.teamId],
        ...watchersOf(fixture),
      }),
    },
    deactivateRequestType: { input: async (fixture) => ({ id: (await createType(fixture)).id }) },
    reactivateRequestType: { input: async (fixture) => ({ id: (await createType(fixture)).id }) },
    updateCustomFields: {
      // Of a type that no asset has: walks filter the other kinds by the fields that the fixture declares.
      input: async () => ({ kind: "ASSET", typeKey: "crane", schema: { properties: { region: { type: "string" } } } }),
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
    },
    submitRequest: {
      as: "requester",
      input: async (_fixture, actor) => ({ id: (await draftRequest(actor)).requestId }),
    },
    cancelRequest: {
      as: "requester",
      input: async (_fixture, actor) => ({ id: (await draftRequest(actor)).requestId }),
    },
    closeRequest: {
      as: "requester",
      input: async (fixture, actor) => ({ id: (await doneRequest(actor, fixture)).requestId }),
    },
    reopenRequest: {
      as: "requester",
      input: async (fixture, actor) => ({ id: (await doneRequest(actor, fixture)).requestId, comment: "It is back" }),
    },
    deleteRequest: { as: "operations", input: async ({ requester }) => ({ id: await cancelledRequest(requester) }) },
    restoreRequest: {
      as: "operations",
      input: async ({ requester }, actor) => {
        const id = await cancelledRequest(requester);
        await actor.run("mutation ($input: VersionedIdInput!) { deleteRequest(input: $input) { id } }", { input: { id } });
        return { id };
      },
    },
    assignRequest: {
      input: async ({ requester, operations }) => ({
        id: (await submittedRequest(requester)).requestId,
        assignee: { userId: operations.id },
      }),
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
    },
    editRequestComment: {
      as: "operations",
      input: async ({ requester, admin }, actor) => ({
        id: await commentOf(actor, (await submittedRequest(requester)).requestId),
        text: "Another word",
        mentionedUserIds: [admin.id],
      }),
    },
    deleteRequestComment: {
      as: "operations",
      input: async ({ requester }, actor) => ({ id: await commentOf(actor, (await submittedRequest(requester)).requestId) }),
    },
    triageRequest: {
      as: "operations",
      input: async ({ requester }) => ({ id: (await submittedRequest(requester)).requestId, priority: "HIGH", tags: ["lift"] }),
    },
    linkRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        kind: "BLOCKS",
        toId: (await submittedRequest(requester)).requestId,
      }),
    },
    unlinkRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        kind: "BLOCKS",
        toId: (await submittedRequest(requester)).requestId,
      }),
    },
    convertRequest: {
      as: "operations",
      input: async (fixture) => {
        const type = newType();
        await create<HasId>(fixture, "createRequestType", "requestType", type);
        return { id: (await submittedRequest(fixture.requester)).requestId, typeKey: type.key, data: { estimate: 50 } };
      },
    },
    mergeRequests: {
      as: "operations",
      input: async ({ requester }) => ({
        id: (await submittedRequest(requester)).requestId,
        intoId: (await submittedRequest(requester)).requestId,
      }),
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
    },
    announceRequestActivity: {
      as: "operations",
      input: async ({ requester }) => ({ id: (await submittedRequest(requester)).requestId, activity: "CHANGING" }),
    },
    watchRequest: {
      as: "operations",
      input: async ({ requester, admin }) => ({ id: (await submittedRequest(requester)).requestId, userId: admin.id }),
    },
    unwatchRequest: {
      as: "operations",
      input: async ({ requester, admin }, actor) => {
        const input = { id: (await submittedRequest(requester)).requestId, userId: admin.id };
        await actor.run("mutation ($input: WatchRequestInput!) { watchRequest(input: $input) { request { id } } }", { input });
        return input;
      },
    },
  },
  lookups: {
    "requestChanged.id": byType("request"),
    "requestEditors.id": byType("request"),
  },
  filters: {
    "assets.filter.custodian": ["user"],
    "assets.filter.owner": ["user", "team", "vendor"],
    "assets.filter.parent": ["asset"],
    "requestStatistics.filter.buildingId": ["building"],
    "requestStatistics.filter.teamId": ["team"],
    "requestStatistics.filter.typeId": ["requestType"],
    "requests.filter.assignee": ["user", "team", "vendor"],
    "requests.filter.type": ["requestType"],
    "requests.filter.watcher": ["user"],
    "requests.filter.workflow.assigneeId": ["user", "team", "vendor"],
    "requests.filter.workflow.definitionId": ["definition"],
    "requests.filter.workflow.id": ["instance"],
    "requests.filter.workflow.ownerId": ["user"],
    "requests.filter.workflow.teamId": ["team"],
    "spaces.filter.parent": ["space"],
  },
  queryArguments: {
    assetByTag: { tag: "NONE" },
    previewCustomFields: { input: { kind: "BUILDING", schema: { properties: { must: { type: "string" } }, required: ["must"] } } },
  },
};
