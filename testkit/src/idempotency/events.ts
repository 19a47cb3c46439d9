import { newEventType } from "../tenants/new-event-type.js";
import { fresh, type IdempotencyCases } from "./case.js";

/** Cases of custom events. */
export const eventCases: IdempotencyCases = {
  publishEvent: {
    who: ({ acme }) => acme.admin,
    selection: "eventId",
    inputs: async ({ acme }) => {
      const type = fresh("custom.repeated");
      await newEventType(acme.admin, type);
      const input = { type, payload: { text: "T" } };
      return { input, other: { ...input, payload: {} } };
    },
  },
};
