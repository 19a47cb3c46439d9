import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const terms = ({ buildingId, assetId }: Fixture) => ({
  name: "Service",
  template: { typeKey: "maintenance", data: { summary: "Service", estimate: 1 }, buildingId, assetId },
  every: "PT8000H",
});
const newPlan = (fixture: Fixture): Promise<HasId> => create<HasId>(fixture, "createMaintenancePlan", "plan", terms(fixture));

/** Template with a new space of the building. */
const placed = async (fixture: Fixture) => {
  const space = { buildingId: fixture.buildingId, kind: "ROOM", code: fresh("R"), name: "Room" };
  return { ...terms(fixture).template, spaceId: (await create<HasId>(fixture, "createSpace", "space", space)).id };
};

const meterOf = async ({ admin, assetId }: Fixture): Promise<string> => {
  const { asset } = await admin.run<{ asset: { meters: HasId[] } }>("query ($id: ID!) { asset(id: $id) { meters { id } } }", {
    id: assetId,
  });
  return asset.meters[0]?.id ?? "";
};

const pausedPlan = async (fixture: Fixture): Promise<string> => {
  const { id } = await newPlan(fixture);
  const input = { id, reason: "Tried" };
  await fixture.admin.run("mutation ($input: PauseMaintenancePlanInput!) { pauseMaintenancePlan(input: $input) { plan { id } } }", {
    input,
  });
  return id;
};

/** Returns a new plan, and its next planned time. */
const planned = async (fixture: Fixture): Promise<{ planId: string; plannedAt: string }> => {
  const { id } = await newPlan(fixture);
  const { maintenancePlan } = await fixture.admin.run<{ maintenancePlan: { nextOccurrences: { plannedAt: string }[] } }>(
    "query ($id: ID!) { maintenancePlan(id: $id) { nextOccurrences(first: 1) { plannedAt } } }",
    { id },
  );
  return { planId: id, plannedAt: maintenancePlan.nextOccurrences[0]?.plannedAt ?? "" };
};

/** Cases of maintenance plans. */
export const maintenanceCases: Cases = {
  mutations: {
    createMaintenancePlan: {
      input: async (fixture) => ({
        ...terms(fixture),
        template: await placed(fixture),
        meter: { meterId: await meterOf(fixture), every: "500" },
      }),
    },
    updateMaintenancePlan: {
      input: async (fixture) => ({
        id: (await newPlan(fixture)).id,
        template: await placed(fixture),
        meter: { meterId: await meterOf(fixture), every: "500" },
      }),
    },
    pauseMaintenancePlan: { input: async (fixture) => ({ id: (await newPlan(fixture)).id, reason: "Tried" }) },
    resumeMaintenancePlan: { input: async (fixture) => ({ id: await pausedPlan(fixture) }) },
    skipOccurrence: { input: async (fixture) => ({ ...(await planned(fixture)), reason: "Tried" }) },
    shiftOccurrence: {
      input: async (fixture) => {
        const next = await planned(fixture);
        return { ...next, to: new Date(Date.parse(next.plannedAt) + 60_000).toISOString(), reason: "Tried" };
      },
    },
  },
  filters: { "maintenancePlans.filter.building": ["building"], "maintenancePlans.filter.asset": ["asset"] },
};
