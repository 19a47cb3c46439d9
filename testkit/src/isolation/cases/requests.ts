import { doneRequest, draftRequest, submittedRequest, type Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newBuilding = (fixture: Fixture) => create<HasId>(fixture, "createBuilding", "building", { code: fresh("B"), name: "A building" });
const newAsset = ({ buildingId }: Fixture) => ({ buildingId, tag: fresh("T"), name: "An asset", type: "pump" });

/** Cases of requests and of the places and assets that they concern. */
export const requestCases: Cases = {
  mutations: {
    createBuilding: { input: async () => ({ code: fresh("B"), name: "A building" }), ids: {} },
    updateBuilding: { input: async (fixture) => ({ id: (await newBuilding(fixture)).id, name: "Renamed" }), ids: { id: "object" } },
    createAsset: { input: async (fixture) => newAsset(fixture), ids: { buildingId: "input" } },
    updateAsset: {
      input: async (fixture) => ({
        id: (await create<HasId>(fixture, "createAsset", "asset", newAsset(fixture))).id,
        buildingId: (await newBuilding(fixture)).id,
      }),
      ids: { id: "object", buildingId: "input" },
    },
    createRequestType: {
      input: async () => ({
        key: fresh("type"),
        name: "A type",
        definitionKey: "maintenance-request",
        numberPrefix: fresh("AT").replace("-", ""),
        fields: ["summary", "estimate"],
      }),
      ids: {},
    },
    createRequest: {
      as: "requester",
      input: async ({ buildingId, assetId }) => ({
        typeKey: "maintenance",
        data: { summary: "A noise", estimate: 1 },
        buildingId,
        assetId,
      }),
      ids: { buildingId: "input", assetId: "input" },
    },
    updateRequest: {
      as: "requester",
      input: async ({ buildingId, assetId }, actor) => ({
        id: (await draftRequest(actor)).requestId,
        data: { summary: "Louder", estimate: 2 },
        buildingId,
        assetId,
      }),
      ids: { id: "object", buildingId: "input", assetId: "input" },
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
    assignRequest: {
      input: async ({ requester, operations }) => ({
        id: (await submittedRequest(requester)).requestId,
        assignee: { userId: operations.id },
      }),
      ids: { id: "object", "assignee.userId": "input", "assignee.teamId": "input", "assignee.vendorId": "input" },
    },
  },
  lookups: {
    "requestType.id": byType("requestType"),
    "request.id": byType("request"),
    "requestChanged.id": byType("request"),
    "building.id": byType("building"),
    "asset.id": byType("asset"),
  },
  filters: {
    "assets.filter.building": ["building"],
    "requestStatistics.filter.buildingId": ["building"],
    "requestStatistics.filter.teamId": ["team"],
    "requestStatistics.filter.typeId": ["requestType"],
    "requests.filter.asset": ["asset"],
    "requests.filter.assignee": ["user", "team", "vendor"],
    "requests.filter.building": ["building"],
    "requests.filter.createdBy": ["user"],
    "requests.filter.type": ["requestType"],
    "requests.filter.workflow.assigneeId": ["user", "team", "vendor"],
    "requests.filter.workflow.definitionId": ["definition"],
    "requests.filter.workflow.id": ["instance"],
    "requests.filter.workflow.ownerId": ["user"],
    "requests.filter.workflow.teamId": ["team"],
  },
};
