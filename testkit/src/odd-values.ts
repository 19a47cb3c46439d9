import type { ApiResult } from "@weft/standalone";
import { getNamedType, getNullableType, type GraphQLInputType, isEnumType, isInputObjectType, isListType } from "graphql";
import { mutationCases, lookupCases, queryArguments } from "./isolation/cases.js";
import { operationFor, type RootField } from "./isolation/api-schema.js";
import type { Fixture } from "./isolation/fixture.js";
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

/** Returns variables for an operation of a root field, with one odd value in each. `perPlace` as in `faultsWithOddValues`. */
export function oddVariables(
  root: RootField,
  perPlace: number,
  baseline: Record<string, unknown> = {},
): { attempt: Attempt; variables: Record<string, unknown> }[] {
  const places = root.field.args.flatMap((argument) => attemptsAt(argument.name, argument.type));
  return places
    .flatMap((attempts, index) => rotated(attempts, index * perPlace + root.name.length).slice(0, perPlace))
    .map((attempt) => ({ attempt, variables: withValue(baseline, attempt.path, attempt.value) }));
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
]);

/**
 * Calls a root field of the API with a valid input that contains one odd value, at each place in turn.
 * @param perPlace number of values per place; they rotate from place to place, so that every value is used somewhere
 * @returns the faults, one per line: errors for which we are responsible, and errors that echo a very long input
 */
export async function faultsWithOddValues(fixture: Fixture, root: RootField, perPlace: number): Promise<string[]> {
  const { who, baseline } = await caseOf(fixture, root);
  const operation = operationFor(root, root.kind === "query" ? 0 : 1);
  const faults: string[] = [];
  for (const { attempt, variables } of oddVariables(root, perPlace, baseline)) {
    const { path, value } = attempt;
    const result: ApiResult = await who.send(operation, variables);
    for (const { message, extensions } of result.errors ?? []) {
      const code = extensions?.code ?? "no code";
      const shown = `${path} = ${JSON.stringify(value).slice(0, 80)}: ${code}: ${message.slice(0, 200)}`;
      if (!blamesCaller.has(code)) faults.push(shown);
      else if (message.length > 2_000) faults.push(`${shown} … (${message.length} characters)`);
    }
  }
  return faults;
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
