/**
 * The GraphQL over Server-Sent Events Protocol (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). Each result has the cursor of its
 * event as its ID, which clients send as `Last-Event-ID` to resume. The stream begins with the ID of its start, so that a client that is cut off before
 * the first event can resume, too.
 */
import type { StreamEncoding } from "./encoding.js";

const contentType = "text/event-stream; charset=utf-8";
/** A comment, which clients ignore. */
const comment = ":\n\n";

/** JSON has no line breaks, so it is one line. */
const idLine = (cursor: string): string => (cursor === "" ? "" : `id: ${cursor}\n`);
const complete = "event: complete\ndata:\n\n";

/** Distinct connections mode: one operation for each stream. */
export const distinctEvents: StreamEncoding = {
  contentType,
  begin: comment,
  heartbeat: comment,
  headOf: () => "event: next\ndata: ",
  tailOf: ({ payload, cursor }) => Buffer.concat([payload, Buffer.from(`\n${idLine(cursor)}\n`)]),
  completeOf: () => complete,
  // Clients take the ID of an event without data, too, and pass on no event.
  resumesAt: (cursor) => `${idLine(cursor)}\n`,
  liveOf: (_id, cursor) => `event: live\ndata: ${JSON.stringify({ cursor })}\n${idLine(cursor ?? "")}\n`,
  brokenOf: (errors, { isFinal }) => `event: next\ndata: ${JSON.stringify({ errors })}\n\n${isFinal ? complete : ""}`,
  end: "",
};

/** Single connection mode: every message has the ID of its operation. */
export const singleEvents: StreamEncoding = {
  contentType,
  begin: comment,
  heartbeat: comment,
  headOf: (id) => `event: next\ndata: {"id":${JSON.stringify(id)},"payload":`,
  tailOf: ({ payload, cursor }) => Buffer.concat([payload, Buffer.from(`}\n${idLine(cursor)}\n`)]),
  completeOf: (id) => `event: complete\ndata: ${JSON.stringify({ id })}\n\n`,
  liveOf: (id, cursor) => `event: live\ndata: ${JSON.stringify({ id, cursor })}\n\n`,
  brokenOf: (errors, { ids, isFinal }) =>
    ids
      .map((id) => `event: next\ndata: ${JSON.stringify({ id, payload: { errors } })}\n\n${isFinal ? singleEvents.completeOf(id) : ""}`)
      .join(""),
  end: "",
};
