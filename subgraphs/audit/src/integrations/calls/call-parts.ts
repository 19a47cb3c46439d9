import type { AnyNewEvent } from "@weft/platform/events";

/** Position of a call's input, which its ciphertext is bound to. */
export const inputField = (id: string): string => `events.integration_calls.input/${id}`;

/** Position of a call's result, which its ciphertext is bound to. */
export const resultField = (id: string): string => `events.integration_calls.result/${id}`;

/** Returns the event of a call that has ended, whose consumer does what the definition says. */
export const endedEvent = ({
  id,
  version,
  instanceId,
  status,
}: {
  readonly id: string;
  readonly version: number;
  readonly instanceId: string;
  readonly status: "DONE" | "FAILED" | "UNKNOWN" | "DEAD" | "EXPIRED";
}): AnyNewEvent => ({
  type: "integrationCall.ended",
  subjectId: id,
  subjectVersion: version,
  related: { instance: instanceId },
  payload: { status },
});
