import { resultIn } from "@weft/gateway";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composedApi, type RootField, rootFieldsOf } from "../isolation/api-schema.js";
import { mutationCaseOf, operatorsQueries } from "../isolation/cases.js";
import { makeFixture, type Fixture } from "../isolation/fixture.js";
import { everyRole, type Person } from "../isolation/matrix/matrix-people.js";
import { inputOf, lookupTries } from "../isolation/tries.js";
import { drawn } from "../sizes.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { callOf, everyRoute, type Json, lineOf, type RestAnswer, RestDocument, send } from "./rest-calls.js";

type Route = (typeof everyRoute)[number];

let weft: TestWeft;
let owner: postgres.Sql;
let fixture: Fixture;
let people: readonly Person[];
let described: RestDocument;
const roots: ReadonlyMap<string, RootField> = new Map(rootFieldsOf(composedApi()).map((root) => [`${root.kind} ${root.name}`, root]));

beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  fixture = await makeFixture(await weft.tenant(), owner);
  people = await everyRole(fixture);
  described = await RestDocument.of(weft.url);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

interface GraphqlAnswer {
  readonly data?: Json | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function overGraphql({ operation }: Route, variables: Json, { user, address }: Person): Promise<GraphqlAnswer> {
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": address,
      ...(user && { authorization: `Bearer ${user.token}` }),
    },
    body: JSON.stringify({ query: operation.text, variables }),
  });
  return (await response.json()) as GraphqlAnswer;
}

const overRest = (route: Route, variables: Json, { user, address }: Person): Promise<RestAnswer> =>
  send(weft.url, callOf(route, variables), user?.token, address);

/** The code of a refusal, or `OK`. */
const codeOf = ({ status, body }: RestAnswer): string => (status < 400 ? "OK" : String((body as Json)["code"]));
const codeOver = ({ operation }: Route, { data, errors }: GraphqlAnswer): string =>
  (resultIn(operation, data) ?? null) === null ? (errors?.[0]?.extensions.code ?? "NOT_FOUND") : "OK";

const rootOf = ({ operation: { kind, row } }: Route): RootField => {
  const root = roots.get(`${kind} ${row.operation}`);
  if (root === undefined) throw new Error(`There is no ${kind} ${row.operation}.`);
  return root;
};
const cases = (kind: "query" | "mutation") =>
  drawn(
    everyRoute.filter(({ operation }) => operation.kind === kind),
    { of: 2 },
  ).map((route) => ({ line: lineOf(route), route }));

test.each(cases("query"))("$line answers each role as GraphQL does", async ({ route }) => {
  const root = rootOf(route);
  for (const person of people) {
    const { mine, others } = lookupTries(fixture, root, person);
    for (const variables of [mine, others]) {
      if (variables === null) continue;
      const [rest, graphql] = [await overRest(route, variables, person), await overGraphql(route, variables, person)];
      expect([person.name, codeOf(rest), described.problemsOf(route, rest)]).toEqual([person.name, codeOver(route, graphql), []]);
    }
  }
});

/** People who change nothing that the others need. */
const isOrdinary = ({ name, user, isElsewhere, again }: Person): boolean =>
  user !== fixture.admin && !isElsewhere && !again && name !== "`tenant_admin`";

test.each(cases("mutation").filter(({ route }) => !endsItsCaller(route)))(
  "$line refuses each role as GraphQL does",
  { timeout: 120_000 },
  async ({ route }) => {
    const root = rootOf(route);
    const variables = async (): Promise<Json> => {
      const input = root.field.args.length === 0 ? null : await inputOf(root, fixture, fixture.admin);
      return input === null ? {} : { input };
    };
    // With more people, the inputs would be more objects than a tenant can have.
    for (const person of drawn(people.filter(isOrdinary), { of: 3 }).slice(0, 6)) {
      const first = await variables();
      const wanted = codeOver(route, await overGraphql(route, first, person));
      // What was refused has changed nothing.
      const rest = await overRest(route, wanted === "OK" ? await variables() : first, person);
      expect([person.name, codeOf(rest), described.problemsOf(route, rest)]).toEqual([person.name, wanted, []]);
    }
  },
);

/** Whether the operation ends the session or the login of whoever calls it, or is only for operators. */
function endsItsCaller({ operation: { row } }: Route): boolean {
  const { inOwnLogin, inOwnSession, inOwnTenant, byOperator } = mutationCaseOf(row.operation);
  return Boolean(inOwnLogin ?? inOwnSession ?? inOwnTenant ?? byOperator) || operatorsQueries.has(row.operation);
}
