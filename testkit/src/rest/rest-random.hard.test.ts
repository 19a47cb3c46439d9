import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { sized } from "../sizes.js";
import { sharedWeft } from "../shared-weft.js";
import type { TestTenant } from "../test-tenant.js";
import type { SharedWeft } from "../test-weft.js";
import { everyRoute, type Json, lineOf, RestDocument, send } from "./rest-calls.js";

type Route = (typeof everyRoute)[number];

let weft: SharedWeft;
let tenant: TestTenant;
let described: RestDocument;
/** IDs of objects of the tenant. */
let ids: readonly string[];

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  described = await RestDocument.of(weft.url);
  const made = await tenant.maintenance();
  ids = Object.values(made);
});

const odd = fc.constantFrom<unknown>(
  "",
  "\0",
  "\u{1f9f5}",
  "a".repeat(3_000),
  "2026-02-30",
  "../..",
  "__proto__",
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown,
  "%00",
  -1,
  0,
  2 ** 31,
  1e308,
  null,
  [],
  {},
  [[]],
  true,
);

/** Values of a schema of the document, and now and then something else. */
function valuesOf(schema: Json, depth = 0): fc.Arbitrary<unknown> {
  const {
    $ref,
    enum: values,
    anyOf,
    type,
    items,
    properties,
  } = schema as Json & {
    readonly $ref?: string;
    readonly enum?: readonly unknown[];
    readonly anyOf?: readonly Json[];
    readonly items?: Json;
    readonly properties?: Readonly<Record<string, Json>>;
  };
  const mostly = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
  if ($ref !== undefined) return valuesOf(described.schema($ref), depth);
  if (anyOf) return fc.oneof(...anyOf.map((one) => valuesOf(one, depth)));
  if (values) return mostly(fc.constantFrom(...values));
  const [named] = [type].flat();
  if (named === "object" && properties) {
    if (depth > 3) return fc.constant({});
    const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one, depth + 1)]));
    return mostly(fc.record(members, { requiredKeys: ((schema["required"] as string[] | undefined) ?? []).filter(() => depth > 0) }));
  }
  if (named === "array") return mostly(fc.array(valuesOf(items ?? {}, depth + 1), { maxLength: 3 }));
  if (named === "integer") return mostly(fc.integer({ min: -3, max: 100 }));
  if (named === "number") return mostly(fc.double());
  if (named === "boolean") return mostly(fc.boolean());
  return mostly(
    named === "string"
      ? fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(...ids), fc.constant("2026-11-30T08:00:00Z"))
      : fc.jsonValue({ maxDepth: 2 }),
  );
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: Json;
}

/** Requests to an address, as its description allows them and a little beyond. */
function callsOf(route: Route) {
  const { row } = route.operation;
  const path = row.path.replaceAll(/:(\w+)/g, "{$1}");
  const operation = described.document.paths[path]?.[row.method.toLowerCase()] as unknown as {
    readonly parameters?: readonly Parameter[];
    readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Json } } };
  };
  const parameters = operation.parameters ?? [];
  const texts = (where: Parameter["in"], requiredKeys: [] | undefined) =>
    fc.record(Object.fromEntries(parameters.filter((one) => one.in === where).map(({ name, schema }) => [name, valuesOf(schema)])), {
      ...(requiredKeys && { requiredKeys }),
    });
  const body = operation.requestBody ? valuesOf(operation.requestBody.content["application/json"].schema) : fc.constant(undefined);
  return fc
    .record({ path: texts("path", undefined), query: texts("query", []), header: texts("header", []), body })
    .map(({ path: inPath, query, header, body: given }) => {
      const target = row.path.replaceAll(/:(\w+)/g, (_text, name: string) => segmentOf(textOf(inPath[name])));
      const search = new URLSearchParams(
        Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, textOf(one)])),
      );
      const headers = Object.fromEntries(Object.entries(header).map(([name, value]) => [name, textOf(value).replaceAll(/[^ -~]/g, "")]));
      const text = given === undefined ? undefined : JSON.stringify(given);
      return {
        method: row.method,
        target: search.size > 0 ? `${target}?${search.toString()}` : target,
        headers: { ...headers, ...(text !== undefined && { "content-type": "application/json" }) },
        body: text,
      };
    });
}

/** A segment of a path. An empty one, and those that mean folders, would make another address. */
const segmentOf = (text: string): string => (/^\.{0,2}$/.test(text) ? "x" : encodeURIComponent(text));
const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** What would end the session of the test. */
const ending: ReadonlySet<string> = new Set(["logout", "changePassword", "revokeOtherSessions", "deactivateTenant", "enrolTotp"]);
const routes = everyRoute.filter(({ operation }) => !ending.has(operation.row.operation));

test.each(routes.map((route) => ({ line: lineOf(route), route })))(
  "$line: random requests get an answer that is documented, and none is an error of Weft",
  { timeout: 120_000 },
  async ({ route }) => {
    await fc.assert(
      fc.asyncProperty(callsOf(route), async (call) => {
        const answer = await send(weft.url, call, tenant.admin.token);
        expect([answer.status < 500, described.problemsOf(route, answer), Object.hasOwn(Object.prototype, "polluted")]).toEqual([
          true,
          [],
          false,
        ]);
      }),
      { numRuns: sized({ part: 12, whole: 200 }) },
    );
  },
);
