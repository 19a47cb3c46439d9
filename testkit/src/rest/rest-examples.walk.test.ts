import { exampleUuid, restExamples } from "@weft/gateway";
import { parseAnyId } from "@weft/shared/ids";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutationCaseOf } from "../isolation/cases.js";
import type { Fixture } from "../isolation/fixture.js";
import { startTwoTenants, type TwoTenants } from "../isolation/two-tenants.js";
import { actorOf } from "../isolation/walk.js";
import { newEventType } from "../tenants/new-event-type.js";
import type { TestUser } from "../test-user.js";
import { everyRoute, type Json, lineOf, type RestCall, RestDocument, send } from "./rest-calls.js";

/** The definition that other examples start. */
const { createDefinition: definition = {} } = restExamples;

let tenants: TwoTenants;
let fixture: Fixture;
let described: RestDocument;

beforeAll(async () => {
  tenants = await startTwoTenants();
  fixture = tenants.globex;
  described = await RestDocument.of(tenants.weft.url);
  await fixture.tenant.definition(String(definition["source"]));
  await newEventType(fixture.admin, "custom.door.opened");
});
afterAll(() => tenants.stop());

/** Puts real values in place of the IDs and secrets of an example: those of a valid input, or else of the fixture. */
function withValues(value: unknown, input: unknown): unknown {
  if (Array.isArray(value)) return value.map((one, index) => withValues(one, (input as readonly unknown[] | undefined)?.[index]));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, withValues(one, (input as Json | undefined)?.[camelCase(name)])]),
    );
  if (typeof value === "string" && value.endsWith("…")) return input;
  const id = parseAnyId(value);
  if (id?.uuid !== exampleUuid) return value;
  return input ?? fixture.ids.get(id.type)?.[0];
}

const camelCase = (name: string): string => name.replaceAll(/_(.)/g, (_text, letter: string) => letter.toUpperCase());

interface Stage {
  readonly actor: TestUser;
  /** A valid input of the operation. */
  readonly input: Json;
}

/** Further members of a path or a body, where a valid input stands for another object than the example. */
const further: Readonly<Record<string, (stage: Stage) => Promise<Json>>> = {
  login: async ({ actor }) => ({ username: actor.login, password: actor.password }),
  changePassword: async ({ actor }) => ({ currentPassword: actor.password }),
  completeLogin: async ({ input }) => ({ code: undefined, ...input }),
  confirmTotp: async ({ input }) => ({ code: input["code"] }),
  updateDefinition: async ({ actor }) => {
    const { createDefinition } = await actor.run<{ createDefinition: { definition: { id: string } } }>(
      "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
      { input: definition },
    );
    return { id: createDefinition.definition.id };
  },
  fireTransition: async ({ actor }) => {
    const { startWorkflow } = await actor.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation { startWorkflow(input: { definitionKey: "key-handover" }) { instance { id } } }',
    );
    return { instanceId: startWorkflow.instance.id };
  },
};

const examples = everyRoute.flatMap((route) => {
  const { row } = route.operation;
  const body = restExamples[row.operation];
  return body && route.hasBody ? [{ line: lineOf(route), route, body }] : [];
});

test("every address whose body has required members has an example, and every example an address", () => {
  const missing = everyRoute.filter((route) => {
    const path = route.operation.row.path.replaceAll(/:(\w+)/g, "{$1}");
    const documented = described.document.paths[path]?.[route.operation.row.method.toLowerCase()] as Json;
    return (documented["requestBody"] as Json | undefined)?.["required"] === true && !(route.operation.row.operation in restExamples);
  });
  expect(missing.map(lineOf)).toEqual([]);
  const served = new Set(examples.map(({ route }) => route.operation.row.operation));
  expect(Object.keys(restExamples).filter((operation) => !served.has(operation))).toEqual([]);
});

test.each(examples)("the example of $line is a valid request", async ({ route, body }) => {
  const { row, kind } = route.operation;
  const given = kind === "query" ? undefined : mutationCaseOf(row.operation);
  const actor = given ? await actorOf(tenants.weft, fixture, given) : fixture.admin;
  const input = (await given?.input(fixture, actor)) ?? {};
  const more = (await further[row.operation]?.({ actor, input })) ?? {};
  const inPath = { ...input, ...more };
  const target = row.path.replaceAll(/:(\w+)/g, (_text, name: string) => encodeURIComponent(String(inPath[name])));
  const inBody = Object.entries(more).filter(([name]) => !route.operation.pathParameters.includes(name));
  const call: RestCall = {
    method: row.method,
    target,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...(withValues(body, input) as Json), ...Object.fromEntries(inBody) }),
  };
  const answer = await send(tenants.weft.url, call, actor.token);
  expect([answer.status < 300 ? "done" : answer.body, described.problemsOf(route, answer)]).toEqual(["done", []]);
});
