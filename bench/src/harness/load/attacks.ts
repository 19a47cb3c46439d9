import type { TestTenant } from "@weft/testkit/test-tenant";
import { fillBoard } from "../tenants/board.js";

/** An operation that an attacker sends repeatedly. */
export interface Attack {
  readonly name: string;
  /** Default: no login. */
  readonly token?: string;
  readonly body: string;
  /** Placeholder in the body for a number that differs in each request. */
  readonly counter?: string;
  /** A connection for each of these bodies, which sends only this one. Default: four connections. */
  readonly bodies?: readonly string[];
  /** Number of connections. Default: four. */
  readonly connections?: number;
  /** Sends over one WebSocket per connection. The body is the payload of a `subscribe` message. */
  readonly isLive?: true;
}

const counter = "n0n0n0";

const aliases = 20;
/** A definition with so many states has 46 KB. */
const statesOfLong = 240;

/** Returns a valid definition that takes long to compile: many states, each with conditions, and scenarios that pass through them. */
const largeDefinition = (key: string, estimate: number, states = 150): string => `
weft: 1
key: ${key}
name: Long corridor
data: { type: object, properties: { estimate: { type: number, default: ${estimate} }, lines: { type: array, maxItems: 50, items: { type: number } } } }
initial: s0
states:
${Array.from(
  { length: states },
  (_, n) =>
    `  s${n}: { transitions: { next: { to: ${n + 1 < states ? `s${n + 1}` : "done"}, when: "data.estimate <= ${5000 + n} && (size(data.lines) < 40 || data.lines.all(l, l < ${n}))" }, stop: { to: done } } }`,
).join("\n")}
  done: { final: completed }
scenarios:
${Array.from(
  { length: 10 },
  (_, n) =>
    `  - { name: Walk ${n}, given: { data: { estimate: ${n}, lines: [] }, owner: olga, people: { olga: [admin] } }, steps: [${"{ fire: next }, ".repeat(40)}{ fire: stop }], expect: { state: done } }`,
).join("\n")}
`;

const lineOf = (field: string, count = aliases): string => Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(" ");

/**
 * Returns expensive operations, each of them legal, and operations of clients without a login. Creates two versions of a large definition in the
 * tenant, an instance with a long history, and audit entries for the chain.
 */
export async function prepareAttacks(tenant: TestTenant, entries: number): Promise<Attack[]> {
  const first = await tenant.definition(largeDefinition("corridor", 1));
  const second = await tenant.definition(largeDefinition("corridor", 2));
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "corridor", data: { estimate: 1, lines: [] } }) { instance { id } } }`,
  );
  const { id } = startWorkflow.instance;
  for (let written = 0; written < entries; written += 20) {
    const starts = Array.from({ length: 20 }, () => tenant.admin.run(startAgain));
    await Promise.all(starts);
  }
  const vendor = (await tenant.vendor("Visitor")).user;
  const source = JSON.stringify(largeDefinition("corridor", 3));
  const condition = JSON.stringify("data.lines.all(a, data.lines.all(b, data.lines.exists(c, c == a + b + 1)))");
  const lines = `{ estimate: 1, lines: [${Array.from({ length: 50 }, (_, n) => n).join(",")}] }`;
  // Several users, because few logins in one name can run at the same time.
  const users = await Promise.all(Array.from({ length: 4 }, () => tenant.user("operations")));
  const manager = { token: tenant.admin.token };
  await fillBoard(tenant);
  const of = (name: string, query: string, login: { token?: string } = manager, variables: Record<string, unknown> = {}): Attack => ({
    name,
    ...login,
    body: JSON.stringify({ query, variables }),
  });
  const twenty = (field: string): string => `query Attack { ${lineOf(field)} }`;
  return [
    of(
      "simulateWorkflow × 20",
      twenty(`simulateWorkflow(definitionId: "${first}", steps: [${'{ transition: "next" }, '.repeat(40)}]) { __typename }`),
    ),
    of("runScenarios × 20", twenty(`runScenarios(source: $s) { isPassed }`).replace("Attack", "Attack($s: String!)"), manager, {
      s: JSON.parse(source) as string,
    }),
    of("validateDefinition × 20", twenty(`validateDefinition(source: $s) { isValid }`).replace("Attack", "Attack($s: String!)"), manager, {
      s: JSON.parse(source) as string,
    }),
    of("testCondition × 20", twenty(`testCondition(condition: ${condition}, data: ${lines}) { holds }`)),
    of("testCondition × 20 by a vendor's user", twenty(`testCondition(condition: ${condition}, data: ${lines}) { holds }`), {
      token: vendor.token,
    }),
    of("diffDefinitions × 20", twenty(`diffDefinitions(from: "${first}", to: "${second}") { totalChanges }`)),
    of("whoCan × 20", twenty(`whoCan(permission: "workflow.fire", first: 100) { edges { node { user { id } } } }`)),
    of("availableTransitions × 20", twenty(`workflowInstance(id: "${id}") { availableTransitions { name } }`)),
    {
      ...of(
        "over WebSocket, invalid subscriptions, each a new text",
        `subscription Attack { ${counter}: workflowTransitioned { ${lineOf("unknown(first: 1) { nothing { of { this { exists } } } }", 15)} } }`,
      ),
      counter,
      isLive: true as const,
    },
    {
      ...of(
        "20 searches with history and timeline, 8 connections",
        `query Attack { ${Array.from(
          { length: aliases },
          (_, n) =>
            `a${n}: requests(first: 20, filter: { search: { contains: "elevator building ${n + 1}" } }) { edges { node { id number timeline(first: 20) { edges { node { __typename at } } } workflow { id state history { transition from to } } } } }`,
        ).join(" ")} }`,
      ),
      connections: 8,
    },
    {
      ...of(
        "new definitions of 46 KB, 8 connections",
        "mutation Attack($s: String!) { createDefinition(input: { source: $s }) { definition { id } } }",
        manager,
        { s: largeDefinition(counter, 1, statesOfLong) },
      ),
      counter,
      connections: 8,
    },
    of("verifyAuditTrail × 20", twenty(`verifyAuditTrail { isValid verifiedEntries }`)),
    {
      ...of(
        "wide queries, each a new text",
        `query Attack { ${counter}: __typename ${lineOf("requests(first: 1) { edges { node { id number type { name } building { name } asset { name } createdBy { name roles { name } teams { name } } workflow { id state owner { name } team { name leads { name } } definition { name } tasks { id title assignee { name teams { name leads { name } } } } } } } }", 15)} }`,
      ),
      counter,
    },
    of(
      "without a login, a wide query",
      `query Anonymous { ${lineOf("requests(first: 20) { edges { node { id number workflow { id state history { transition } } } } }", 5)} }`,
      {},
    ),
    of("without a login, 950 KB of variables", "query Anonymous($x: String) { me { id } }", {}, { x: "x".repeat(950_000) }),
    of(
      "without a login, introspection",
      "{ __schema { types { name fields { name args { name type { name } } type { name ofType { name } } } } } }",
      {},
    ),
    {
      name: "20 logins at once",
      body: loginOf(users[0] ?? tenant.admin),
      bodies: Array.from({ length: 20 }, (_, n) => loginOf(users[n % users.length] ?? tenant.admin)),
    },
    of("without a login, nested 1,300 deep", `{ me { ${"... { ".repeat(1_300)} id ${"} ".repeat(1_300)} } }`, {}),
  ];
}

const loginOf = ({ login, password }: { readonly login: string; readonly password: string }): string =>
  JSON.stringify({
    query: "mutation Login($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { user { id } } }",
    variables: { login, password },
  });

const startAgain = `mutation { startWorkflow(input: { definitionKey: "corridor", data: { estimate: 1, lines: [] } }) { instance { id } } }`;
