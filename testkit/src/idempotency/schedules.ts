import { fresh, type IdempotencyCases, type Stage } from "./case.js";

const terms = () => ({
  name: fresh("nightly-"),
  definitionKey: "maintenance-request",
  every: "PT8000H",
  data: { summary: "Inspection", estimate: 1 },
});

/** Creates a schedule that starts nothing by itself. */
async function schedule({ acme }: Stage): Promise<{ id: string; createdAt: string }> {
  const { createSchedule } = await acme.admin.run<{ createSchedule: { schedule: { id: string; createdAt: string } } }>(
    "mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id createdAt } } }",
    { input: terms() },
  );
  return createSchedule.schedule;
}

/** Cases of schedules. */
export const scheduleCases: IdempotencyCases = {
  createSchedule: {
    who: ({ acme }) => acme.admin,
    selection: "schedule { id version }",
    inputs: () => {
      const input = terms();
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  runScheduleNow: {
    who: ({ acme }) => acme.admin,
    selection: "run { plannedAt kind }",
    inputs: async (stage) => ({ input: { id: (await schedule(stage)).id }, other: { id: (await schedule(stage)).id } }),
  },
  backfillSchedule: {
    who: ({ acme }) => acme.admin,
    selection: "count schedule { id }",
    inputs: async (stage) => {
      const { id, createdAt } = await schedule(stage);
      const later = (ms: number): string => new Date(Date.parse(createdAt) + ms).toISOString();
      return { input: { id, from: later(0), to: later(2) }, other: { id, from: later(0), to: later(1) } };
    },
  },
};
