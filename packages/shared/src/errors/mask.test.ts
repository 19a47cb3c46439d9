import { buildSchema, graphql, GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { errorRegistry } from "./codes.js";
import type { ErrorCode } from "./codes.js";
import * as errors from "./errors.js";
import { toClientError } from "./mask.js";

const secret = 'relation "identity.users" does not exist at /srv/weft/users.store.ts postgres://weft_app:pw@db';

const examples: Record<ErrorCode, errors.WeftError> = {
  UNAUTHENTICATED: new errors.Unauthenticated(),
  MFA_REQUIRED: new errors.MfaRequired({ mfaToken: "wmf_x", methods: ["TOTP"] }),
  PASSWORD_CHANGE_REQUIRED: new errors.PasswordChangeRequired("wpc_x"),
  REAUTH_REQUIRED: new errors.ReauthRequired({ withinMinutes: 15 }),
  FORBIDDEN: new errors.Forbidden(),
  NOT_FOUND: new errors.NotFound("Request", "req_x"),
  BAD_USER_INPUT: new errors.BadUserInput([{ path: "input.name", message: "is empty" }]),
  DEFINITION_INVALID: new errors.DefinitionInvalid([{ path: "states.a", message: "has no way out", line: 3, column: 5 }]),
  CONFLICT: new errors.Conflict("somebody was faster", { currentVersion: 3, currentState: "triage" }),
  TRANSITION_REJECTED: new errors.TransitionRejected([{ code: "NOT_OWNER", message: "only its owner may" }]),
  URL_FORBIDDEN: new errors.UrlForbidden("input.url", "The URL cannot be called."),
  PROFILE_VIOLATION: new errors.ProfileViolated({
    rule: "stepTypes",
    step: "build",
    profile: "standard",
    definitionId: "d",
    message: "Not allowed.",
  }),
  UPLOAD_REJECTED: new errors.UploadRejected("The bytes are not those announced.", { isFinal: false }),
  LIMIT_EXCEEDED: new errors.LimitExceeded({ limit: "users", used: 5, allowed: 5 }),
  QUERY_LIMIT_EXCEEDED: new errors.QueryLimitExceeded({ limit: "depth", actual: 30, max: 15 }),
  OPERATION_NOT_STORED: new errors.OperationNotStored("The operation is not stored."),
  RATE_LIMITED: new errors.RateLimited({ retryAfter: 7 }),
  CONSISTENCY_TIMEOUT: new errors.ConsistencyTimeout(2_000),
  SERVICE_UNAVAILABLE: new errors.ServiceUnavailable("database", new Error(secret)),
  INTERNAL: new errors.Internal(new Error(secret)),
  TENANT_SUSPENDED: new errors.TenantSuspended(),
};

test.each(Object.entries(examples))(
  "%s is returned with its code, its extensions, and the request ID, but without its cause",
  (code, error) => {
    const { client, logLevel } = toClientError(error, "r-1");
    const facts = errorRegistry[code as ErrorCode];
    expect(client.extensions).toMatchObject({ code, isRetryable: facts.isRetryable, requestId: "r-1" });
    expect(
      Object.keys(client.extensions ?? {}).filter(
        (name) => !["code", "isRetryable", "requestId"].includes(name) && !(name in facts.extensions),
      ),
    ).toEqual([]);
    expect(logLevel).toBe(facts.logLevel);
    expect(JSON.stringify(client)).not.toMatch(/relation|postgres|\.ts/);
  },
);

test("a message that summarizes several problems says how many more there are, and where", () => {
  const reasons = ["first", "second", "third"].map((message) => ({ code: "role", message }));
  expect(new errors.TransitionRejected(reasons).message).toBe("first (and 2 more, see reasons)");
  expect(new errors.TransitionRejected(reasons.slice(0, 1)).message).toBe("first");
  expect(
    new errors.BadUserInput([
      { path: "a", message: "no" },
      { path: "b", message: "no" },
    ]).message,
  ).toBe("a: no (and 1 more, see problems)");
});

test("any other thrown value becomes INTERNAL, and the cause is logged", async () => {
  const thrown = [
    new Error(secret),
    new TypeError(secret),
    secret,
    null,
    undefined,
    { sql: secret },
    new Error("x", { cause: new Error(secret) }),
    new GraphQLError(secret, { path: ["a"] }),
  ];
  for (const cause of thrown) {
    const result = await graphql({
      schema: buildSchema("type Query { a: Int }"),
      source: "{ a }",
      rootValue: {
        a: () => {
          // oxlint-disable-next-line typescript/only-throw-error -- what a library of others might do
          throw cause;
        },
      },
    });
    const masked = toClientError(result.errors?.[0], "r-2");
    expect(masked.client).toMatchObject({
      message: "An internal error occurred.",
      path: ["a"],
      extensions: { code: "INTERNAL", isRetryable: false, requestId: "r-2" },
    });
    expect(JSON.stringify(masked.client)).not.toMatch(/relation|postgres|\.ts/);
    expect(masked.logLevel).toBe("error");
    if (cause instanceof Error) expect(masked.cause).toBe(cause);
  }
});

test("an error from behind a gateway loses the extensions that the registry does not list", () => {
  const foreign = new GraphQLError("There is no Request", {
    extensions: { code: "NOT_FOUND", serviceName: "requests", response: { url: "http://10.0.0.3" }, stacktrace: [secret] },
  });
  expect(toClientError(foreign, "r").client.extensions).toEqual({ code: "NOT_FOUND", isRetryable: false, requestId: "r" });
  const conflict = new GraphQLError("x", { extensions: { code: "CONFLICT", currentVersion: 4, serviceName: "requests" } });
  expect(toClientError(conflict, "r").client.extensions).toEqual({
    code: "CONFLICT",
    currentVersion: 4,
    isRetryable: false,
    requestId: "r",
  });
});

test("a variable of the wrong type causes BAD_USER_INPUT on its path", async () => {
  const schema = buildSchema("input I { data: [Int!] } type Query { a(input: I, first: Int): Int }");
  const problemsOf = async (source: string, variableValues: Record<string, unknown>) => {
    const { errors: found } = await graphql({ schema, source, variableValues });
    const { client } = toClientError(found?.[0], "r");
    expect(client.extensions?.["code"]).toBe("BAD_USER_INPUT");
    const problems = client.extensions?.["problems"] as { path: string }[] | undefined;
    return problems?.map(({ path }) => path);
  };
  expect(await problemsOf("query ($input: I) { a(input: $input) }", { input: { data: [1, "x"] } })).toEqual(["input.data[1]"]);
  expect(await problemsOf("query ($n: Int) { a(first: $n) }", { n: Number.POSITIVE_INFINITY })).toEqual(["n"]);
});

test("a graphql-js message about a variable contains neither the rest of an input nor text of unbounded length", async () => {
  const schema = buildSchema("input I { name: String!, count: Int!, secret: String } type Query { a(input: I): Int }");
  const messagesOf = async (input: Record<string, unknown>): Promise<string[]> => {
    const { errors: found } = await graphql({ schema, source: "query ($input: I) { a(input: $input) }", variableValues: { input } });
    const { client } = toClientError(found?.[0], "r");
    const [problem] = (client.extensions?.["problems"] ?? []) as { message: string }[];
    return [client.message, problem?.message ?? ""];
  };
  for (const message of await messagesOf({ secret: 'a quiet river; at "x"; 42', name: "x" })) {
    expect(message).toBe('Variable "$input" got invalid value { … }; Field "count" of required type "Int!" was not provided.');
  }
  for (const message of await messagesOf({ name: "x", count: "9".repeat(10_000) })) expect(message.length).toBeLessThan(600);
  expect((await messagesOf({ name: "x", count: "many" }))[0]).toContain('"many" at "input.count"');
});

test("our messages cannot be used to forge or flood log lines", () => {
  const error = new errors.NotFound("Request", `a\n{"level":"fatal"}${"x".repeat(10_000)}`);
  expect(error.message).not.toContain("\n");
  expect(error.message.length).toBeLessThan(150);
});
