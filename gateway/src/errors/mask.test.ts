import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { maskError } from "./mask.js";

const downstream = (extensions: Record<string, unknown>): GraphQLError =>
  new GraphQLError("relation identity.users at 10.0.0.1", { path: ["me"], extensions: { serviceName: "identity", ...extensions } });

test("what a subgraph has masked and logged is not logged again", () => {
  expect(maskError(downstream({ code: "INTERNAL", requestId: "the-request" }), "the-request").logLevel).toBe("debug");
  expect(maskError(downstream({ code: "SERVICE_UNAVAILABLE", service: "database", requestId: "the-request" }), "x").logLevel).toBe("debug");
});

test("what nobody has masked yet is a fault: logged, and nothing of it shown", () => {
  const { client, logLevel } = maskError(
    downstream({ code: "DOWNSTREAM_SERVICE_ERROR", response: { url: "http://10.0.0.1" } }),
    "the-request",
  );
  expect(logLevel).toBe("error");
  expect(client).toEqual({
    message: "Something went wrong on our side.",
    path: ["me"],
    extensions: { code: "INTERNAL", requestId: "the-request" },
  });
});
