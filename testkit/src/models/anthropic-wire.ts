import type { ServerResponse } from "node:http";
import { halves, type Written } from "@weft/standalone/models/model-reply";

/** Writes an answer as Anthropic's messages do. */
export function writeAnthropic(response: ServerResponse, { model, isStreamed, reply }: Written): void {
  const { text = "", toolCalls = [], usage, isTruncated = false } = reply;
  const { tokensIn, tokensOut } = usage ?? { tokensIn: 10, tokensOut: 5 };
  const stopReason = toolCalls.length > 0 ? "tool_use" : "end_turn";
  const message = { id: "msg_1", type: "message", role: "assistant", model, stop_sequence: null };
  const tools = toolCalls.map(({ id, name, arguments: given }, index) => ({ id: id ?? `toolu_${index + 1}`, name, given }));
  if (!isStreamed) {
    const content = [
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...tools.map(({ id, name, given }) => ({ type: "tool_use", id, name, input: JSON.parse(given) as unknown })),
    ];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ ...message, content, stop_reason: stopReason, usage: { input_tokens: tokensIn, output_tokens: tokensOut } }),
    );
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (type: string, more: object): void => void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  send("message_start", { message: { ...message, content: [], stop_reason: null, usage: { input_tokens: tokensIn, output_tokens: 1 } } });
  let index = 0;
  if (text !== "") {
    send("content_block_start", { index, content_block: { type: "text", text: "" } });
    send("ping", {});
    for (const piece of halves(text)) send("content_block_delta", { index, delta: { type: "text_delta", text: piece } });
    send("content_block_stop", { index: index++ });
  }
  for (const { id, name, given } of tools) {
    send("content_block_start", { index, content_block: { type: "tool_use", id, name, input: {} } });
    for (const piece of halves(given)) send("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: piece } });
    send("content_block_stop", { index: index++ });
  }
  if (isTruncated) return void response.end();
  send("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: tokensOut } });
  send("message_stop", {});
  response.end();
}
