import type { Cases } from "./case.js";
import type { Fixture } from "../fixture.js";

const newSchedule = async ({ admin }: Fixture): Promise<string> => {
  const { createSchedule } = await admin.run<{ createSchedule: { schedule: { id: string } } }>(
    'mutation { createSchedule(input: { name: "Tried", definitionKey: "member", every: "PT8000H" }) { schedule { id } } }',
  );
  return createSchedule.schedule.id;
};

const pausedSchedule = async (fixture: Fixture): Promise<string> => {
  const id = await newSchedule(fixture);
  await fixture.admin.run('mutation ($id: ID!) { pauseSchedule(input: { id: $id, reason: "Tried" }) { schedule { id } } }', { id });
  return id;
};

/** Cases of schedules. */
export const scheduleCases: Cases = {
  mutations: {
    createSchedule: {
      input: async ({ teamId }) => ({ name: "Schedule", definitionKey: "member", every: "PT8000H", teamId }),
    },
    updateSchedule: {
      input: async (fixture) => ({ id: await newSchedule(fixture), teamId: fixture.teamId }),
    },
    deleteSchedule: { input: async (fixture) => ({ id: await newSchedule(fixture) }) },
    pauseSchedule: { input: async (fixture) => ({ id: await newSchedule(fixture), reason: "Tried" }) },
    resumeSchedule: { input: async (fixture) => ({ id: await pausedSchedule(fixture) }) },
    runScheduleNow: { input: async (fixture) => ({ id: await pausedSchedule(fixture) }) },
    backfillSchedule: {
      input: async (fixture) => {
        const id = await newSchedule(fixture);
        const { schedule } = await fixture.admin.run<{ schedule: { createdAt: string } }>(
          "query ($id: ID!) { schedule(id: $id) { createdAt } }",
          { id },
        );
        // Later than the creation, and in the past when the call arrives.
        return { id, from: schedule.createdAt, to: new Date(Date.parse(schedule.createdAt) + 1).toISOString() };
      },
    },
  },
  lookups: {
    "schedule.id": { own: ({ ids }) => ids.get("schedule")?.[0], refusal: "object" },
  },
  filters: { "schedules.filter.owner": ["user"] },
  queryArguments: {
    nextRuns: { input: { cron: "0 9 * * *" } },
  },
};
