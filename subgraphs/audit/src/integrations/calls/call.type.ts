import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "A call of an action of an integration. It is sent in the background." })
@Allow(canInTenant("integration.read"))
export class IntegrationCall {
  @Field(() => ID, { description: "ID (`icl_…`). HTTP calls send it as `Idempotency-Key`, the same in every attempt." })
  id!: string;

  @Field(() => String, { description: "Key of the integration." })
  integrationKey!: string;

  @Field(() => String, { description: "Key of the action." })
  action!: string;

  @Field(() => IntegrationCallStatus, { description: "Current status." })
  status!: IntegrationCallStatus;

  @Field(() => Int, { description: "Number of attempts, including the current one." })
  attempts!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the next attempt. Null if the call has ended." })
  nextAttemptAt!: string | null;

  @Field(() => String, { nullable: true, description: "Error of the last attempt." })
  error!: string | null;

  @Field(() => CallFollowUpStatus, {
    nullable: true,
    description: "What the result did to the instance. Null if nothing was to be done, or not yet.",
  })
  followUpStatus!: CallFollowUpStatus | null;

  @Field(() => String, { nullable: true, description: "Why the result did not change the instance." })
  followUpError!: string | null;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "End time. Null while it is pending." })
  finishedAt!: string | null;

  /** For field resolvers. The texts are sealed. */
  uuid!: string;
  integrationUuid!: string | null;
  instanceUuid!: string | null;
  createdByUuid!: string | null;
  sealedInput!: string;
  sealedResult!: string | null;
}

export const { Connection: IntegrationCallConnection } = connectionOf(IntegrationCall, "IntegrationCall");

/** Converts a row to its API type. */
export function toIntegrationCall(row: CallRow): IntegrationCall {
  const { id, integrationKey, action, attempts, error, followUpError, createdAt, finishedAt } = row;
  return Object.assign(new IntegrationCall(), {
    id: encodeId("integrationCall", id),
    integrationKey,
    action,
    status: row.status as IntegrationCallStatus,
    attempts,
    nextAttemptAt: row.status === "PENDING" ? row.nextAttemptAt : null,
    error,
    followUpStatus: row.followUpStatus as CallFollowUpStatus | null,
    followUpError,
    createdAt,
    finishedAt,
    uuid: id,
    integrationUuid: row.integrationId,
    instanceUuid: row.instanceId,
    createdByUuid: row.createdBy,
    sealedInput: row.input,
    sealedResult: row.result,
  });
}

export const IntegrationCallPayload = payloadOf(IntegrationCall, "call");
export type IntegrationCallPayload = InstanceType<typeof IntegrationCallPayload>;
