import { randomUUID } from "node:crypto";
import type { Cases } from "./case.js";
import type { Fixture } from "../fixture.js";

const newRule = async ({ admin }: Fixture): Promise<string> => {
  const { createRoutingRule } = await admin.run<{ createRoutingRule: { rule: { id: string } } }>(
    'mutation { createRoutingRule(input: { route: "tried", name: "Tried", roles: ["operations"] }) { rule { id } } }',
  );
  return createRoutingRule.rule.id;
};

/** Cases of task routing. */
export const routingCases: Cases = {
  mutations: {
    createRoutingRule: {
      input: async ({ operations, teamId }) => ({
        route: `r${randomUUID().slice(0, 8)}`,
        name: "Rule",
        userIds: [operations.id],
        teamIds: [teamId],
      }),
    },
    updateRoutingRule: {
      input: async (fixture) => ({ id: await newRule(fixture), userIds: [fixture.operations.id], teamIds: [fixture.teamId] }),
    },
    deleteRoutingRule: { input: async (fixture) => ({ id: await newRule(fixture) }) },
    setUserSkills: { input: async ({ operations }) => ({ userId: operations.id, skills: ["lifts"] }) },
  },
  lookups: {
    "routingRule.id": { own: ({ ids }) => ids.get("routingRule")?.[0], refusal: "object" },
  },
  queryArguments: {
    testRouting: { input: { route: "facilities", data: {} } },
  },
};
