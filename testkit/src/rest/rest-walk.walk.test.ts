import { resultIn } from "@weft/gateway";
import { isRequiredArgument } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn } from "../sizes.js";
import { lookupCases, mutationCaseOf, operatorsQueries, queryArguments } from "../isolation/cases.js";
import { startTwoTenants, type TwoTenants } from "../isolation/two-tenants.js";
import { actorOf } from "../isolation/walk.js";
import { type Fixture, isAtRest } from "../isolation/fixture.js";
import type { TestUser } from "../test-user.js";
import { until } from "../until.js";
import { callOf, everyRoute, type Json, lineOf, RestDocument, send } from "./rest-calls.js";

let tenants: TwoTenants;
let url: string;
let globex: Fixture;
let acme: Fixture;
let described: RestDocument;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ globex, acme } = tenants);
  ({ url } = tenants.weft);
  described = await RestDocument.of(url);
});
afterAll(() => tenants.stop());

type Route = (typeof everyRoute)[number];

interface Valid {
  readonly actor: TestUser;
  readonly variables: Json;
}

/** Returns a request that succeeds. */
async function validFor({ operation: { kind, field, row } }: Route, fixture: Fixture): Promise<Valid> {
  if (kind === "mutation") {
    const given = mutationCaseOf(row.operation);
    await fixture.ageMails();
    const actor = await actorOf(tenants.weft, fixture, given);
    return { actor, variables: field.args.length === 0 ? {} : { input: await given.input(fixture, actor) } };
  }
  const actor = operatorsQueries.has(row.operation) ? (await fixture.tenant.platform()).operator : fixture.admin;
  const ids = field.args.flatMap((argument): [string, unknown][] => {
    const { name } = argument;
    const found = lookupCases[`${row.operation}.${name}`];
    return found && (isRequiredArgument(argument) || row.path.includes(`:${name}`)) ? [[name, found.own(fixture)]] : [];
  });
  return { actor, variables: { ...queryArguments[row.operation], ...Object.fromEntries(ids) } };
}

/** The items of a page. */
const itemsIn = ({ edges }: Json): unknown[] => (edges as readonly { readonly node: unknown }[]).map(({ node }) => node);

/** Numbers of seconds that go on between two requests. */
const running: ReadonlySet<string> = new Set(["consumedSeconds", "remainingSeconds"]);
const standing = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, one: unknown) => (running.has(name) ? undefined : one)));

const tried = drawn(everyRoute, { of: 3 }).map((route) => ({ line: lineOf(route), route }));

describe.each(tried)("$line", ({ route }) => {
  const { kind, text, row, result } = route.operation;

  test("a valid request is answered as documented, and a query as GraphQL answers it", async () => {
    const { actor, variables } = await validFor(route, globex);
    // Work in the background, such as the sealing of the audit trail, would change an object between the two answers.
    if (kind === "query") await until(() => isAtRest(tenants.owner, globex.tenant.id), { what: "Globex is at rest" });
    const answer = await send(url, callOf(route, variables), actor.token);
    expect([answer.status, described.problemsOf(route, answer)]).toEqual([
      row.action === "create" ? 201 : expect.toBeOneOf([200, 204]),
      [],
    ]);
    if (kind !== "query" || result.kind === "items" || row.path === "/status") return;
    const { data } = await actor.send<Json>(text, variables);
    const shown = resultIn(route.operation, data) as Json;
    const [graphql, rest] = result.kind === "object" ? [shown, answer.body] : [itemsIn(shown), (answer.body as Json)["items"]];
    expect(standing(rest)).toEqual(standing(graphql));
  });

  test("bad requests get problems that are documented", async () => {
    const { actor, variables } = await validFor(route, globex);
    const call = callOf(route, variables);
    const unknown = route.hasBody
      ? {
          ...call,
          headers: { ...call.headers, "content-type": "application/json" },
          body: JSON.stringify({ ...JSON.parse(call.body ?? "{}"), noSuchMember: 1 }),
        }
      : { ...call, target: `${call.target}${call.target.includes("?") ? "&" : "?"}noSuchParameter=1` };
    const malformed = route.hasBody
      ? { ...call, headers: { "content-type": "application/json" }, body: '{"' }
      : { ...call, target: `${call.target}${call.target.includes("?") ? "&" : "?"}first=many&filter={` };
    const answers = {
      "without a token": await send(url, call, undefined),
      "with an unknown member": await send(url, unknown, actor.token),
      malformed: await send(url, malformed, actor.token),
    };
    for (const [what, answer] of Object.entries(answers)) {
      const isOpen = what === "without a token" && answer.status < 400;
      expect([what, answer.status < 500, isOpen ? [] : described.problemsOf(route, answer)]).toEqual([what, true, []]);
    }
    expect(answers["with an unknown member"].status).toBe(400);
    expect(answers.malformed.status).toBe(400);
  });
});

test.each(tried.filter(({ route }) => route.operation.pathParameters.length > 0))(
  "$line: an ID of another tenant is answered as one that was never issued",
  async ({ route }) => {
    const { actor, variables } = await validFor(route, globex);
    const foreign = await validFor(route, acme);
    const [parameter = ""] = route.operation.pathParameters;
    const theirs = ((foreign.variables["input"] as Json | undefined) ?? foreign.variables)[parameter];
    const withId = (id: unknown): Json =>
      variables["input"] === undefined
        ? { ...variables, [parameter]: id }
        : { input: { ...(variables["input"] as Json), [parameter]: id } };
    const never = `${String(theirs).split("_")[0]}_${"0".repeat(25)}1`;
    const [hidden, none] = [
      await send(url, callOf(route, withId(theirs)), actor.token),
      await send(url, callOf(route, withId(never)), actor.token),
    ];
    expect(described.problemsOf(route, hidden)).toEqual([]);
    expect([hidden.status, detailOf(hidden.body, String(theirs))]).toEqual([none.status, detailOf(none.body, never)]);
    expect(hidden.status).toBeOneOf([400, 403, 404]);
  },
);

const detailOf = (body: unknown, id: string): string => String((body as Json)["detail"]).replaceAll(id, "…");
