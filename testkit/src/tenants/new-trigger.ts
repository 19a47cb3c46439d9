import type { TestUser } from "../test-user.js";
import { samplePeriod } from "./new-webhook.js";

const definition = `weft: 1
key: triggered
name: Triggered
data: { type: object, properties: { source: { type: string } } }
initial: open
states:
  open: { transitions: { close: { to: closed } } }
  closed: { final: completed }
`;

/** A trigger whose runs always fail: the key has no value if the actor acts for themselves. */
export const failingTrigger = {
  name: "Fails",
  eventType: "building.updated",
  action: "START",
  definitionKey: "triggered",
  correlationKey: "event.onBehalfOf",
};

/** Publishes the definition that `failingTrigger` starts. */
export const publishTriggered = (publish: (source: string) => Promise<unknown>): Promise<unknown> => publish(definition);

/** Creates a trigger. Returns its ID. */
export async function newTrigger(who: Pick<TestUser, "run">, input: object = failingTrigger): Promise<string> {
  const { createTrigger } = await who.run<{ createTrigger: { trigger: { id: string } } }>(
    "mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }",
    { input },
  );
  return createTrigger.trigger.id;
}

/** Replays a period without events to a trigger. Returns the ID of the replay. */
export async function newTriggerReplay(user: TestUser, triggerId: string): Promise<string> {
  const { replayEventsToTrigger } = await user.run<{ replayEventsToTrigger: { replay: { id: string } } }>(
    "mutation ($input: ReplayEventsToTriggerInput!) { replayEventsToTrigger(input: $input) { replay { id } } }",
    { input: { triggerId, ...samplePeriod } },
  );
  return replayEventsToTrigger.replay.id;
}
