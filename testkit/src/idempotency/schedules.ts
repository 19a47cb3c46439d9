import { fresh, type IdempotencyCases } from "./case.js";

const terms = () => ({
  name: fresh("nightly-"),
  definitionKey: "maintenance-request",
  every: "PT8000H",
  data: { summary: "Inspection", estimate: 1 },
});

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
};
