import type { ServerResponse } from "node:http";
import { halves, type ModelReply, type Written } from "./model-reply.js";

/** Writes an answer as OpenAI's chat completions do. */
export function writeOpenAi(response: ServerResponse, { model, isStreamed, reply }: Written): void {
  const { text = "", usage, isTruncated = false } = reply;
  const calls = callsOf(reply);
  const finish = calls.length > 0 ? "tool_calls" : "stop";
  const tokens = usage === undefined ? { tokensIn: 10, tokensOut: 5 } : usage;
  const counted = tokens && {
    prompt_tokens: tokens.tokensIn,
    completion_tokens: tokens.tokensOut,
    total_tokens: tokens.tokensIn + tokens.tokensOut,
  };
  const common = { id: "chatcmpl-1", created: 1_700_000_000, model };
  if (!isStreamed) {
    const message = { role: "assistant", content: text === "" ? null : text, ...(calls.length > 0 && { tool_calls: calls }) };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        ...common,
        object: "chat.completion",
        choices: [{ index: 0, message, finish_reason: finish }],
        ...(counted && { usage: counted }),
      }),
    );
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (choices: readonly object[], more: object = {}): void =>
    void response.write(`data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices, ...more })}\n\n`);
  const delta = (content: object, finishReason: string | null = null): void =>
    send([{ index: 0, delta: content, finish_reason: finishReason }]);
  delta({ role: "assistant", content: "" });
  for (const piece of halves(text)) delta({ content: piece });
  for (const [index, call] of calls.entries()) {
    delta({ tool_calls: [{ index, id: call.id, type: "function", function: { name: call.function.name, arguments: "" } }] });
    for (const piece of halves(call.function.arguments)) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  if (isTruncated) return void response.end();
  delta({}, finish);
  if (counted) send([], { usage: counted });
  response.end("data: [DONE]\n\n");
}

const callsOf = ({ toolCalls = [] }: ModelReply) =>
  toolCalls.map(({ id, name, arguments: text }, index) => ({
    id: id ?? `call_${index + 1}`,
    type: "function",
    function: { name, arguments: text },
  }));
