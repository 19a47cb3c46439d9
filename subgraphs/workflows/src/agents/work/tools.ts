import type { Json, JsonObject } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { encodeId, newId } from "@weft/shared/ids";
import { storable } from "@weft/shared/texts";
import { asTenant, type Tx } from "@weft/platform/db";
import type { StepContext } from "../../automation/performers/performer.js";
import { parametersOf, type Tool, type UsedAgent } from "../agent-definition.js";
import { readValue } from "./answers.js";
import { endToolCall, expireToolCall, lockLease, type AnsweredTurn, type StoredToolCall } from "./calls.store.js";
import { readCredential } from "./credentials.js";
import { callGraphqlTool } from "./graphql-tool.js";
import { callHttpTool, toolFailure, type ToolResult } from "./http-tool.js";
import { lentRights } from "./lent-rights.js";
import { lateness } from "./limits.js";
import type { WantedCall } from "./model.js";
import { refusedByProfile } from "./refused-by-profile.js";
import { stopped, superseded, type Ended, type PieceOfWork, type Session } from "./piece-of-work.js";
import { usedBySession, type Used } from "./usage.store.js";

/** Time in which somebody can decide about a tool. */
const APPROVAL_MS = 7 * 24 * 3_600_000;
/** Agents that can ask each other in a row. */
const MAX_DEPTH = 3;

type NewToolCall = Pick<StoredToolCall, "id" | "modelCallId" | "tool" | "status" | "approvalRoles" | "expiresAt"> & {
  readonly arguments: JsonObject;
  readonly result?: JsonObject;
  readonly finishedAt?: string;
};

/**
 * Returns the row of a tool that a model calls. An unknown tool, and arguments that do not match its schema, are results that the model reads: nothing is
 * done for them, and nobody is asked.
 */
export function checkedToolCall({ tools }: UsedAgent, { id: modelCallId, tool: name, arguments: text }: WantedCall): NewToolCall {
  const tool = tools.find((one) => one.name === name);
  const common = { id: newId(), modelCallId, tool: name, approvalRoles: [], expiresAt: null };
  const failed = (error: string): NewToolCall => ({
    ...common,
    arguments: {},
    status: "FAILED",
    result: { error },
    finishedAt: new Date().toISOString(),
  });
  if (!tool)
    return failed(`There is no tool ${quote(storable(name.slice(0, 100)))}. Known tools: ${tools.map((one) => one.name).join(", ")}.`);
  const read = readValue(parametersOf(tool), text === "" ? "{}" : text, "arguments");
  if (!read.ok) return failed(`The arguments cannot be used. ${read.problem}`);
  if (tool.approvalRoles.length === 0) return { ...common, arguments: read.value, status: "PENDING" };
  const expiresAt = new Date(Date.now() + APPROVAL_MS).toISOString();
  return { ...common, arguments: read.value, status: "AWAITING_APPROVAL", approvalRoles: [...tool.approvalRoles], expiresAt };
}

interface Doing {
  readonly session: Session;
  readonly chain: readonly Session[];
  readonly turn: AnsweredTurn;
  readonly askAgent: AskAgent;
}

/** Lets another agent work. An argument, because agents and their tools use each other. */
type AskAgent = (work: PieceOfWork) => Promise<Ended>;

/** Does the tools of an answer that are not done. Tools that wait for people do not keep the others from being done. */
export async function doTools(context: StepContext, { session, chain, turn, askAgent }: Doing): Promise<Ended | "continues"> {
  const waits: Extract<Ended, { readonly kind: "waits" }>[] = [];
  for (const call of turn.toolCalls) {
    if (call.status === "SUCCEEDED" || call.status === "FAILED" || call.status === "REFUSED") continue;
    if (context.signal.aborted) return stopped;
    if (call.status === "AWAITING_APPROVAL") {
      if (call.expiresAt !== null && Date.parse(call.expiresAt) > Date.now())
        waits.push({ kind: "waits", until: call.expiresAt, isForPeople: true });
      // If somebody has decided meanwhile, the decision is looked at next.
      else await inTenant(context, (tx) => expireToolCall(tx, call.id));
      continue;
    }
    const ended = await doTool(context, { session, chain, call, askAgent });
    if (ended !== null) {
      if (ended.kind !== "waits") return ended;
      waits.push(ended);
    }
  }
  const [soonest] = waits.toSorted((one, other) => Date.parse(one.until) - Date.parse(other.until));
  if (soonest === undefined) return "continues";
  // A provider that can be asked again soon must not end the wait for people, but is looked at before.
  return { ...soonest, isForPeople: waits.some(({ isForPeople }) => isForPeople) };
}

type One = { readonly session: Session; readonly chain: readonly Session[]; readonly call: StoredToolCall; readonly askAgent: AskAgent };

/** Does one tool and stores its result. Null: done. */
async function doTool(context: StepContext, { session, chain, call, askAgent }: One): Promise<Ended | null> {
  const refused = await inTenant(context, async (tx): Promise<Ended | null> => {
    if (!(await lockLease(tx, context))) return superseded;
    const used: Used[] = [];
    for (const { id } of chain) used.push(await usedBySession(tx, id));
    const late = lateness(chain, used);
    return late && { kind: "failed", ...late, isFinal: true };
  });
  if (refused !== null) return refused;
  const tool = session.agent.tools.find((one) => one.name === call.tool);
  const started = performance.now();
  const result = tool === undefined ? toolFailure("There is no such tool.") : await resultOf(context, { tool, chain, call, askAgent });
  if ("kind" in result) return result;
  const status = result.isSuccess ? "SUCCEEDED" : "FAILED";
  const durationMs = Math.round(performance.now() - started);
  // A worker that has lost the step writes nothing: the next one has begun the same call, with the same idempotency key.
  return inTenant(context, async (tx) => {
    if (!(await lockLease(tx, context))) return superseded;
    await endToolCall(tx, call.id, { status, result: result.value, durationMs });
    return null;
  });
}

async function resultOf(
  context: StepContext,
  { tool, chain, call, askAgent }: { readonly tool: Tool } & Omit<One, "session">,
): Promise<ToolResult | Ended> {
  const args = call.arguments as JsonObject;
  if (tool.kind === "GRAPHQL") {
    const { stepTypes } = context.profile;
    if (stepTypes !== null && !stepTypes.includes("graphql")) return refusedByProfile(context, "stepTypes", "operations of the API");
    const rights = await inTenant(context, (tx) => lentRights(tx, chain));
    if (rights === null)
      return toolFailure("FORBIDDEN: The agent, or one that asks it, was deactivated or deleted. Its tools cannot use the API any more.");
    return (await callGraphqlTool(context, { tool, args, rights, idempotencyKey: encodeId("agentToolCall", call.id) })) ?? stopped;
  }
  if (tool.kind === "HTTP") {
    const credential = tool.secret === null ? null : await readCredential(context, tool.secret, tool.url);
    if (credential !== null && !credential.ok) return credential.ended;
    const idempotencyKey = encodeId("agentToolCall", call.id);
    const token = credential?.value ?? null;
    const redact = credential?.redactor.text ?? ((text: string): string => text);
    // Whether a canceled request was done is unknown: the next worker repeats it with the same key.
    return (
      (await callHttpTool({ tool, args, token, redact, idempotencyKey, outbound: context.outbound, signal: context.signal })) ?? stopped
    );
  }
  if (chain.length >= MAX_DEPTH) return toolFailure(`Agents ask each other at most ${MAX_DEPTH} deep.`);
  if (chain.some(({ agent }) => agent.key === tool.agent)) return toolFailure("An agent cannot ask itself, or an agent that asks it.");
  const ended = await askAgent({ context, key: tool.agent, prompt: textOf(args["prompt"]), parent: call.id, chain });
  if (ended.kind === "waits" || ended.kind === "parked") return ended;
  if (ended.kind === "done") return { isSuccess: true, value: ended.value ?? ended.text };
  return ended === stopped || ended === superseded ? ended : toolFailure(`${ended.code}: ${ended.message}`);
}

const inTenant = <Result>({ services, tenantId }: StepContext, run: (tx: Tx) => Promise<Result>): Promise<Result> =>
  asTenant(services.databases.app, { tenantId }, "write", run);

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));
