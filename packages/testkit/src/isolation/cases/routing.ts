import { randomUUID } from "node:crypto";
import type { Cases } from "./case.js";
import type { World } from "../world.js";

const newRule = async ({ admin }: World): Promise<string> => {
  const { createRoutingRule } = await admin.run<{ createRoutingRule: { rule: { id: string } } }>(
    'mutation { createRoutingRule(input: { route: "tried", name: "Tried", roles: ["operations"] }) { rule { id } } }',
  );
  return createRoutingRule.rule.id;
};

/** Who gets which task. */
export const routingCases: Cases = {
  mutations: {
    createRoutingRule: {
      input: async ({ operations, teamId }) => ({
        route: `r${randomUUID().slice(0, 8)}`,
        name: "Rule",
        userIds: [operations.id],
        teamIds: [teamId],
      }),
      ids: { userIds: "input", teamIds: "input" },
    },
    updateRoutingRule: {
      input: async (world) => ({ id: await newRule(world), userIds: [world.operations.id], teamIds: [world.teamId] }),
      ids: { id: "object", userIds: "input", teamIds: "input" },
    },
    deleteRoutingRule: { input: async (world) => ({ id: await newRule(world) }), ids: { id: "object" } },
    setUserSkills: { input: async ({ operations }) => ({ userId: operations.id, skills: ["lifts"] }), ids: { userId: "object" } },
  },
  lookups: {
    "routingRule.id": { own: ({ ids }) => ids.get("routingRule")?.[0], refusal: "object" },
  },
  queryArguments: {
    testRouting: { input: { route: "facilities", data: {} } },
  },
};
