/** What the substitute answers in place of models: templates, chosen by words of the enquiry. */
import { z } from "zod";
import type { ModelReply } from "./model-reply.js";

/** Names of the models, each of which plays one agent of the demo. */
export const substituteModels = {
  triage: "substitute-triage",
  research: "substitute-research",
  archive: "substitute-archive",
  writer: "substitute-writer",
} as const;

/** Name of the tool by which the researching agent asks the archive. */
export const archiveTool = "ask_archive";

const text = z.union([
  z.string(),
  z.array(z.object({ text: z.string().default("") }).transform((part) => part.text)).transform((parts) => parts.join("")),
]);
const conversation = z.array(z.object({ role: z.string(), content: text.nullish().transform((content) => content ?? "") }));
type Conversation = z.infer<typeof conversation>;

const kinds = [
  {
    category: "billing",
    words: /invoice|bill|pay|charge|refund/i,
    finding: "An invoice can be corrected within 60 days.",
    reply: "We have checked your invoice, and send you a corrected one this week.",
  },
  {
    category: "repair",
    words: /broken|stuck|leak|repair|noise|elevator|heating/i,
    finding: "The contract promises a technician within two working days.",
    reply: "A technician visits you within two working days, and calls before that.",
  },
  {
    category: "contract",
    words: /contract|cancel|renew|terminat|notice/i,
    finding: "The contract can be terminated with three months' notice.",
    reply: "Your contract can be terminated with three months' notice. We have attached the form.",
  },
] as const;
const general = { category: "other", finding: "Nothing in particular applies.", reply: "Thank you. We answer in detail soon." } as const;

const kindOf = (given: string) => kinds.find(({ words }) => words.test(given)) ?? general;

/** Returns the reply of a model to the messages; null if there is no such model, or if these are no messages. */
export function replyOf(model: string, messages: unknown): ModelReply | null {
  const read = conversation.safeParse(messages);
  const write = writers.get(model);
  if (!read.success || !write) return null;
  const reply = write(read.data);
  // About four characters make a token.
  const tokens = (length: number): number => Math.max(1, Math.ceil(length / 4));
  const length = read.data.reduce((sum, { content }) => sum + content.length, 0);
  return { ...reply, usage: { tokensIn: tokens(length), tokensOut: tokens(JSON.stringify(reply).length) } };
}

const writers = new Map<string, (messages: Conversation) => ModelReply>([
  [substituteModels.triage, triage],
  [substituteModels.research, research],
  [substituteModels.archive, (messages) => ({ text: `From the archive: ${kindOf(taskOf(messages)).finding}` })],
  [substituteModels.writer, write],
]);

const taskOf = (messages: Conversation): string => messages.findLast(({ role }) => role === "user")?.content ?? "";

/** Returns a member of the context, which the task ends with. */
function contextOf(messages: Conversation, name: string): string {
  const [, context = "{}"] = taskOf(messages).split("Context, as JSON:\n");
  try {
    const value = (JSON.parse(context) as Record<string, unknown>)[name];
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

function triage(messages: Conversation): ModelReply {
  const given = contextOf(messages, "text");
  return { text: JSON.stringify({ category: kindOf(given).category, urgent: /urgent|immediately|danger|stuck/i.test(given) }) };
}

/** Asks the archive first, and reports what it has said. */
function research(messages: Conversation): ModelReply {
  const result = messages.findLast(({ role }) => role === "tool")?.content;
  if (result === undefined) {
    const prompt = `What applies to this enquiry of ${contextOf(messages, "customer")}? ${contextOf(messages, "text")}`;
    return { text: "The archive knows the contract.", toolCalls: [{ name: archiveTool, arguments: JSON.stringify({ prompt }) }] };
  }
  return { text: result.startsWith("refused") ? `The archive was not asked (${result}).` : result };
}

function write(messages: Conversation): ModelReply {
  const { reply } = kinds.find(({ category }) => category === contextOf(messages, "category")) ?? general;
  return { text: `Dear ${contextOf(messages, "customer")},\n\n${reply}\n\nKind regards\nAcme Corporation` };
}
