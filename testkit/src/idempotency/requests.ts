import { fresh, type IdempotencyCases } from "./case.js";

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
  createAsset: {
    who: ({ acme }) => acme.admin,
    selection: "asset { id tag name }",
    inputs: async ({ acme: { buildingId } }) => {
      const input = { buildingId, tag: fresh("T"), name: "An asset", type: "pump" };
      return { input, other: { ...input, name: "Another" } };
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
  assignRequest: {
    who: ({ acme }) => acme.operations,
    selection: "request { id workflow { version } }",
    inputs: async ({ acme }) => {
      const { id } = await acme.request("approved");
      return { input: { id, assignee: { vendorId: acme.vendor.id } }, other: { id, assignee: { userId: acme.manager.id } } };
    },
  },
};
