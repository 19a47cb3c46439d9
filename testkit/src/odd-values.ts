import type { ApiError } from "@weft/standalone";
import { getNamedType, getNullableType, type GraphQLInputType, isEnumType, isInputObjectType, isListType } from "graphql";
import { mutationCases, lookupCases, queryArguments } from "./isolation/cases.js";
import { callerOf, operationFor, type RootField } from "./isolation/api-schema.js";
import type { Fixture } from "./isolation/fixture.js";
import { type Asked, refusedQueries } from "./odd-batches.js";
import type { TestUser } from "./test-user.js";

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);

/** Values that a scalar can have but that are never intended. Each of them has broken some API. */
const oddities: Readonly<Record<string, readonly unknown[]>> = {
  String: [
    "",
    " ",
    "\n\r\t",
    "\u202egnp.exe",
    "%_\\",
    "'; select pg_sleep(9); --",
    "\u0001\u007f\u009f\uffff",
    "🎉".repeat(300),
    "x".repeat(70_000),
    "null",
    "__proto__",
    "9".repeat(400),
    "ﷺ".repeat(200),
    "../../etc/passwd",
    "{{ data.x }}",
    "10000-01-01",
  ],
  ID: [
    "",
    "req_",
    "usr_01j00000000000000000000000",
    "REQ_01J00000000000000000000000",
    "req_7zzzzzzzzzzzzzzzzzzzzzzzzz",
    "x".repeat(5_000),
    "00000000-0000-0000-0000-000000000000",
    7,
  ],
  Int: [0, -1, 2_147_483_647, -2_147_483_648],
  SafeInt: [0, -1, 2 ** 53 - 1, 2 ** 53, 1e308, 0.5, "7"],
  Float: [1e308, -1e308, 5e-324, 2 ** 53 + 2, -0],
  Boolean: [true, false],
  DateTime: [
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T23:59:59-12:00",
    "+275760-09-13T00:00:00.000Z",
    "-271821-04-20T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T23:59:60Z",
    "0001-01-01T00:00:00+23:59",
    "infinity",
    "epoch",
    0,
  ],
  JSON: [
    null,
    true,
    7,
    "text",
    [],
    {},
    [[]],
    { "": 1 },
    { "a.b": { $ref: "#" } },
    { "\n": 1e308 },
    nested(60),
    Array.from({ length: 5_000 }, (_, index) => index),
    { summary: "x".repeat(100_000) },
    { estimate: -0 },
    { constructor: { prototype: {} } },
  ],
};

interface Attempt {
  readonly path: string;
  readonly value: unknown;
}

/** Values per place of an input that a mutation shares with a query, such as the filter of an export. The query is sent all values. */
const perSharedPlace = 1;

/** Values per other place of a mutation, whose values are sent one by one. */
const perMutationPlace = 3;

/** Returns every odd value at every place of an input type. Lists are also tried empty and long. */
function attemptsAt(path: string, type: GraphQLInputType, entered: ReadonlySet<string> = new Set()): Attempt[][] {
  const isList = isListType(getNullableType(type));
  const named = getNamedType(type);
  if (isInputObjectType(named)) {
    // `and`, `or` and `not` of a filter lead back to it.
    if (entered.has(named.name)) return [];
    const within = new Set([...entered, named.name]);
    const below = Object.values(named.getFields()).flatMap((field) =>
      attemptsAt(`${path}${isList ? ".0" : ""}.${field.name}`, field.type, within),
    );
    return isList ? [[{ path, value: [] }], ...below] : below;
  }
  const values = isEnumType(named) ? ["", "NO_SUCH_VALUE"] : (oddities[named.name] ?? []);
  const lists = isList ? [[], Array.from({ length: 2_000 }, () => values[0])] : [];
  return [[...values.map((value) => (isList ? [value] : value)), ...lists].map((value) => ({ path, value }))];
}

/** Returns the variables with the value at the path. Creates missing objects on the path. */
function withValue(variables: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...variables, [name]: value };
  if (rest[0] === "0") return { ...variables, [name]: [withValue({}, rest.slice(1).join("."), value)] };
  const below = variables[name];
  const object = typeof below === "object" && below !== null ? (below as Record<string, unknown>) : {};
  return { ...variables, [name]: withValue(object, rest.join("."), value) };
}

/** Returns variables for an operation of a root field, with one odd value in each. Another `seed` draws other values where not all are wanted. */
export function oddVariables(root: RootField, { perPlace, seed }: Drawn, baseline: Record<string, unknown> = {}): Asked<Attempt>[] {
  const places = root.field.args.flatMap((argument) => attemptsAt(argument.name, argument.type));
  return places
    .flatMap((attempts, index) => {
      const count = perPlace(attempts[0]?.path ?? "");
      return rotated(attempts, (Number.isFinite(count) ? index * count : 0) + seed + root.name.length).slice(0, count);
    })
    .map((attempt) => ({ attempt, variables: withValue(baseline, attempt.path, attempt.value) }));
}

/** Which odd values to send. */
export interface Drawn {
  /** Returns the number of values to send at a place. They rotate from place to place, so that every value is used somewhere. */
  readonly perPlace: (path: string) => number;
  readonly seed: number;
}

export const allValues: Drawn = { perPlace: () => Infinity, seed: 0 };

/** Returns all values for queries, which are sent many at a time. For mutations, returns some, and fewer for input objects that queries take too. */
export function someOfMutations({ kind, field }: RootField, roots: readonly RootField[], seed: number): Drawn {
  if (kind !== "mutation") return allValues;
  const ofQueries = new Set(
    roots.filter((root) => root.kind === "query").flatMap((root) => root.field.args.map(({ type }) => getNamedType(type))),
  );
  const shared = field.args.flatMap((argument) => {
    const type = getNamedType(argument.type);
    if (!isInputObjectType(type)) return [];
    const below = Object.values(type.getFields()).filter(
      (each) => isInputObjectType(getNamedType(each.type)) && ofQueries.has(getNamedType(each.type)),
    );
    return below.map(({ name }) => `${argument.name}.${name}.`);
  });
  return { perPlace: (path) => (shared.some((prefix) => path.startsWith(prefix)) ? perSharedPlace : perMutationPlace), seed };
}

/** Error codes for which the caller is responsible. INTERNAL and SERVICE_UNAVAILABLE are our faults. */
const blamesCaller: ReadonlySet<string> = new Set([
  "BAD_USER_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "TRANSITION_REJECTED",
  "DEFINITION_INVALID",
  "FORBIDDEN",
  "UNAUTHENTICATED",
  "RATE_LIMITED",
  "LIMIT_EXCEEDED",
  "QUERY_LIMIT_EXCEEDED",
  "URL_FORBIDDEN",
]);

/**
 * Calls a root field of the API with a valid input that contains one odd value, at each place in turn. Queries are sent several at a time. A fault among
 * several is sent again alone.
 * @returns the faults, one per line: errors for which we are responsible, and errors that echo a very long input
 */
export async function faultsWithOddValues(fixture: Fixture, root: RootField, drawn: Drawn): Promise<string[]> {
  const { who, baseline } = await caseOf(fixture, root);
  const operation = operationFor(root, root.kind === "query" ? 0 : 1);
  const attempts = oddVariables(root, drawn, baseline);
  const alone = async ({ attempt, variables }: Asked<Attempt>): Promise<string[]> =>
    faultsOf(attempt, (await callerOf(root, who).send(operation, variables)).errors);
  const faults: string[] = [];
  if (root.kind === "mutation") {
    for (const each of attempts) faults.push(...(await alone(each)));
    return faults;
  }
  // Values that are refused by their type are refused together.
  const byValue = [...Map.groupBy(attempts, ({ attempt }) => JSON.stringify(attempt.value)).values()].flat();
  for (const { attempt, errors } of await refusedQueries(who, root, byValue)) {
    const together = faultsOf(attempt.attempt, errors);
    if (together.length === 0) continue;
    const own = await alone(attempt);
    faults.push(...(own.length > 0 ? own : together.map((fault) => `${fault} (only together with other values)`)));
  }
  return faults;
}

function faultsOf({ path, value }: Attempt, errors: readonly ApiError[] = []): string[] {
  return errors.flatMap(({ message, extensions }) => {
    const code = extensions?.code ?? "no code";
    const shown = `${path} = ${JSON.stringify(value).slice(0, 80)}: ${code}: ${message.slice(0, 200)}`;
    if (!blamesCaller.has(code)) return [shown];
    return message.length > 2_000 ? [`${shown} … (${message.length} characters)`] : [];
  });
}

/** Returns a user who can run the operation, and a valid input, from the cases of the schema walk. */
async function caseOf(fixture: Fixture, { kind, name, field }: RootField): Promise<{ who: TestUser; baseline: Record<string, unknown> }> {
  const found = mutationCases[name];
  if (kind === "mutation") {
    // Operations that end the tenant are tried by a user who cannot run them, because an odd value might be valid.
    const who = found?.byOperator
      ? (await fixture.tenant.platform()).operator
      : found?.inOwnTenant
        ? fixture.requester
        : found?.inOwnLogin
          ? await fixture.tenant.user("viewer")
          : found?.as === undefined
            ? fixture.admin
            : fixture[found.as];
    return { who, baseline: { input: (await found?.input(fixture, who)) ?? {} } };
  }
  const own = field.args.map((argument) => [argument.name, lookupCases[`${name}.${argument.name}`]?.own(fixture)] as const);
  return {
    who: fixture.admin,
    baseline: { ...queryArguments[name], ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) },
  };
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
