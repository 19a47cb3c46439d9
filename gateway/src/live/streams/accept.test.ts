import { expect, test } from "vitest";
import { acceptedBy } from "./accept.js";

test.each([
  [undefined, undefined, true],
  ["*/*", undefined, true],
  ["text/event-stream", "sse", false],
  ["TEXT/Event-Stream;q=0.5, application/json", "sse", true],
  ["text/event-stream, multipart/mixed", "sse", false],
  ["application/graphql-response+json, application/json, text/event-stream, multipart/mixed", "sse", true],
  ['multipart/mixed;subscriptionSpec="1.0", application/json', "multipart", true],
  ["multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9", "multipart", true],
  ["text/event-stream;q=0.1, multipart/mixed;subscriptionSpec=1.0", "multipart", false],
  ["text/event-stream;q=0", undefined, false],
  ["multipart/mixed;deferSpec=20220824", undefined, false],
  ["text/event-stream;q=nonsense", undefined, false],
])("Accept: %s", (header, stream, json) => expect(acceptedBy(header)).toEqual({ stream, json }));
