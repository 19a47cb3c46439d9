import type { agents as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, staff } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";

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

const agentToolCallColumns = columns({
  id: column.id("ID (`atc_…`)."),
  tool: column.text("Name of the tool."),
  arguments: column.json("Arguments, which match the schema of the tool. Empty if those of the model did not."),
  status: column.of(() => AgentToolCallStatus, "Status."),
  approvalRoles: column.texts("Keys of the roles whose users decide about it. Empty if nobody has to."),
  expiresAt: column.time("Time until which somebody can decide. Null if nobody has to.", { nullable: true }),
  decidedAt: column.time("Time of the decision.", { nullable: true }),
  reason: column.text("Reason of the decision.", { nullable: true }),
  result: column.json("What the model was told. Null until it has ended.", { nullable: true }),
  createdAt: column.time("Creation time."),
  finishedAt: column.time("Time when it ended. Null while it has not.", { nullable: true }),
});

@ShowColumns(agentToolCallColumns)
@ObjectType({ description: "A call of a tool by an agent." })
@Allow(staff)
export class AgentToolCall extends shapeOf(agentToolCallColumns) {}

const agentCallColumns = columns({
  id: column.id("ID (`agc_…`)."),
  agentKey: column.text("Key of the agent."),
  agentVersion: column.int("Version of the agent."),
  depth: column.int("How many agents have asked each other before this one: 0 for the agent of the step."),
  turn: column.int("Number of the turn, from 1."),
  status: column.of(() => AgentCallStatus, "Status."),
  model: column.text("Model."),
  text: column.text("Text of the answer, at most 8,000 characters of a longer one. Null if there is none.", { nullable: true }),
  tokensIn: column.int("Tokens of the request.", { nullable: true }),
  tokensOut: column.int("Tokens of the answer.", { nullable: true }),
  isEstimated: column.flag("Whether the tokens are an estimate, because the provider did not say how many there were."),
  costMicros: column.float("Cost in millionths of a US dollar. Null if the price of the model is unknown.", { nullable: true }),
  durationMs: column.int("Duration in milliseconds.", { nullable: true }),
  error: column.text("Why there is no answer. Null if there is one.", { nullable: true }),
  startedAt: column.time("Time when the model was asked."),
  toolCalls: column.of(
    () => [AgentToolCall],
    "Tools that the answer calls, in its order. Of arguments and results of more than 2,000 bytes, the beginning of their JSON text.",
  ),
});

@ShowColumns(agentCallColumns)
@ObjectType({ description: "A call of a model by an agent." })
@Allow(staff)
export class AgentCall extends shapeOf(agentCallColumns) {}

/** Converts a row to its API type. */
export const toToolCall = (row: ToolCallRow): AgentToolCall =>
  Object.assign(new AgentToolCall(), agentToolCallColumns.shown(row), {
    id: encodeId("agentToolCall", row.id),
    status: row.status as AgentToolCallStatus,
  });

/** A call with what is known of its session. */
export interface CallOfStep {
  readonly call: AgentCallRow;
  readonly agentKey: string;
  readonly agentVersion: number;
  readonly depth: number;
}

/** Converts a row to its API type. */
export const toAgentCall = ({ call, ...ofStep }: CallOfStep, toolCalls: readonly ToolCallRow[]): AgentCall =>
  Object.assign(new AgentCall(), agentCallColumns.shown(call), ofStep, {
    id: encodeId("agentCall", call.id),
    status: call.status as AgentCallStatus,
    text: (call.response as { readonly text: string } | null)?.text ?? null,
    error: (call.error as { readonly message: string } | null)?.message ?? null,
    toolCalls: toolCalls.map(toToolCall),
  });

export const AgentToolCallPayload = payloadOf(AgentToolCall, "toolCall");
export type AgentToolCallPayload = InstanceType<typeof AgentToolCallPayload>;
