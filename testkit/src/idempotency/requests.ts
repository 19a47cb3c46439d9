import { uploadText } from "../files/upload-file.js";
import { fresh, type IdempotencyCases } from "./case.js";
import { memberDefinition } from "../tenants/hierarchy-definition.js";

/** Cases of requests and of the places and assets that they concern. */
export const requestCases: IdempotencyCases = {
  createBuilding: {
    who: ({ acme }) => acme.admin,
    selection: "building { id code name }",
    inputs: async () => {
      const input = { code: fresh("B"), name: "A building" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createSpace: {
    who: ({ acme }) => acme.admin,
    selection: "space { id code name }",
    inputs: async ({ acme: { buildingId } }) => {
      const input = { buildingId, kind: "ROOM", code: fresh("R"), name: "A room" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createAsset: {
    who: ({ acme }) => acme.admin,
    selection: "asset { id tag name }",
    inputs: async ({ acme: { buildingId } }) => {
      const input = { buildingId, tag: fresh("T"), name: "An asset", type: "elevator" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  createAssetType: {
    who: ({ acme }) => acme.admin,
    selection: "assetType { id key name }",
    inputs: async () => {
      const input = { key: fresh("kind-"), name: "A kind" };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  transferAsset: {
    who: ({ acme }) => acme.admin,
    selection: "asset { id version building { id } }",
    inputs: async ({ acme: { admin, buildingId } }) => {
      const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
      const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(create, {
        input: { buildingId, tag: fresh("T"), name: "An asset", type: "pump" },
      });
      const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
        "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
        { input: { code: fresh("B"), name: "Another building" } },
      );
      const input = { id: createAsset.asset.id, buildingId: createBuilding.building.id };
      return { input, other: { ...input, reason: "Needed there" } };
    },
  },
  startAssetLifecycle: {
    who: ({ acme }) => acme.admin,
    selection: "asset { id version workflow { id } }",
    inputs: async ({ acme: { admin, tenant, buildingId } }) => {
      await tenant.definition(memberDefinition);
      const type = fresh("kind-");
      const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id assetType { id } } } }";
      const { createAsset } = await admin.run<{ createAsset: { asset: { id: string; assetType: { id: string } } } }>(create, {
        input: { buildingId, tag: fresh("T"), name: "An asset", type },
      });
      const { id, assetType } = createAsset.asset;
      await admin.run("mutation ($input: UpdateAssetTypeInput!) { updateAssetType(input: $input) { assetType { id } } }", {
        input: { id: assetType.id, lifecycle: { definitionKey: "member", statuses: [] } },
      });
      return { input: { id }, other: { id, expectedVersion: 1 } };
    },
  },
  createMeter: {
    who: ({ acme }) => acme.admin,
    selection: "meter { id name }",
    inputs: async ({ acme: { assetId } }) => {
      const input = { assetId, name: fresh("M"), unit: "h", kind: "CUMULATIVE" };
      return { input, other: { ...input, unit: "km" } };
    },
  },
  recordMeterReading: {
    who: ({ acme }) => acme.admin,
    selection: "reading { id value }",
    inputs: async ({ acme: { admin, assetId } }) => {
      const { createMeter } = await admin.run<{ createMeter: { meter: { id: string } } }>(
        "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
        { input: { assetId, name: fresh("M"), unit: "h", kind: "CUMULATIVE" } },
      );
      const input = { meterId: createMeter.meter.id, value: "5" };
      return { input, other: { ...input, value: "6" } };
    },
  },
  createRequestType: {
    who: ({ acme }) => acme.admin,
    selection: "requestType { id key name }",
    inputs: async () => {
      const key = fresh("type-");
      const input = {
        key,
        name: "A type",
        definitionKey: "maintenance-request",
        numberPrefix: fresh("AT"),
        fields: ["summary", "estimate"],
      };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  updateCustomFields: {
    who: ({ acme }) => acme.admin,
    selection: "customFieldSchema { kind version }",
    inputs: async () => {
      const input = { kind: "PROJECT", schema: { properties: { [fresh("field").replace("-", "")]: { type: "string" } } } };
      return { input, other: { ...input, message: "Another" } };
    },
  },
  createRequest: {
    who: ({ acme }) => acme.requester,
    selection: "request { id number }",
    inputs: async ({ acme }) => {
      const input = { typeKey: "maintenance", data: { summary: "Leak", estimate: 1 }, buildingId: acme.buildingId };
      return { input, other: { ...input, data: { summary: "Leak", estimate: 2 } } };
    },
  },
  submitRequest: {
    who: ({ acme }) => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("draft");
      return { input: { id }, other: { id, expectedVersion: 1 } };
    },
  },
  cancelRequest: {
    who: ({ acme }) => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("draft");
      return { input: { id, comment: "no" }, other: { id, comment: "never" } };
    },
  },
  closeRequest: {
    who: ({ acme }) => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("done");
      return { input: { id }, other: { id, comment: "Thank you" } };
    },
  },
  reopenRequest: {
    who: ({ acme }) => acme.requester,
    selection: "request { id state workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("done");
      return { input: { id, comment: "It is back" }, other: { id, comment: "It is worse" } };
    },
  },
  commentOnRequest: {
    who: ({ acme }) => acme.operations,
    selection: "comment { id version attachments { id } } request { id comments { totalCount } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("approved");
      const input = { id, audience: "PUBLIC", text: "A word", fileIds: [await uploadText(acme.operations)] };
      return { input, other: { ...input, audience: "INTERNAL" } };
    },
  },
  convertRequest: {
    who: ({ acme }) => acme.operations,
    selection: "request { id version state workflow { id } }",
    inputs: async ({ acme }) => {
      const typeKey = fresh("type-");
      const type = {
        key: typeKey,
        name: "A type",
        definitionKey: "maintenance-request",
        numberPrefix: fresh("AT"),
        fields: ["summary", "estimate"],
      };
      await acme.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
        input: type,
      });
      const { id } = await acme.request("triage");
      return { input: { id, typeKey }, other: { id, typeKey, data: { estimate: 1 } } };
    },
  },
  mergeRequests: {
    who: ({ acme }) => acme.operations,
    selection: "request { id status } into { id comments { totalCount } }",
    inputs: async ({ acme }) => {
      const [from, into, another] = [await acme.request("triage"), await acme.request("triage"), await acme.request("triage")];
      return { input: { id: from.id, intoId: into.id }, other: { id: from.id, intoId: another.id } };
    },
  },
  splitRequest: {
    who: ({ acme }) => acme.operations,
    selection: "request { id } newRequest { id number state }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("triage");
      const input = { id, kind: "RELATES_TO", data: { summary: "The door, too", estimate: 1 } };
      return { input, other: { ...input, kind: "PARENT_OF" } };
    },
  },
  assignRequest: {
    who: ({ acme }) => acme.operations,
    selection: "request { id workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("approved");
      return { input: { id, assignee: { vendorId: acme.vendor.id } }, other: { id, assignee: { userId: acme.manager.id } } };
    },
  },
};
