import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { maskError } from "./mask.js";

const downstream = (extensions: Record<string, unknown>): GraphQLError =>
  new GraphQLError("relation identity.users at 10.0.0.1", { path: ["me"], extensions: { serviceName: "identity", ...extensions } });

test("does not log again what a subgraph has masked and logged", () => {
  expect(maskError(downstream({ code: "INTERNAL", requestId: "the-request" }), "the-request").logLevel).toBe("debug");
  expect(maskError(downstream({ code: "SERVICE_UNAVAILABLE", service: "database", requestId: "the-request" }), "x").logLevel).toBe("debug");
});

test("treats an error that has not been masked as an internal error: logs it, and reveals nothing of it", () => {
  const { client, logLevel } = maskError(
    downstream({ code: "DOWNSTREAM_SERVICE_ERROR", response: { url: "http://10.0.0.1" } }),
    "the-request",
  );
  expect(logLevel).toBe("error");
  expect(client).toEqual({
    message: "An internal error occurred.",
    path: ["me"],
    extensions: { code: "INTERNAL", isRetryable: false, requestId: "the-request" },
  });
});
