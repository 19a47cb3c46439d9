import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { loadConfig } from "@weft/platform/config";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { OperationContext } from "../context.js";
import type { Executor, Operation } from "../executor.js";
import type { Authenticate } from "../viewer/authenticate.js";
import { withNewSessions } from "./with-new-sessions.js";

const schema = buildSchema(`
  type Query { me: User, greeting: String }
  type Mutation { login(name: String!): LoginPayload, rename(name: String!): User }
  type LoginPayload { accessToken: String!, user: User! }
  type User { name: String, roles: [Role] }
  type Role { key: String }
`);

const viewer = { tenantId: newId() } as Viewer;

/** Records the executed operations and the number of planning turns. */
function aGateway() {
  const executed: { readonly query: string; readonly viewer: Viewer | null }[] = [];
  let turns = 0;
  const executor: Executor = {
    schema,
    internalSchema: schema,
    stop: () => Promise.resolve(),
    execute: async ({ query }, context) => {
      executed.push({ query: query.replaceAll(/\s+/g, " "), viewer: context.viewer });
      const data = query.startsWith("mutation")
        ? { login: { accessToken: "token", user: { __typename: "User" } } }
        : { user: { name: "Ada" } };
      return { status: 200, data };
    },
  };
  const authenticate: Authenticate = {
    claimsOf: async () => ({ tenantId: viewer.tenantId, userId: "u", sessionId: "s", expiresAt: 0 }),
    isProven: () => true,
    viewerOf: async (claims) => ({ claims, viewer }),
  };
  const planning = {
    turn: async <T>(_context: OperationContext, work: () => T): Promise<T> => {
      turns++;
      return work();
    },
  };
  const gateway = withNewSessions(executor, { authenticate, planning, limits: loadConfig({}).limits });
  const run = (query: string, more: Partial<Operation> = {}) =>
    gateway.execute(
      { query, variables: {}, ...more },
      { viewer: null, requestId: newId(), address: null, userAgent: null, traceId: null, signal: new AbortController().signal },
    );
  return { run, executed, turns: () => turns };
}

test("a new operation that opens a session is validated in a turn, once, and its user is read with the rights of the session", async () => {
  const { run, executed, turns } = aGateway();
  const text = 'mutation { login(name: "ada") { user { name roles { key } } } }';
  expect(await run(text)).toMatchObject({ data: { login: { user: { name: "Ada" } } } });
  expect(executed).toEqual([
    { query: 'mutation { login(name: "ada") { user: user { __typename } accessToken: accessToken } }', viewer: null },
    { query: "{ user: me { name roles { key } } }", viewer },
  ]);
  expect(turns()).toBe(1);
  await run(text);
  expect(turns()).toBe(1);
});

test("an operation that only mentions a login is not validated here", async () => {
  const { run, executed, turns } = aGateway();
  await run("# login\n{ greeting }");
  await run('mutation { rename(name: "login") { roles { key } } }');
  await run('mutation A { login(name: "ada") { user { roles { key } } } } query B { greeting }', { operationName: "B" });
  expect(turns()).toBe(0);
  expect(executed).toHaveLength(3);
});

test("an invalid text is passed on unchanged for validation to report the error", async () => {
  const { run, executed, turns } = aGateway();
  const text = "mutation { login(name: 1) { user { roles { nothing } } } }";
  await run(text);
  await run(text);
  expect(executed.map(({ query }) => query)).toEqual([text, text]);
  expect(turns()).toBe(1);
});
