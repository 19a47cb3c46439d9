import { createHash } from "node:crypto";
import { asTenant, type Tx } from "@weft/platform/db";
import type { StepContext } from "../../automation/performers/performer.js";
import { costOf } from "../prices.js";
import { readAnswer } from "./answers.js";
import {
  beginCall,
  conversationBytes,
  endCall,
  failuresOf,
  findTurns,
  insertToolCalls,
  lockLease,
  setProblem,
  type AnsweredTurn,
} from "./calls.store.js";
import { reachProvider } from "./credentials.js";
import { isReserved, msLeft, refusalOf, type Spent } from "./limits.js";
import { askModel, estimated, MODEL_KEY_REFUSED, ModelFailed, type ModelAnswer } from "./model.js";
import { promptOf, toolsOf } from "./prompt.js";
import { stopped, superseded, type Ended, type PieceOfWork, type Session } from "./piece-of-work.js";
import { openSession } from "./sessions.js";
import { checkedToolCall, doTools } from "./tools.js";
import { costOfMonth, usedBySession } from "./usage.store.js";

/** Time for one answer. */
const CALL_TIMEOUT_MS = 300_000;
/** Failures of one turn that the step waits out before it fails. */
const MAX_FAILURES = 4;
const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 300_000;
/** Time after which it is known better what calls that are being made cost. */
const RESERVED_DELAY_MS = 3_000;

/** Bytes of a conversation that are loaded. A model reads all of it for every answer. */
const MAX_CONVERSATION_BYTES = 4 * 1024 * 1024;

/** Lets an agent work until it is done, has to wait, or has failed. */
export async function workOn(work: PieceOfWork): Promise<Ended> {
  const opened = await openSession(work);
  if (!opened.ok) return opened.ended;
  const { session } = opened;
  const chain = [...work.chain, session];
  for (;;) {
    if (work.context.signal.aborted) return stopped;
    const turns = await inTenant(work.context, "read", async (tx) => {
      const bytes = await conversationBytes(tx, session.id);
      return bytes > MAX_CONVERSATION_BYTES ? null : findTurns(tx, session.id);
    });
    if (turns === null) return tooLarge;
    const last = turns.at(-1);
    if (last !== undefined && isOpen(last)) {
      const ended =
        last.toolCalls.length > 0
          ? await doTools(work.context, { session, chain, turn: last, askAgent: workOn })
          : await answerOf(work, session, last);
      if (ended !== "continues") return ended;
      continue;
    }
    const asked = await ask(work, { session, chain, turns });
    if (asked !== null) return asked;
  }
}

const tooLarge: Ended = {
  kind: "failed",
  code: "CONVERSATION_TOO_LARGE",
  message: `The answers of the model and the results of its tools are more than ${MAX_CONVERSATION_BYTES} bytes.`,
  isFinal: true,
};

/** Whether something is left to do for an answer, before the model is asked again. */
const isOpen = ({ response, toolCalls }: AnsweredTurn): boolean =>
  response.problem === null && (toolCalls.length === 0 || toolCalls.some(({ finishedAt }) => finishedAt === null));

const inTenant = <Result>({ services, tenantId }: StepContext, mode: "read" | "write", run: (tx: Tx) => Promise<Result>): Promise<Result> =>
  asTenant(services.databases.app, { tenantId }, mode, run);

/** The agent has ended its work, if its answer matches the output schema. Otherwise it is told why not. */
async function answerOf({ context }: PieceOfWork, { agent }: Session, { callId, response }: AnsweredTurn): Promise<Ended | "continues"> {
  if (response.reason === "length")
    return {
      kind: "failed",
      code: "ANSWER_TOO_LONG",
      message: `The answer has more than ${agent.limits.outputTokens} tokens.`,
      isFinal: true,
    };
  const read = readAnswer(agent.outputSchema, response.text);
  if (read.ok) return { kind: "done", text: response.text, value: read.value };
  await inTenant(context, "write", (tx) => setProblem(tx, callId, { ...response, problem: read.problem }));
  return "continues";
}

interface Asking {
  readonly session: Session;
  readonly chain: readonly Session[];
  readonly turns: readonly AnsweredTurn[];
}

/** `answered`: an earlier attempt was, in the meantime. */
type Begun =
  | { readonly kind: "begun"; readonly callId: string; readonly spent: Spent }
  | { readonly kind: "answered" }
  | { readonly kind: "ended"; readonly ended: Ended };

/** Asks the model for the next turn and stores its answer. Null: the work continues. */
async function ask({ context }: PieceOfWork, { session, chain, turns }: Asking): Promise<Ended | null> {
  const { agent } = session;
  const turn = turns.length + 1;
  const prompt = promptOf(agent, session.prompt, turns);
  const tools = toolsOf(agent);
  const reached = await reachProvider(context, agent);
  if (!reached.ok) return reached.ended;
  const { provider, apiKey, redactor } = reached;
  const tokens = estimated(prompt, "");
  const requestHash = createHash("sha256")
    .update(JSON.stringify([agent.model, prompt, tools]))
    .digest("hex");
  const begun = await inTenant(context, "write", async (tx): Promise<Begun> => {
    if (!(await lockLease(tx, context))) return { kind: "ended", ended: superseded };
    const spent = await spentOf(tx, chain, turn);
    const refusal = refusalOf(agent, chain, spent);
    if (refusal !== null) return { kind: "ended", ended: { kind: "failed", ...refusal, isFinal: true } };
    if (isReserved(spent.month)) return { kind: "ended", ended: { kind: "waits", until: after(RESERVED_DELAY_MS), isForPeople: false } };
    const costMicros = costOf(agent.price, tokens);
    const reservedMicros = costOf(agent.price, { ...tokens, tokensOut: agent.limits.outputTokens });
    const call = { sessionId: session.id, turn, agent, requestHash, tokens, costMicros, reservedMicros };
    const callId = await beginCall(tx, context.tenantId, call);
    return callId === null ? { kind: "answered" } : { kind: "begun", callId, spent };
  });
  if (begun.kind === "ended") return begun.ended;
  if (begun.kind === "answered") return null;
  const { callId, spent } = begun;
  const started = performance.now();
  const durationMs = (): number => Math.round(performance.now() - started);
  const timeoutMs = Math.max(1, Math.min(CALL_TIMEOUT_MS, msLeft(chain, spent.used)));
  try {
    const answer = await askModel({
      agent: { ...agent, provider },
      apiKey,
      redactor,
      onText: (text) => context.log("stdout", text),
      prompt,
      tools,
      maxOutputTokens: agent.limits.outputTokens,
      outbound: context.outbound,
      timeoutMs,
      signal: context.signal,
    });
    for (const { tool } of answer.wanted) context.log("system", `Calls the tool ${tool}.`);
    return await record(context, { session, callId, answer, durationMs: durationMs() });
  } catch (error) {
    if (!(error instanceof ModelFailed)) throw error;
    return recordFailure(context, { session, callId, error, durationMs: durationMs(), failures: spent.failures + 1 });
  }
}

async function spentOf(tx: Tx, chain: readonly Session[], turn: number): Promise<Spent> {
  const used = [];
  for (const { id } of chain) used.push(await usedBySession(tx, id));
  const failures = await failuresOf(tx, chain.at(-1)?.id ?? "", turn);
  return { used, turns: turn - 1, failures, month: await costOfMonth(tx) };
}

interface Recording {
  readonly session: Session;
  readonly callId: string;
  readonly durationMs: number;
}

async function record(
  context: StepContext,
  { session, callId, answer, durationMs }: Recording & { readonly answer: ModelAnswer },
): Promise<Ended | null> {
  const { agent } = session;
  const { text, reason, tokens, wanted } = answer;
  const isCurrent = await inTenant(context, "write", async (tx) => {
    const costMicros = costOf(agent.price, tokens);
    const response = { text, reason, problem: null };
    const isRecorded = await endCall(tx, callId, { status: "ANSWERED", response, error: null, tokens, costMicros, durationMs });
    if (isRecorded)
      await insertToolCalls(
        tx,
        wanted.map((one, position) => ({
          tenantId: context.tenantId,
          sessionId: session.id,
          callId,
          position,
          ...checkedToolCall(agent, one),
        })),
      );
    return isRecorded;
  });
  return isCurrent ? null : superseded;
}

/** A temporary failure is waited out without a worker, as long as the provider asks for, before the step fails. */
async function recordFailure(
  context: StepContext,
  { session, callId, error, durationMs, failures }: Recording & { readonly error: ModelFailed; readonly failures: number },
): Promise<Ended> {
  const { code, message, isFinal, retryAfterMs } = error;
  const isCut = context.signal.aborted;
  const isOver = (context.signal.reason as Error | undefined)?.name === "TimeoutError";
  // Without tokens, the provider has refused the request.
  const tokens = error.tokens ?? { tokensIn: 0, tokensOut: 0, isEstimated: false };
  const costMicros = costOf(session.agent.price, tokens);
  const isCurrent = await inTenant(context, "write", (tx) =>
    endCall(tx, callId, {
      status: isCut && !isOver ? "LOST" : "FAILED",
      response: null,
      error: { code, message },
      tokens,
      costMicros,
      durationMs,
    }),
  );
  if (isCut) return stopped;
  if (!isCurrent) return superseded;
  if (code === MODEL_KEY_REFUSED) return { kind: "parked", code, message };
  if (isFinal || failures >= MAX_FAILURES) return { kind: "failed", code, message, isFinal };
  const delayMs = Math.min(MAX_DELAY_MS, retryAfterMs ?? FIRST_DELAY_MS * 2 ** (failures - 1));
  return { kind: "waits", until: after(delayMs), isForPeople: false };
}

const after = (ms: number): string => new Date(Date.now() + ms).toISOString();
