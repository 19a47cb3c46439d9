import type { ApiResult } from "@weft/standalone";
import { getNamedType, getNullableType, type GraphQLInputType, isEnumType, isInputObjectType, isListType } from "graphql";
import { mutationCases, lookupCases, queryArguments } from "./isolation/cases.js";
import { operationFor, type RootField } from "./isolation/api-schema.js";
import type { World } from "./isolation/world.js";
import type { TestUser } from "./test-user.js";

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);

/** Values that a scalar can carry and nobody means: each has broken some API. */
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

/** Every odd value at every place of an input type; lists also empty and long. */
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

/** The variables with the value at the path, objects on the way made as needed. */
function withValue(variables: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...variables, [name]: value };
  if (rest[0] === "0") return { ...variables, [name]: [withValue({}, rest.slice(1).join("."), value)] };
  const below = variables[name];
  const object = typeof below === "object" && below !== null ? (below as Record<string, unknown>) : {};
  return { ...variables, [name]: withValue(object, rest.join("."), value) };
}

/** Variables for an operation of a root field, one odd value in each; `perPlace` as in `faultsWithOddValues`. */
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

/** Codes that blame the caller; INTERNAL and SERVICE_UNAVAILABLE blame us. */
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
 * Sends a root field of the API a valid input with one odd value in it, at each of its places.
 * @param perPlace how many of the values each place gets; they rotate from place to place, so that all are tried somewhere
 * @returns what was wrong, a line each: an error that blames us, or one that gives the flood back
 */
export async function faultsWithOddValues(world: World, root: RootField, perPlace: number): Promise<string[]> {
  const { who, baseline } = await caseOf(world, root);
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

/** Who may do it, with a valid input: of the cases of the schema walk. */
async function caseOf(world: World, { kind, name, field }: RootField): Promise<{ who: TestUser; baseline: Record<string, unknown> }> {
  const found = mutationCases[name];
  if (kind === "mutation") {
    // What would end the tenant is tried by somebody who may not do it: an odd value may be a valid one.
    const who = found?.byOperator
      ? (await world.tenant.platform()).operator
      : found?.inOwnTenant
        ? world.requester
        : found?.as === undefined
          ? world.admin
          : world[found.as];
    return { who, baseline: { input: (await found?.input(world, who)) ?? {} } };
  }
  const own = field.args.map((argument) => [argument.name, lookupCases[`${name}.${argument.name}`]?.own(world)] as const);
  return { who: world.admin, baseline: { ...queryArguments[name], ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) } };
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
