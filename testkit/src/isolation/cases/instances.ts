import type { TestUser } from "../../test-user.js";
import { draftRequest, submittedRequest } from "../fixture.js";
import { byType, type Cases } from "./case.js";

/** Submits a request of the actor, so that its instance has an earlier state. */
const submittedInstance = async (actor: TestUser) => (await submittedRequest(actor)).instanceId;
/** Creates a draft of the actor and suspends it as the administrator. */
const heldInstance = async (admin: TestUser, actor: TestUser) => {
  const { instanceId } = await draftRequest(actor);
  await admin.run(`mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Audit" }) { instance { id } } }`, {
    id: instanceId,
  });
  return instanceId;
};

/** Cases of individual workflow instances. */
export const instanceCases: Cases = {
  mutations: {
    startWorkflow: {
      input: async ({ teamId, buildingId }) => ({ definitionKey: "project", data: { name: "Roof" }, teamId, subjectId: buildingId }),
      ids: { teamId: "input" },
    },
    fireTransition: {
      input: async (_fixture, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, transition: "submit" }),
    },
    cancelWorkflow: {
      input: async (_fixture, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, comment: "Not needed" }),
    },
    commentOnWorkflow: {
      input: async (_fixture, actor) => ({
        instanceId: (await draftRequest(actor)).instanceId,
        audience: "PUBLIC",
        comment: "The roof first",
      }),
    },
    suspendWorkflow: {
      input: async (_fixture, actor) => ({ instanceId: (await draftRequest(actor)).instanceId, reason: "Audit" }),
    },
    rollbackWorkflow: {
      input: async (_fixture, actor) => ({
        instanceId: await submittedInstance(actor),
        toVersion: 1,
        data: "RESTORED",
        reason: "The wrong pump",
      }),
    },
    resumeWorkflow: {
      input: async ({ admin }, actor) => ({ instanceId: await heldInstance(admin, actor) }),
    },
  },
  lookups: {
    "workflowInstance.id": byType("instance"),
  },
  filters: {
    "workflowInstances.filter.assigneeId": ["user", "team", "vendor"],
    "workflowInstances.filter.definitionId": ["definition"],
    "workflowInstances.filter.ownerId": ["user"],
    "workflowInstances.filter.parentId": ["instance"],
    "workflowInstances.filter.subjectId": ["request", "asset", "building", "project", "vendor", "contract", "milestone", "scopeChange"],
    "workflowInstances.filter.teamId": ["team"],
    "workflowStatistics.filter.assigneeId": ["user", "vendor"],
    "workflowStatistics.filter.teamId": ["team"],
  },
  queryArguments: {
    explainTransition: { transition: "submit" },
  },
};
