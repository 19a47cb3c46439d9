import {
  aMaintenanceTenant,
  type ApiError,
  fireTransition,
  type MaintenanceTenant,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const readRequest = "query ($id: ID!) { request(id: $id) { id } }";
const list = `query ($first: Int, $last: Int, $after: String, $before: String, $filter: RequestFilter) {
  requests(first: $first, last: $last, after: $after, before: $before, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {
    totalCount edges { cursor node { id state } } } }`;
const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
const updateRequest = "mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { id } } }";
const startWorkflow = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

interface Problem {
  readonly path: string;
  readonly message: string;
}

const problemsOf = (error: ApiError): readonly Problem[] => (error.extensions?.["problems"] ?? []) as readonly Problem[];

/** Returns the problems of an operation that is refused with BAD_USER_INPUT. */
async function problems(who: TestUser, query: string, variables: Record<string, unknown> = {}): Promise<readonly Problem[]> {
  const error = await who.refused(query, variables);
  expect(error.extensions?.code).toBe("BAD_USER_INPUT");
  return problemsOf(error);
}

const aProblem = (path: string, ...words: string[]): unknown => ({
  path,
  message: expect.stringMatching(
    new RegExp(words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join(".*"), "s"),
  ) as string,
});

describe("ids", () => {
  test.each([
    "",
    "7",
    "nonsense",
    "req_",
    "req_nonsense",
    "req_0000000000000000000000000",
    "req_zzzzzzzzzzzzzzzzzzzzzzzzzz",
    "REQ_01J00000000000000000000000",
    "req_01j00000000000000000000000; drop table",
  ])("rejects %j as an invalid request ID", async (id) => {
    const [problem] = await problems(acme.admin, readRequest, { id });
    expect(problem).toEqual(aProblem("id", `"${id}"`, "req_"));
  });

  test("reports IDs of another type with the expected type", async () => {
    const { id, instanceId } = await acme.request();
    expect(await problems(acme.admin, readRequest, { id: instanceId })).toEqual([aProblem("id", instanceId, "req_")]);
    expect(await problems(acme.admin, fireTransition, { input: { instanceId: id, transition: "submit" } })).toEqual([
      aProblem("input.instanceId", id, "wfi_"),
    ]);
  });

  test("reports the path of IDs inside an input, and words unknown IDs like those of another tenant", async () => {
    const globex = await aMaintenanceTenant(weft);
    const input = { typeKey: "maintenance", data: { summary: "x", estimate: 1 } };
    const messages = new Set<string>();
    for (const buildingId of [globex.buildingId, "bld_01j00000000000000000000000"]) {
      const [problem] = await problems(acme.requester, createRequest, { input: { ...input, buildingId } });
      expect(problem).toEqual(aProblem("input.buildingId", buildingId));
      messages.add(problem?.message.replace(buildingId, "…") ?? "");
    }
    expect(messages.size).toBe(1);
  });
});

describe("lists", () => {
  test("finds nothing for a state that no definition has, because tenants choose the names of their states", async () => {
    await acme.request();
    expect(await acme.admin.run(list, { filter: { state: { eq: "no_such_state" } } })).toEqual({ requests: { totalCount: 0, edges: [] } });
  });

  test("rejects an unknown enum value as bad input and includes the value in the error", async () => {
    const inVariable = await acme.admin.refused("query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }", {
      filter: { status: { eq: "LOST" } },
    });
    expect(inVariable.extensions?.code).toBe("BAD_USER_INPUT");
    expect(JSON.stringify(inVariable)).toContain("LOST");
    const inDocument = await acme.admin.refused("{ tasks(filter: { status: { eq: LOST } }) { totalCount } }");
    expect(inDocument.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(inDocument.message).toContain("LOST");
  });

  test.each([
    ["first", 10_000, "10000"],
    ["last", 101, "101"],
    ["first", -1, "-1"],
  ])("rejects a page with %s of %i and reports that argument", async (name, size, word) => {
    const [problem] = await problems(acme.admin, list, { [name]: size });
    expect(problem).toEqual(aProblem(name, word));
    expect(problem?.message).toContain(size > 0 ? "100" : "");
  });

  test("applies the same limits to nested pages, and still returns the other fields", async () => {
    const query = `query ($first: Int, $after: String) { me { id } buildings(first: 1) { edges { node { assets(first: $first, after: $after) { edges { node { id } } } } } } }`;
    for (const [variables, path, word] of [
      [{ first: 10_000 }, "first", "10000"],
      [{ first: 1, after: "broken" }, "after", "broken"],
    ] as const) {
      const { data, errors } = await acme.admin.send(query, variables);
      expect(errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
      expect(problemsOf(errors?.[0] as ApiError)).toEqual([aProblem(path, word)]);
      expect(data).toEqual({ me: { id: acme.admin.id }, buildings: null });
    }
  });

  test("rejects pages that are requested from both ends", async () => {
    const [problem] = await problems(acme.admin, list, { first: 1, last: 1 });
    expect(problem?.path).toMatch(/first|last/);
  });

  test(
    "rejects a cursor that is broken, edited, of another list or of another tenant, and reports its path",
    { tags: "slow" },
    async () => {
      await acme.request();
      const globex = await aMaintenanceTenant(weft);
      await globex.request();
      const cursorIn = async (who: TestUser): Promise<string> =>
        (await who.run<{ requests: { edges: { cursor: string }[] } }>(list, { first: 1 })).requests.edges[0]?.cursor ?? "";
      const ours = await cursorIn(acme.admin);
      expect(await acme.admin.run(list, { after: ours })).toBeDefined();
      const users = await acme.admin.run<{ users: { edges: { cursor: string }[] } }>("{ users(first: 1) { edges { cursor } } }");
      const wrong = [
        "",
        "x",
        "%",
        ours.slice(0, -2),
        `${ours}A`,
        ours.replace(/^./, (first) => (first === "A" ? "B" : "A")),
        await cursorIn(globex.admin),
        users.users.edges[0]?.cursor,
      ];
      for (const cursor of wrong) {
        for (const name of ["after", "before"]) {
          expect([cursor, await problems(acme.admin, list, { [name]: cursor })]).toEqual([cursor, [aProblem(name)]]);
        }
      }
    },
  );
});

describe("workflow input", () => {
  test("reports every violation of the data's schema with its path and value", async () => {
    const data = { summary: "x".repeat(201), estimate: -5, color: "red" };
    const found = await problems(acme.requester, createRequest, { input: { typeKey: "maintenance", data } });
    expect(found.map(({ path }) => path).toSorted()).toEqual(["input.data.color", "input.data.estimate", "input.data.summary"]);
    expect(found.find(({ path }) => path === "input.data.estimate")?.message).toMatch(/-5.*0|0.*-5/);
    expect(found.find(({ path }) => path === "input.data.summary")?.message).toContain("200");
  });

  test.each([[null], ["text"], [7], [[]], [{}]])("reports that data %j lacks required fields", async (data) => {
    const found = await problems(acme.requester, createRequest, { input: { typeKey: "maintenance", data } });
    expect(found.length).toBeGreaterThan(0);
    for (const { path } of found) expect(path).toMatch(/^input\.data/);
  });

  test("reports the key of an unknown request type or definition", async () => {
    expect(await problems(acme.requester, createRequest, { input: { typeKey: "mantenance", data: {} } })).toEqual([
      aProblem("input.typeKey", "mantenance"),
    ]);
    expect(await problems(acme.manager, startWorkflow, { input: { definitionKey: "lone", data: {} } })).toEqual([
      aProblem("input.definitionKey", "lone"),
    ]);
  });

  test("reports the path of a comment or an input that a transition requires", async () => {
    const triage = await acme.request("triage");
    for (const comment of [undefined, "", "   "]) {
      const variables = { input: { instanceId: triage.instanceId, transition: "reject", comment } };
      expect(await problems(acme.operations, fireTransition, variables)).toEqual([aProblem("input.comment", "reject", "comment")]);
    }
    const inProgress = await acme.request("in_progress");
    for (const [input, path] of [
      [{}, /^input\.input/],
      [{ outcome: 7 }, /^input\.input\.outcome$/],
      [{ outcome: "done", color: "red" }, /^input\.input\.color$/],
    ] as const) {
      const found = await problems(acme.vendor.user, fireTransition, {
        input: { instanceId: inProgress.instanceId, transition: "complete", input },
      });
      expect(found.length).toBeGreaterThan(0);
      for (const problem of found) expect(problem.path).toMatch(path);
    }
  });

  test("reports all six mistakes of a definition with their lines, both on validation and on creation", async () => {
    const source = [
      "weft: 1",
      "key: Maintenance Request",
      "name: Broken",
      "data: { type: object, properties: { estimate: { type: number } } }",
      "initial: drft",
      "states:",
      "  draft: { transitions: { submit: { to: triag } } }",
      "  triage:",
      "    transitions:",
      '      approve: { to: done, when: "data.estimat > 5" }',
      "      reject: { to: done, allow: { roles: [operatons] } }",
      "      hurry: { to: done, color: red }",
      "  done: { final: completed }",
    ].join("\n");
    const lines = [2, 5, 7, 10, 11, 12];
    const validate = "query ($source: String!) { validateDefinition(source: $source) { isValid problems { path message line column } } }";
    const { validateDefinition } = await acme.admin.run<{
      validateDefinition: { isValid: boolean; problems: (Problem & { line: number })[] };
    }>(validate, { source });
    expect(validateDefinition.isValid).toBe(false);
    expect(validateDefinition.problems.map(({ line }) => line)).toEqual(expect.arrayContaining(lines));
    for (const [line, word] of [
      [5, "drft"],
      [7, "triag"],
      [10, "estimat"],
      [11, "operatons"],
      [12, "color"],
    ] as const) {
      expect(
        validateDefinition.problems
          .filter((problem) => problem.line === line)
          .map(({ message }) => message)
          .join(),
      ).toContain(word);
    }
    const refused = await acme.admin.refused(
      "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
      { source },
    );
    expect(refused.extensions?.code).toBe("DEFINITION_INVALID");
    expect((problemsOf(refused) as readonly (Problem & { line: number })[]).map(({ line }) => line)).toEqual(expect.arrayContaining(lines));
  });
});

describe("unusual values", () => {
  const create = (data: unknown) => problems(acme.requester, createRequest, { input: { typeKey: "maintenance", data } });

  test("rejects NUL, half a surrogate pair and prototype keys with their path", async () => {
    expect(await create({ summary: "a\u0000b", estimate: 1 })).toEqual([aProblem("input.data.summary", "NUL")]);
    expect(await create({ summary: "\ud800", estimate: 1 })).toEqual([aProblem("input.data.summary", "surrogate")]);
    expect(await create(JSON.parse('{"summary":"x","estimate":1,"__proto__":{"isAdmin":true}}'))).toEqual([
      aProblem("input.data.__proto__", "__proto__"),
    ]);
    for (const key of ["constructor", "prototype", "toString"]) {
      expect(await create({ summary: "x", estimate: 1, [key]: { x: 1 } })).toEqual([aProblem(`input.data.${key}`)]);
    }
    expect(await problems(acme.admin, list, { filter: { number: { contains: "\u0000" } } })).toEqual([
      aProblem("filter.number.contains", "NUL"),
    ]);
  });

  test("rejects numbers outside the range of doubles and nesting of 20,000 levels with their path", async () => {
    const post = async (data: string): Promise<ApiError> => {
      const response = await fetch(`${weft.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${acme.requester.token}` },
        body: `{"query":${JSON.stringify(createRequest)},"variables":{"input":{"typeKey":"maintenance","data":${data}}}}`,
      });
      expect(response.status).toBe(400);
      return ((await response.json()) as { errors: [ApiError] }).errors[0];
    };
    const huge = await post('{"summary":"x","estimate":1e400}');
    expect([huge.extensions?.code, problemsOf(huge)]).toEqual(["BAD_USER_INPUT", [aProblem("input.data.estimate")]]);
    const deep = await post("[".repeat(20_000) + "]".repeat(20_000));
    expect(deep.extensions?.code).toBe("BAD_USER_INPUT");
    expect(problemsOf(deep)[0]?.path).toMatch(/^input\.data/);
    expect(problemsOf(deep)[0]?.message).toContain("64");
  });

  test("reports variables of a wrong type and missing variables", async () => {
    for (const [query, variables, word] of [
      [list, { first: "many" }, "many"],
      [list, { first: 1.5 }, "1.5"],
      [list, { first: 2 ** 40 }, String(2 ** 40)],
      [list, { filter: { state: { eq: 7 } } }, "state"],
      [list, { filter: { color: { eq: "red" } } }, "color"],
      [list, { filter: { createdAt: { gt: "yesterday" } } }, "yesterday"],
      [readRequest, {}, "id"],
      [readRequest, { id: null }, "id"],
      [updateRequest, { input: { id: "req_01j00000000000000000000000", expectedVersion: "1" } }, "expectedVersion"],
    ] as const) {
      const error = await acme.admin.refused(query, variables);
      expect([word, error.extensions?.code, JSON.stringify(error).includes(word)]).toEqual([word, "BAD_USER_INPUT", true]);
    }
  });

  test("reports invalid values in the document as well as in variables", async () => {
    for (const [query, word] of [
      ['{ requests(filter: { createdAt: { gt: "yesterday" } }) { totalCount } }', "yesterday"],
      ['{ me { id } requests(filter: { createdAt: { gt: "2026-02-30T00:00:00Z" } }) { totalCount } }', "2026-02-30"],
      [
        `mutation { startWorkflow(input: { definitionKey: "x", data: { a: ${"{ a: ".repeat(35)}1${" }".repeat(35)} } }) { instance { id } } }`,
        "nested",
      ],
    ] as const) {
      const error = await acme.manager.refused(query);
      expect([word, error.extensions?.code, error.message.includes(word)]).toEqual([word, "GRAPHQL_VALIDATION_FAILED", true]);
    }
  });

  test("accepts variables inside a value in the document, and omits those without a value", async () => {
    const query = `mutation ($summary: String!, $estimate: Float, $more: [String!]) {
      createRequest(input: { typeKey: "maintenance", data: { summary: $summary, estimate: $estimate, more: $more } }) { request { workflow { data } } } }`;
    expect(await acme.requester.run(query, { summary: "Lift", estimate: 70 })).toEqual({
      createRequest: { request: { workflow: { data: { summary: "Lift", estimate: 70 } } } },
    });
    const error = await acme.requester.refused(query, { summary: "Lift", estimate: -5 });
    expect([error.extensions?.code, problemsOf(error)]).toEqual(["BAD_USER_INPUT", [aProblem("input.data.estimate", "-5")]]);
  });

  test("rejects nested lists in the document before planning, which would take years, and accepts them as a variable", async () => {
    const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const inDocument = `mutation { startWorkflow(input: { definitionKey: "maintenance-request", data: ${nested(36)} }) { instance { id } } }`;
    expect(await problems(acme.manager, inDocument)).toEqual([aProblem("", "lists", "variables")]);
    const data = JSON.parse(nested(20)) as unknown;
    expect(await problems(acme.manager, startWorkflow, { input: { definitionKey: "maintenance-request", data } })).toEqual([
      aProblem("input.data", "object"),
    ]);
  });

  test("rejects overlong texts without storing them and without an internal error", async () => {
    const long = "x".repeat(300_000);
    const createBuilding = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }";
    expect(await acme.admin.refusal(createBuilding, { input: { code: long, name: "x" } })).toBe("BAD_USER_INPUT");
    expect(await acme.admin.refusal(createBuilding, { input: { code: "A1", name: long } })).toBe("BAD_USER_INPUT");
    expect(await acme.admin.refusal(createBuilding, { input: { code: "A1", name: "x", idempotencyKey: long } })).toBe("BAD_USER_INPUT");
    const { instanceId } = await acme.request("triage");
    expect(await acme.operations.refusal(fireTransition, { input: { instanceId, transition: "reject", comment: long } })).toBe(
      "BAD_USER_INPUT",
    );
    expect(await acme.operations.refusal(fireTransition, { input: { instanceId, transition: long } })).toMatch(
      /BAD_USER_INPUT|TRANSITION_REJECTED/,
    );
  });
});

test("returns the result of a document's first mutation although the second one fails", async () => {
  const createTeams = `mutation { first: createTeam(input: { key: "twins", name: "Twins" }) { team { key } }
    second: createTeam(input: { key: "twins", name: "Twins again" }) { team { key } } }`;
  const { data, errors } = await acme.admin.send(createTeams);
  expect(data).toEqual({ first: { team: { key: "twins" } }, second: null });
  expect(errors?.map(({ path, extensions }) => [path, extensions?.code])).toEqual([[["second"], "BAD_USER_INPUT"]]);
});
