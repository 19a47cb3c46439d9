import { newEventType } from "../../tenants/new-event-type.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

const eventType = ({ admin }: Fixture): Promise<string> => newEventType(admin, fresh("custom.type").replace("-", "_"));

const decided = new Map<Fixture, number>();

/** Returns a parked event that nobody has decided on yet. */
function parked(fixture: Fixture): string {
  const at = decided.get(fixture) ?? 0;
  decided.set(fixture, at + 1);
  const id = fixture.ids.get("parkedEvent")?.[at];
  if (id === undefined) throw new Error("The fixture needs more parked events.");
  return id;
}

/** Cases of the log of events, custom events, and parked events. */
export const eventCases: Cases = {
  mutations: {
    publishEvent: {
      input: ({ given }) => Promise.resolve({ type: "custom.fixture", payload: { text: "T" }, subjectId: given.requestId }),
      ids: { subjectId: "input" },
      types: { subjectId: ["request", "instance", "task", "project", "building", "asset", "vendor", "contract"] },
    },
    declareEventType: {
      input: () =>
        Promise.resolve({ name: fresh("custom.declared").replace("-", "_"), description: "D", payloadSchema: { properties: {} } }),
    },
    updateEventType: { input: async (fixture) => ({ id: await eventType(fixture), description: "Changed" }) },
    deleteEventType: { input: async (fixture) => ({ id: await eventType(fixture) }) },
    retryParkedEvents: { input: (fixture) => Promise.resolve({ ids: [parked(fixture)] }), ids: { ids: "object" } },
    skipParkedEvents: { input: (fixture) => Promise.resolve({ ids: [parked(fixture)] }), ids: { ids: "object" } },
  },
  lookups: {
    "event.id": { own: ({ triggeringEventId }) => triggeringEventId, refusal: "object", isOnly: true },
  },
  filters: {
    "events.filter.subjectId": ["request", "instance", "task", "user", "vendor", "building", "asset", "project"],
    "events.filter.actorId": ["user"],
    "parkedEvents.filter.eventId": ["event"],
    "parkedEvents.filter.instanceId": ["instance"],
  },
};
