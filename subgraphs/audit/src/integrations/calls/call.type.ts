import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import type { CallRow } from "./call.store.js";

export const IntegrationCallStatus = {
  PENDING: "PENDING",
  DONE: "DONE",
  FAILED: "FAILED",
  UNKNOWN: "UNKNOWN",
  DEAD: "DEAD",
  EXPIRED: "EXPIRED",
} as const;
export type IntegrationCallStatus = keyof typeof IntegrationCallStatus;
export const CallFollowUpStatus = { DONE: "DONE", SKIPPED: "SKIPPED", FAILED: "FAILED" } as const;
export type CallFollowUpStatus = keyof typeof CallFollowUpStatus;

registerEnumType(IntegrationCallStatus, {
  name: "IntegrationCallStatus",
  description: "Status of a call of an integration.",
  valuesConfig: {
    PENDING: { description: "Waits for its first or next attempt, or is being sent." },
    DONE: { description: "Succeeded. See `result`." },
    FAILED: { description: "The system refused it, or it cannot be sent. Repeating it would give the same error." },
    UNKNOWN: { description: "It was sent, but there is no answer: the system may have carried it out. It is not repeated by itself." },
    DEAD: { description: "All attempts failed." },
    EXPIRED: {
      description:
        "It could not be sent for more than a day, so it is not sent any more. After the restore of an old backup, it may have been sent before.",
    },
  },
});
registerEnumType(CallFollowUpStatus, {
  name: "CallFollowUpStatus",
  description: "What the result of a call did to its workflow instance.",
  valuesConfig: {
    DONE: { description: "The result was written, or the transition was fired." },
    SKIPPED: { description: "The instance has ended or continued, so that nothing was done." },
    FAILED: { description: "The result does not match the data of the instance, or the transition cannot be fired." },
  },
});

const integrationCallColumns = columns({
  integrationId: column.id("The integration.", { shown: false }),
  ...column.shownOnly({
    id: column.id("ID (`icl_…`). HTTP calls send it as `Idempotency-Key`, the same in every attempt."),
    integrationKey: column.text("Key of the integration."),
  }),
  action: column.text("Key of the action.", { created: "Key of the action. See `Integration.actions`." }),
  input: column.json("Input of the action. It must match `ConnectorAction.inputSchema`.", { shown: false }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    status: column.of(() => IntegrationCallStatus, "Current status."),
    attempts: column.int("Number of attempts, including the current one."),
    nextAttemptAt: column.time("Time of the next attempt. Null if the call has ended.", { nullable: true }),
    error: column.text("Error of the last attempt.", { nullable: true }),
    followUpStatus: column.of(
      () => CallFollowUpStatus,
      "What the result did to the instance. Null if nothing was to be done, or not yet.",
      { nullable: true },
    ),
    followUpError: column.text("Why the result did not change the instance.", { nullable: true }),
    createdAt: column.time("Creation time."),
    finishedAt: column.time("End time. Null while it is pending.", { nullable: true }),
  }),
});

@ShowColumns(integrationCallColumns)
@ObjectType({ description: "A call of an action of an integration. It is sent in the background." })
@Allow(canInTenant("integration.read"))
export class IntegrationCall extends shapeOf(integrationCallColumns) {
  /** For field resolvers. The texts are sealed. */
  uuid!: string;
  integrationUuid!: string | null;
  instanceUuid!: string | null;
  createdByUuid!: string | null;
  sealedInput!: string;
  sealedResult!: string | null;
}

export const CallIntegrationInput = createInputOf("CallIntegrationInput", integrationCallColumns);
export type CallIntegrationInput = InstanceType<typeof CallIntegrationInput>;

export const { Connection: IntegrationCallConnection } = connectionOf(IntegrationCall, "IntegrationCall");

/** Converts a row to its API type. */
export function toIntegrationCall(row: CallRow): IntegrationCall {
  return Object.assign(new IntegrationCall(), integrationCallColumns.shown(row), {
    id: encodeId("integrationCall", row.id),
    status: row.status as IntegrationCallStatus,
    nextAttemptAt: row.status === "PENDING" ? row.nextAttemptAt : null,
    followUpStatus: row.followUpStatus as CallFollowUpStatus | null,
    uuid: row.id,
    integrationUuid: row.integrationId,
    instanceUuid: row.instanceId,
    createdByUuid: row.createdBy,
    sealedInput: row.input,
    sealedResult: row.result,
  });
}

export const IntegrationCallPayload = payloadOf(IntegrationCall, "call");
export type IntegrationCallPayload = InstanceType<typeof IntegrationCallPayload>;
