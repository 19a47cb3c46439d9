import { doneRequest, draftRequest, submittedRequest, type World } from "../world.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newBuilding = (world: World) => create<HasId>(world, "createBuilding", "building", { code: fresh("B"), name: "A building" });
const newAsset = ({ buildingId }: World) => ({ buildingId, tag: fresh("T"), name: "An asset", type: "pump" });

/** Requests, and the places and things that they are about. */
export const requestCases: Cases = {
  mutations: {
    createBuilding: { input: async () => ({ code: fresh("B"), name: "A building" }), ids: {} },
    updateBuilding: { input: async (world) => ({ id: (await newBuilding(world)).id, name: "Renamed" }), ids: { id: "object" } },
    createAsset: { input: async (world) => newAsset(world), ids: { buildingId: "input" } },
    updateAsset: {
      input: async (world) => ({
        id: (await create<HasId>(world, "createAsset", "asset", newAsset(world))).id,
        buildingId: (await newBuilding(world)).id,
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
      input: async (_world, actor) => ({ id: (await draftRequest(actor)).requestId }),
      ids: { id: "object" },
    },
    cancelRequest: {
      as: "requester",
      input: async (_world, actor) => ({ id: (await draftRequest(actor)).requestId }),
      ids: { id: "object" },
    },
    closeRequest: {
      as: "requester",
      input: async (world, actor) => ({ id: (await doneRequest(actor, world)).requestId }),
      ids: { id: "object" },
    },
    reopenRequest: {
      as: "requester",
      input: async (world, actor) => ({ id: (await doneRequest(actor, world)).requestId, comment: "It is back" }),
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
