import { entityIdTypes } from "@weft/shared";
import { isInterfaceType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestUser } from "../test-user.js";
import { checksums, codesOf, idsWithin } from "./answers.js";
import { composedApi, nestedIdArguments, operationFor, type RootField, rootFieldsOf } from "./api-schema.js";
import { firstOf, toldApart, tryIds, worthTrying, wronglyAnswered } from "./attempts.js";
import type { MutationCase } from "./cases.js";
import { filterCases, listsOf, lookupCases, mutationCases, operatorsQueries, queryArguments } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { isAtRest, typeOfId, type World } from "./world.js";
import { until } from "../until.js";

// Walks the schema as it is composed: a field, an argument or an entity that nobody has thought of fails here by name.

const schema = composedApi();
const roots = rootFieldsOf(schema);
const rootsOf = (kind: RootField["kind"]) => roots.filter((root) => root.kind === kind);
const mutations = rootsOf("mutation");
const queries = rootsOf("query").filter(({ name }) => !operatorsQueries.has(name));
const lookups = queries.filter(({ name, idPaths }) => idPaths.some((path) => `${name}.${path}` in lookupCases));

let tenants: TwoTenants;
let owner: TwoTenants["owner"];
let acme: World;
let globex: World;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ owner, acme, globex } = tenants);
});

afterAll(() => tenants.stop());

/** `requests` and `filter.building.eq`: the field of the filter, whatever the operator. */
const filterOf = (name: string, path: string): string => `${name}.${path.slice(0, path.lastIndexOf("."))}`;

test("every mutation and every argument that takes an id has a case", () => {
  const wanted = Object.fromEntries(
    mutations.map(({ name, idPaths }) => [name, idPaths.map((path) => path.replace(/^input\./, "")).toSorted()]),
  );
  expect(Object.fromEntries(Object.entries(mutationCases).map(([name, { ids }]) => [name, Object.keys(ids).toSorted()]))).toEqual(wanted);
  const arguments_ = [...queries, ...rootsOf("subscription")].flatMap(({ name, idPaths }) =>
    idPaths.filter((path) => !path.startsWith("filter.")).map((path) => `${name}.${path}`),
  );
  expect(Object.keys(lookupCases).toSorted()).toEqual([...new Set(arguments_)].toSorted());
  const filters = queries.flatMap(({ name, idPaths }) =>
    idPaths.filter((path) => path.startsWith("filter.")).map((path) => filterOf(name, path)),
  );
  expect(Object.keys(filterCases).toSorted()).toEqual([...new Set(filters)].toSorted());
  expect(nestedIdArguments(schema), "teach the walk to try ids in arguments of nested fields").toEqual([]);
});

const node = schema.getType("Node");
/** The types of ids that can be looked up by their id alone. */
const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => entityIdTypes[name]) : [];
const allIds = (world: World): string[] => [...world.ids.values()].flat();
const at = (variables: Record<string, unknown>, path: string): unknown =>
  path.split(".").reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], variables);
const actorOf = async (world: World, { as, byOperator, inOwnSession, inOwnTenant }: Partial<MutationCase>): Promise<TestUser> => {
  if (byOperator) return (await world.tenant.platform()).operator;
  if (inOwnTenant) return (await tenants.weft.tenant("Passing")).admin;
  const actor = as === undefined ? world.admin : world[as];
  return inOwnSession ? actor.again() : actor;
};
const fittingFilter = (root: RootField, path: string, ids: readonly string[]): string[] =>
  ids.filter((id) => filterCases[filterOf(root.name, path)]?.includes(typeOfId(id)));
const ofTypeOf = (like: unknown, ids: readonly string[]): string[] => ids.filter((id) => typeOfId(id) === typeOfId(firstOf(like)));
const ownIdFor = (world: World, path: string): string | undefined =>
  path.endsWith("teamId") ? world.teamId : path.endsWith("vendorId") ? world.vendorId : undefined;
const inputOf = ({ field }: RootField, input: Record<string, unknown>) => (field.args.length === 0 ? {} : { input });

describe("as Globex, with every id of Acme", () => {
  let before: Record<string, string>;
  beforeAll(async () => {
    before = await checksums(owner, acme.tenant.id);
  });
  const expectAcmeUnchanged = async () => expect(await checksums(owner, acme.tenant.id)).toEqual(before);

  test("the tables of Acme that are watched are those that hold something", () => {
    expect(Object.keys(before).length).toBeGreaterThan(25);
  });

  test.each(mutations)("$name", async (root) => {
    const given = mutationCases[root.name];
    if (given === undefined) throw new Error(`${root.name} has no case: add it to cases.ts.`);
    const actor = await actorOf(globex, given);
    const operation = operationFor(root, 1);
    const first = await actor.send(operation, inputOf(root, await given.input(globex, actor)));
    expect(first.errors, "a valid input of one's own").toBeUndefined();
    expect(idsWithin(first, acme)).toEqual([]);
    if (Object.keys(given.ids).length === 0) return expectAcmeUnchanged();

    // The first has ended his tenant, so another one tries.
    const trier = given.inOwnTenant ? await actorOf(globex, given) : actor;
    const variables = inputOf(root, await given.input(globex, trier));
    for (const [path, refusal] of Object.entries(given.ids)) {
      const full = `input.${path}`;
      if (given.byOperator) {
        const attempts = await tryIds(globex.admin, root, { path: full, ids: [...allIds(acme), ...allIds(globex)], variables });
        expect(new Set(attempts.flatMap(({ answer }) => codesOf(answer)))).toEqual(new Set(["FORBIDDEN"]));
        expect(toldApart(attempts)).toEqual([]);
        continue;
      }
      const own = at(variables, full) ?? ownIdFor(globex, path);
      const attempts = await tryIds(trier, root, { path: full, ids: worthTrying(allIds(acme), own), variables });
      const type = typeOfId(firstOf(own));
      expect(wronglyAnswered(attempts, refusal, (id) => typeOfId(id) === type)).toEqual([]);
      expect(toldApart(attempts)).toEqual([]);
    }
    const second = await trier.send(operation, variables);
    expect(second.errors, "the same input with one's own ids").toBeUndefined();
    await expectAcmeUnchanged();
  });

  test.each(lookups)("$name", async (root) => {
    for (const path of root.idPaths.filter((each) => !each.startsWith("filter."))) {
      const { own, refusal, with: more } = lookupCases[`${root.name}.${path}`] ?? {};
      const mine = own?.(globex);
      const variables = { ...queryArguments[root.name], ...more?.(globex.admin, globex) };
      const answer = await globex.admin.send(operationFor(root, 1), { ...variables, [path]: mine });
      expect(answer.errors, "an id of one's own").toBeUndefined();
      const isNode = (id: string) => nodeTypes.includes(typeOfId(id));
      const ids =
        root.name === "node"
          ? [...allIds(acme).filter(isNode), ...worthTrying(allIds(acme), undefined)]
          : worthTrying(allIds(acme), refusal === "null" ? undefined : mine);
      const attempts = await tryIds(globex.admin, root, { path, ids, variables });
      expect(
        wronglyAnswered(attempts, refusal ?? "object", (id) =>
          refusal === "null" ? isNode(id) : typeOfId(id) === typeOfId(firstOf(mine)),
        ),
      ).toEqual([]);
      expect(toldApart(attempts)).toEqual([]);
    }
    await expectAcmeUnchanged();
  });

  test.each(queries.filter(({ idPaths }) => idPaths.some((path) => path.startsWith("filter."))))("filters of $name", async (root) => {
    for (const path of root.idPaths.filter((each) => each.startsWith("filter."))) {
      const attempts = await tryIds(globex.admin, root, {
        path,
        ids: fittingFilter(root, path, allIds(acme)),
        variables: queryArguments[root.name] ?? {},
      });
      expect(toldApart(attempts)).toEqual([]);
      expect(attempts.flatMap(({ answer }) => idsWithin(answer, acme))).toEqual([]);
      expect(attempts.flatMap(({ answer }) => answer.errors ?? [])).toEqual([]);
    }
  });

  test.each(queries.filter((root) => !lookups.includes(root) && root.field.args.some(({ name }) => name === "first")))(
    "the list of $name holds nothing of Acme",
    async (root) => {
      const answer = await globex[listsOf[root.name] ?? "admin"].send(operationFor(root, 2), { first: 100, ...queryArguments[root.name] });
      expect(answer.errors).toBeUndefined();
      expect(idsWithin(answer, globex).length).toBeGreaterThan(0);
      expect(idsWithin(answer, acme)).toEqual([]);
    },
  );

  test.each(queries.filter((root) => !lookups.includes(root) && root.field.args.every(({ name }) => name !== "first")))(
    "$name holds nothing of Acme",
    async (root) => {
      const answer = await globex.admin.send(operationFor(root, 2), queryArguments[root.name] ?? {});
      expect(answer.errors).toBeUndefined();
      expect(idsWithin(answer, acme)).toEqual([]);
    },
  );

  test("cursors of Acme are broken cursors", async () => {
    for (const root of queries.filter(({ field }) => field.args.some(({ name }) => name === "after"))) {
      const who = listsOf[root.name] ?? "admin";
      const needed = Object.entries(queryArguments[root.name] ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}, `);
      const page = await acme[who].run<Record<string, { pageInfo: { endCursor: string } }>>(
        `{ ${root.name}(${needed.join("")}first: 1) { pageInfo { endCursor } } }`,
      );
      for (const argument of ["after", "before"] as const) {
        const query = `query ($cursor: String) { ${root.name}(${needed.join("")}${argument}: $cursor) { __typename } }`;
        const foreign = await globex[who].send(query, { cursor: page[root.name]?.pageInfo.endCursor });
        expect([root.name, argument, codesOf(foreign)]).toEqual([root.name, argument, ["BAD_USER_INPUT"]]);
      }
    }
  });
});

test.each(rootsOf("query").filter(({ name }) => operatorsQueries.has(name)))(
  "$name is refused to every tenant's administrator",
  async (root) => {
    expect(codesOf(await globex.admin.send(operationFor(root, 2), queryArguments[root.name] ?? {}))).toEqual(["FORBIDDEN"]);
  },
);

describe.each([
  [
    "the requester",
    "requester",
    "hiddenFromRequester",
    [
      "createRequest",
      "updateRequest",
      "submitRequest",
      "cancelRequest",
      "fireTransition",
      "commentOnWorkflow",
      "markNotificationRead",
      "login",
      "refreshSession",
      "updateProfile",
      "registerOrganization",
      "acceptInvitation",
      "requestEmailVerification",
      "verifyEmail",
      "completeTaskByLink",
      "logout",
    ],
  ],
  [
    "the vendor's user",
    "vendorUser",
    "hiddenFromVendor",
    [
      "markNotificationRead",
      "login",
      "refreshSession",
      "updateProfile",
      "registerOrganization",
      "acceptInvitation",
      "requestEmailVerification",
      "verifyEmail",
      "completeTaskByLink",
      "logout",
    ],
  ],
] as const)("as %s of Acme, with hidden ids of the own tenant", (_who, person, hidden, allowed) => {
  const own = async (root: RootField, actor: TestUser): Promise<Record<string, unknown>> => {
    const given = mutationCases[root.name];
    // What needs more rights than the actor has is made by who has them: the input is as valid as it can be.
    const input = (await given?.input(acme, actor).catch(() => undefined)) ?? (await given?.input(acme, await actorOf(acme, given))) ?? {};
    return inputOf(root, input);
  };

  test("the mutations that succeed are those that the role is for", async () => {
    const succeeded: string[] = [];
    for (const root of mutations) {
      const actor = root.name === "logout" ? await acme[person].again() : acme[person];
      const answer = await actor.send(operationFor(root, 1), await own(root, actor));
      if (answer.errors === undefined) succeeded.push(root.name);
      else
        expect([root.name, ...codesOf(answer)]).toEqual([
          root.name,
          expect.stringMatching(/^(FORBIDDEN|NOT_FOUND|TRANSITION_REJECTED|BAD_USER_INPUT)$/),
        ]);
    }
    expect(succeeded.toSorted()).toEqual([...allowed].toSorted());
  });

  test.each(mutations.filter(({ idPaths }) => idPaths.length > 0))("$name", async (root) => {
    const actor = acme[person];
    const variables = await own(root, actor);
    for (const path of root.idPaths) {
      const attempts = await tryIds(actor, root, {
        path,
        ids: ofTypeOf(at(variables, path) ?? ownIdFor(acme, path), acme[hidden]),
        variables,
      });
      expect(attempts.filter(({ answer }) => answer.errors === undefined).map(({ id }) => id)).toEqual([]);
      expect(toldApart(attempts)).toEqual([]);
    }
  });

  test.each(lookups)("$name", async (root) => {
    for (const path of root.idPaths.filter((each) => !each.startsWith("filter."))) {
      const { own: ownId, refusal, with: more } = lookupCases[`${root.name}.${path}`] ?? {};
      const ids =
        root.name === "node"
          ? acme[hidden]
          : refusal === "null"
            ? worthTrying(acme[hidden], undefined)
            : ofTypeOf(ownId?.(acme), acme[hidden]);
      const variables = { ...queryArguments[root.name], ...more?.(acme[person], acme) };
      const attempts = await tryIds(acme[person], root, { path, ids, variables });
      expect(toldApart(attempts)).toEqual([]);
    }
  });

  test.each(queries.filter(({ idPaths }) => idPaths.some((path) => path.startsWith("filter."))))("filters of $name", async (root) => {
    for (const path of root.idPaths.filter((each) => each.startsWith("filter."))) {
      expect(
        toldApart(
          await tryIds(acme[person], root, {
            path,
            ids: fittingFilter(root, path, acme[hidden]),
            variables: queryArguments[root.name] ?? {},
          }),
        ),
      ).toEqual([]);
    }
  });

  test("a filter on what this person must not read is refused, whatever it would find", async () => {
    for (const filter of [
      'role: { eq: "admin" }',
      `team: { in: ["${acme.teamId}"] }`,
      ...(person === "requester" ? [`vendor: { eq: "${acme.vendorId}" }`] : []),
    ]) {
      expect([filter, await acme[person].refusal(`{ users(filter: { not: { ${filter} } }) { totalCount } }`)]).toEqual([
        filter,
        "FORBIDDEN",
      ]);
    }
  });

  test("no query shows what is hidden", async () => {
    for (const root of queries.filter((each) => !lookups.includes(each))) {
      const answer = await acme[person].send(operationFor(root, 2), {
        ...(root.field.args.some(({ name }) => name === "first") && { first: 100 }),
        ...queryArguments[root.name],
      });
      const text = JSON.stringify(answer);
      expect(acme[hidden].filter((id) => text.includes(id.slice(4))).map((id) => `${root.name} shows ${id}`)).toEqual([]);
    }
  });
});

test("nothing of all this is left undone in the background", async () => {
  await until(async () => (await isAtRest(owner, acme.tenant.id)) && (await isAtRest(owner, globex.tenant.id)), {
    what: "both tenants are at rest",
  });
});
