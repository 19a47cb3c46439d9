import type { agents as tables } from "@weft/drizzle";
import { Allow, DateTimeScalar, encodeId, JsonScalar, staff, payloadOf } from "@weft/shared";
import { Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export type ToolCallRow = typeof tables.agentToolCalls.$inferSelect;
export type AgentCallRow = typeof tables.agentCalls.$inferSelect;

export const AgentToolCallStatus = {
  PENDING: "PENDING",
  AWAITING_APPROVAL: "AWAITING_APPROVAL",
  APPROVED: "APPROVED",
  REFUSED: "REFUSED",
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
} as const;
export type AgentToolCallStatus = keyof typeof AgentToolCallStatus;
registerEnumType(AgentToolCallStatus, {
  name: "AgentToolCallStatus",
  description: "Statuses of a call of a tool.",
  valuesConfig: {
    PENDING: { description: "It is being done, or is done next." },
    AWAITING_APPROVAL: { description: "Somebody has to decide whether it is done." },
    APPROVED: { description: "It may be done, and is done next." },
    REFUSED: { description: "It is not done. The model is told why." },
    SUCCEEDED: { description: "It was done." },
    FAILED: { description: "It could not be done. The model is told why." },
  },
});

export const AgentCallStatus = { BEGUN: "BEGUN", ANSWERED: "ANSWERED", FAILED: "FAILED", LOST: "LOST" } as const;
export type AgentCallStatus = keyof typeof AgentCallStatus;
registerEnumType(AgentCallStatus, {
  name: "AgentCallStatus",
  description: "Statuses of a call of a model.",
  valuesConfig: {
    BEGUN: { description: "The model has been asked." },
    ANSWERED: { description: "It has answered." },
    FAILED: { description: "There is no complete answer." },
    LOST: { description: "The worker was lost before the answer was stored. The model was asked again." },
  },
});

@ObjectType({ description: "A call of a tool by an agent." })
@Allow(staff)
export class AgentToolCall {
  @Field(() => ID, { description: "ID (`atc_…`)." })
  id!: string;

  @Field(() => String, { description: "Name of the tool." })
  tool!: string;

  @Field(() => JsonScalar, { description: "Arguments, which match the schema of the tool. Empty if those of the model did not." })
  arguments!: unknown;

  @Field(() => AgentToolCallStatus, { description: "Status." })
  status!: AgentToolCallStatus;

  @Field(() => [String], { description: "Keys of the roles whose users decide about it. Empty if nobody has to." })
  approvalRoles!: readonly string[];

  @Field(() => DateTimeScalar, { nullable: true, description: "Time until which somebody can decide. Null if nobody has to." })
  expiresAt!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time of the decision." })
  decidedAt!: string | null;

  @Field(() => String, { nullable: true, description: "Reason of the decision." })
  reason!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "What the model was told. Null until it has ended." })
  result!: unknown;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time when it ended. Null while it has not." })
  finishedAt!: string | null;
}

@ObjectType({ description: "A call of a model by an agent." })
@Allow(staff)
export class AgentCall {
  @Field(() => ID, { description: "ID (`agc_…`)." })
  id!: string;

  @Field(() => String, { description: "Key of the agent." })
  agentKey!: string;

  @Field(() => Int, { description: "Version of the agent." })
  agentVersion!: number;

  @Field(() => Int, { description: "How many agents have asked each other before this one: 0 for the agent of the step." })
  depth!: number;

  @Field(() => Int, { description: "Number of the turn, from 1." })
  turn!: number;

  @Field(() => AgentCallStatus, { description: "Status." })
  status!: AgentCallStatus;

  @Field(() => String, { description: "Model." })
  model!: string;

  @Field(() => String, {
    nullable: true,
    description: "Text of the answer, at most 8,000 characters of a longer one. Null if there is none.",
  })
  text!: string | null;

  @Field(() => Int, { nullable: true, description: "Tokens of the request." })
  tokensIn!: number | null;

  @Field(() => Int, { nullable: true, description: "Tokens of the answer." })
  tokensOut!: number | null;

  @Field(() => Boolean, { description: "Whether the tokens are an estimate, because the provider did not say how many there were." })
  isEstimated!: boolean;

  @Field(() => Float, { nullable: true, description: "Cost in millionths of a US dollar. Null if the price of the model is unknown." })
  costMicros!: number | null;

  @Field(() => Int, { nullable: true, description: "Duration in milliseconds." })
  durationMs!: number | null;

  @Field(() => String, { nullable: true, description: "Why there is no answer. Null if there is one." })
  error!: string | null;

  @Field(() => DateTimeScalar, { description: "Time when the model was asked." })
  startedAt!: string;

  @Field(() => [AgentToolCall], {
    description:
      "Tools that the answer calls, in its order. Of arguments and results of more than 2,000 bytes, the beginning of their JSON text.",
  })
  toolCalls!: readonly AgentToolCall[];
}

/** Converts a row to its API type. */
export function toToolCall(row: ToolCallRow): AgentToolCall {
  const { tool, approvalRoles, expiresAt, decidedAt, reason, result, createdAt, finishedAt } = row;
  return Object.assign(new AgentToolCall(), {
    id: encodeId("agentToolCall", row.id),
    tool,
    arguments: row.arguments,
    status: row.status as AgentToolCallStatus,
    approvalRoles,
    expiresAt,
    decidedAt,
    reason,
    result,
    createdAt,
    finishedAt,
  });
}

/** A call with what is known of its session. */
export interface CallOfStep {
  readonly call: AgentCallRow;
  readonly agentKey: string;
  readonly agentVersion: number;
  readonly depth: number;
}

/** Converts a row to its API type. */
export function toAgentCall({ call, agentKey, agentVersion, depth }: CallOfStep, toolCalls: readonly ToolCallRow[]): AgentCall {
  const { turn, model, tokensIn, tokensOut, isEstimated, costMicros, durationMs, startedAt } = call;
  return Object.assign(new AgentCall(), {
    id: encodeId("agentCall", call.id),
    agentKey,
    agentVersion,
    depth,
    turn,
    status: call.status as AgentCallStatus,
    model,
    text: (call.response as { readonly text: string } | null)?.text ?? null,
    tokensIn,
    tokensOut,
    isEstimated,
    costMicros,
    durationMs,
    error: (call.error as { readonly message: string } | null)?.message ?? null,
    startedAt,
    toolCalls: toolCalls.map(toToolCall),
  });
}

export const AgentToolCallPayload = payloadOf(AgentToolCall, "toolCall");
export type AgentToolCallPayload = InstanceType<typeof AgentToolCallPayload>;
