import { newIncident } from "../tenants/looping-definition.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of individual workflow instances. */
export const instanceCases: IdempotencyCases = {
  startWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id version }",
    inputs: async () => {
      const input = { definitionKey: "maintenance-request", data: { summary: "Leak", estimate: 1 } };
      return { input, other: { ...input, data: { summary: "Leak", estimate: 2 } } };
    },
  },
  fireTransition: {
    who: ({ acme }) => acme.operations,
    selection: "instance { id state version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, transition: "escalate" }, other: { instanceId, transition: "reject", comment: "no" } };
    },
  },
  cancelWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id status version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, comment: "no" }, other: { instanceId, comment: "never" } };
    },
  },
  rollbackWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id state version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      const input = { instanceId, toVersion: 1, data: "CURRENT", reason: "the wrong pump" };
      return { input, other: { ...input, data: "RESTORED" } };
    },
  },
  commentOnWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, audience: "PUBLIC", comment: "first" }, other: { instanceId, audience: "PUBLIC", comment: "second" } };
    },
  },
  suspendWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id status version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      return { input: { instanceId, reason: "audit" }, other: { instanceId, reason: "another" } };
    },
  },
  resumeWorkflow: {
    who: ({ acme }) => acme.manager,
    selection: "instance { id status version }",
    inputs: async ({ acme }) => {
      const { instanceId } = await acme.request("triage");
      const hold = `mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "audit" }) { instance { id } } }`;
      await acme.manager.run(hold, { id: instanceId });
      return { input: { instanceId }, other: { instanceId, reason: "done" } };
    },
  },
  resolveIncident: {
    who: ({ acme }) => acme.admin,
    selection: "incident { id status resolution } instance { id status version }",
    inputs: async ({ acme }) => {
      const id = await newIncident(acme.admin);
      return { input: { id, action: "SKIP" }, other: { id, action: "SKIP", comment: "another" } };
    },
  },
};
