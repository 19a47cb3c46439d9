import type { ApiResult } from "@weft/standalone";
import {
  getNamedType,
  type GraphQLInputType,
  type GraphQLOutputType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorsOf, everywhere, transports } from "../live/over-all-transports.js";
import { answerOver, liveTransports, type SentBody } from "../live/transports.js";
import { codesOf } from "./answers.js";
import { composedApi, rootFieldsOf } from "./api-schema.js";
import { lookupCases, queryArguments } from "./cases.js";
import type { Fixture } from "./fixture.js";
import { isTried } from "../sizes.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";

// A19: texts that a statement would run if they were a part of it, in each place of each filter, and over each transport.

/**
 * Each ends what a text can be written in, or has a meaning in LIKE, in regular expressions, in full-text queries, or in JSON paths. Searches look for words
 * within words, also within IDs: a word of two letters would be in some of them.
 */
const injections: readonly string[] = [
  "zqxqz' or 'x'='x",
  "zqxqz'); drop table requests.requests; --",
  `zqxqz"$$ or true) ->> '{a,b}' $1 \\' --`,
  "zqxqz & | ! :* <-> (",
  "$.zqxqz ? (true)",
  // Would match every text, if they were patterns.
  "%_%_%",
  ".*|(",
];

let tenants: TwoTenants;
let acme: Fixture;
beforeAll(async () => {
  tenants = await startTwoTenants({ settings: { LIMIT_QUERY_NODES: 10_000 } });
  ({ acme } = tenants);
});
afterAll(() => tenants.stop());

/** The filter with a value in one place, and what else it needs there. */
type Filter = Readonly<Record<string, unknown>>;

interface Place {
  /** For example `state.contains`. */
  readonly path: string;
  readonly filterWith: (text: string) => Filter;
}

const isList = (type: GraphQLInputType | GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** Returns the places of texts within an input type. Conditions of conditions are the same ones again. */
function placesIn(type: GraphQLInputType, entered: ReadonlySet<string> = new Set()): Place[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || entered.has(named.name)) return [];
  const within = new Set([...entered, named.name]);
  const fields = Object.values(named.getFields());
  const required = fields.filter((field) => isRequiredInputField(field) && getNamedType(field.type).name === "String");
  return fields.flatMap((field): Place[] => {
    const { name } = getNamedType(field.type);
    const others = (text: string) => Object.fromEntries(required.map((other) => [other.name, text]));
    const put = (text: string, value: unknown): Filter => ({ ...others(text), [field.name]: isList(field.type) ? [value] : value });
    if (name === "String" || name === "JSON") return [{ path: field.name, filterWith: (text) => put(text, text) }];
    return placesIn(field.type, within).map(({ path, filterWith }) => ({
      path: `${field.name}.${path}`,
      filterWith: (text) => put(text, filterWith(text)),
    }));
  });
}

const lists = rootFieldsOf(composedApi()).flatMap((root) => {
  const filter = root.field.args.find(({ name }) => name === "filter");
  const places = filter ? placesIn(filter.type) : [];
  return filter && places.length > 0 ? [{ root, name: root.name, type: String(filter.type), places }] : [];
});
type List = (typeof lists)[number];

/** What to select to learn how many items match: their count, the first of them, or those of a list without pages. Undefined for statistics. */
function countSelection({ root }: List): string | undefined {
  const type = getNamedType(root.field.type);
  const fields = isObjectType(type) ? type.getFields() : {};
  if (isList(root.field.type)) return "entries" in fields ? "entries" : "__typename";
  return "edges" in fields && !("totalCount" in fields) ? "edges { __typename }" : ["totalCount", "total"].find((name) => name in fields);
}

/** Small enough for the limits of an operation. */
const perOperation = 12;

/** The operation that asks a list once for each filter. */
function operationOf(list: List, filters: readonly Filter[]): SentBody {
  const { root, name, type } = list;
  const needed = root.field.args.filter(isRequiredArgument).map((argument) => {
    const found = lookupCases[`${name}.${argument.name}`]?.own(acme);
    return [argument.name, found] as const;
  });
  const given = { ...Object.fromEntries(needed), ...queryArguments[name] };
  const more = root.field.args.filter((argument) => argument.name in given && argument.name !== "filter");
  const declared = [
    ...more.map((argument) => `$${argument.name}: ${String(argument.type)}`),
    ...filters.map((_, at) => `$f${at}: ${type}`),
  ];
  const ask = (alias: string, filter: string): string =>
    `${alias}: ${name}(${[...more.map((argument) => `${argument.name}: $${argument.name}`), filter].join(", ")}) { ${countSelection(list) ?? "__typename"} }`;
  return {
    query: `query (${declared.join(", ")}) { ${filters.map((_, at) => ask(`a${at}`, `filter: $f${at}`)).join(" ")} }`,
    variables: { ...given, ...Object.fromEntries(filters.map((filter, at) => [`f${at}`, filter])) },
  };
}

/** Refusals that say what is wrong with the text, or that this user cannot filter so. */
const refusals: readonly unknown[] = ["BAD_USER_INPUT", "FORBIDDEN", "NOT_FOUND"];

/** What an injection in one place of a filter has led to. */
interface Outcome {
  readonly path: string;
  readonly filter: Filter;
  readonly matches: ReturnType<typeof matchesIn>;
  /** Error codes of the operation. */
  readonly codes: readonly string[];
}

async function tryInjections(list: List, transport: (typeof transports)[number]): Promise<Outcome[]> {
  const tries = injections.flatMap((text) => list.places.map(({ path, filterWith }) => ({ path, filter: filterWith(text) })));
  const outcomes: Outcome[] = [];
  for (let start = 0; start < tries.length; start += perOperation) {
    const some = tries.slice(start, start + perOperation);
    const body = operationOf(
      list,
      some.map(({ filter }) => filter),
    );
    const answer = await answerOver(transport, { url: tenants.weft.url, token: acme.admin.token, body });
    const codes = codesOf(answer);
    outcomes.push(...some.map((one, at) => ({ ...one, matches: matchesIn(answer, `a${at}`), codes })));
  }
  return outcomes;
}

describe("A19: an injection in each text of the filter of", () => {
  const queries = lists.filter(({ root, name }) => root.kind === "query" && !root.isInternal && isTried(name, { of: 1 }));
  const tried = new Map<List, Promise<Outcome[]>>();

  /** Tries a list once, for whichever test asks first. */
  function outcomesOf(list: List): Promise<Outcome[]> {
    let outcomes = tried.get(list);
    if (!outcomes) tried.set(list, (outcomes = tryInjections(list, transports[queries.indexOf(list) % transports.length] ?? "WebSocket")));
    return outcomes;
  }

  test.each(queries)("$name is a value, and no part of a statement", async (list) => {
    const outcomes = await outcomesOf(list);
    expect(outcomes.flatMap(({ codes }) => codes).filter((code) => !refusals.includes(code))).toEqual([]);
    const none = countSelection(list) === undefined ? "statistics" : 0;
    for (const { path, filter, matches } of outcomes)
      if (!isNegative(path)) expect([filter, matches]).toEqual([filter, expect.toBeOneOf([none, "refused"])]);
  });

  test("is refused before a statement runs in few places: those of dates and of names of fields", { timeout: 300_000 }, async () => {
    const outcomes: Outcome[] = [];
    for (const list of queries) outcomes.push(...(await outcomesOf(list)));
    expect(outcomes.length).toBeGreaterThan(queries.length);
    expect(outcomes.filter(({ matches }) => matches === "refused").length / outcomes.length).toBeLessThan(0.4);
  });
});

/** Whether a condition matches other values than the given one. */
const isNegative = (path: string): boolean => /\b(?:ne|lt|lte|gt|gte)$/.test(path);

interface Matches {
  readonly totalCount?: number;
  readonly total?: number;
  readonly edges?: readonly unknown[];
}

/** An item of a list without pages, or an interval of a list of counts. */
interface Interval {
  readonly entries?: number;
}

/** How many items a list has returned or counted. @throws Error if it was neither answered nor refused */
function matchesIn({ data, errors = [] }: ApiResult, alias: string): number | "statistics" | "refused" {
  const answered = (data as Readonly<Record<string, Matches | readonly unknown[] | null>> | null | undefined)?.[alias];
  if (Array.isArray(answered)) return (answered as readonly Interval[]).reduce((sum, { entries = 1 }) => sum + entries, 0);
  if (answered) {
    const { totalCount, total, edges } = answered as Matches;
    return totalCount ?? total ?? edges?.length ?? "statistics";
  }
  if (errors.some(({ path }) => path === undefined || path[0] === alias)) return "refused";
  throw new Error(`Nothing was answered for ${alias}: ${JSON.stringify({ data, errors })}`);
}

describe("A19: an injection", () => {
  test.each([
    [
      "the name of a custom field that is filtered by",
      "query ($text: String!) { buildings(filter: { fields: { name: $text, startsWith: $text } }) { totalCount } }",
    ],
    [
      "the name of a custom field that is ordered by",
      "query ($text: String!) { assets(orderBy: { field: FIELD, name: $text }) { totalCount } }",
    ],
    ["the field that is ordered by", "query ($text: RequestOrderField!) { requests(orderBy: { field: $text }) { totalCount } }"],
    [
      "the direction of an order",
      "query ($text: OrderDirection!) { requests(orderBy: { field: STATE, direction: $text }) { totalCount } }",
    ],
    ["a cursor", "query ($text: String!) { requests(after: $text) { totalCount } }"],
  ])("in %s is refused over every transport", async (_what, query) => {
    for (const text of injections) {
      const errors = await errorsOf({ url: tenants.weft.url, token: acme.admin.token, body: { query, variables: { text } } });
      expect(errors).toMatchObject(everywhere({ extensions: { code: "BAD_USER_INPUT" } }));
    }
  });

  test.each(Object.entries(liveTransports))("in the filter of a live list is a value, over %s", async (_transport, open) => {
    const live = lists.filter(({ root }) => root.kind === "subscription");
    expect(live).not.toEqual([]);
    for (const { name, type, places } of live)
      for (const { path, filterWith } of places.filter(({ path: each }) => !isNegative(each))) {
        const body = {
          query: `subscription ($filter: ${type}) { ${name}(filter: $filter) { __typename } }`,
          variables: { filter: filterWith(injections.join(" ").slice(0, 60)) },
        };
        const subscription = await open({ url: tenants.weft.url, token: acme.admin.token, body });
        expect([path, codesOf(subscription.results[0] ?? {})]).toEqual([
          path,
          expect.toSatisfy((codes: unknown[]) => codes.every((code) => refusals.includes(code))),
        ]);
        subscription.close();
      }
  });
});
