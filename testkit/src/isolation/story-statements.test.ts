import { loadExampleOperations } from "@weft/standalone";
import { type FieldNode, type OperationDefinitionNode, parse, print } from "graphql";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { until } from "../until.js";
import { draftRequest, isAtRest } from "./fixture.js";

let weft: SharedWeft;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await owner.end();
});

/** Returns a query with the selection of the example, for a page of requests. */
async function storyOfMany(): Promise<string> {
  const source = (await loadExampleOperations()).find(({ name }) => name === "request-story")?.source ?? "";
  const [field] = (parse(source).definitions[0] as OperationDefinitionNode).selectionSet.selections as FieldNode[];
  return `query Stories($first: Int!) { requests(first: $first) { edges { node ${print(field?.selectionSet as never)} } } }`;
}

test(
  "one query through all five subgraphs runs the same number of statements for one request and for fifty",
  { tags: "slow", timeout: 60_000 },
  async () => {
    const tenant = await weft.tenant();
    const { buildingId, assetId } = await tenant.maintenance();
    const [operations, vendor, teamId] = [await tenant.user("operations"), await tenant.vendor(), await tenant.team("facilities")];
    const requesters = await Promise.all([tenant.user("requester"), tenant.user("requester"), tenant.user("requester")]);
    // Requests of several people, with and without places, assigned to users, teams and vendors: data that fifty requests could load separately.
    const assignees = [{ vendorId: vendor.id }, { userId: operations.id }, { teamId }];
    const assign =
      "mutation ($id: ID!, $assignee: AssigneeInput) { assignRequest(input: { id: $id, assignee: $assignee }) { request { id } } }";
    await Promise.all(
      requesters.map(async (requester, at) => {
        for (let made = 0; made < 17; made++) {
          const { requestId } = await draftRequest(requester, made % 2 === 0 ? { buildingId, assetId } : {});
          await operations.run(assign, { id: requestId, assignee: assignees[(made + at) % 3] });
        }
      }),
    );
    // The newest request, which is the only one on the page of one, has every kind of data that the others have.
    const [requester] = requesters;
    const { requestId } = await draftRequest(requester, { buildingId, assetId });
    await operations.run(assign, { id: requestId, assignee: { vendorId: vendor.id } });
    await until(() => isAtRest(owner, tenant.id), { what: "nothing is left to do in the background" });

    const query = await storyOfMany();
    const statementsFor = async (first: number): Promise<string[]> => {
      let answer: { requests: { edges: { node: { auditTrail: { edges: unknown[] }; workflow: { history: unknown[] } } }[] } } | undefined;
      const statements = await weft.statements(async () => {
        answer = await tenant.admin.run(query, { first });
      });
      expect(answer?.requests.edges).toHaveLength(first);
      expect(answer?.requests.edges.every(({ node }) => node.auditTrail.edges.length > 1 && node.workflow.history.length > 1)).toBe(true);
      return statements.map((text) => /\/\* (\w+) \*\//.exec(text)?.[1] ?? text).toSorted();
    };
    const one = await statementsFor(1);
    expect(await statementsFor(50)).toEqual(one);
    expect(one).toMatchInlineSnapshot(`
    [
      "findBuildings",
      "findRequestTypes",
      "findTrails",
      "findVendorsByIds",
      "findVisibleUsersByIds",
      "findVisibleUsersByIds",
      "findVisibleUsersByIds",
      "listRequests",
      "selectHistory",
      "selectInstances",
      "selectInternalComments",
    ]
  `);
  },
);
