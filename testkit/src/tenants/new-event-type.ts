import type { TestUser } from "../test-user.js";

/** Declares a type of custom events with any payload, and returns its ID. */
export async function newEventType(user: TestUser, name: string): Promise<string> {
  const { declareEventType } = await user.run<{ declareEventType: { eventType: { id: string } } }>(
    "mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { id } } }",
    { input: { name, description: "Something happened.", payloadSchema: { properties: { text: { type: "string" } } } } },
  );
  return declareEventType.eventType.id;
}
