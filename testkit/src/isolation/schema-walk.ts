import { entityIdTypes, type IdType } from "@weft/shared/ids";
import { isInterfaceType, isRequiredArgument } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn, isTried } from "../sizes.js";
import { checksums, codesOf, idsWithin } from "./answers.js";
import { callerOf, nestedIdArguments, operationFor, type RootField } from "./api-schema.js";
import { firstOf, toldApart, tryIds, worthTrying, wronglyAnswered } from "./attempts.js";
import { filterCases, listsOf, lookupCases, mutationCaseOf, mutationCases, operatorsQueries, queryArguments } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { actorOf, filtered, filterOf, fittingFilter, inputOf, lookups, mutations, ownIdAt, queries, rootsOf, schema } from "./walk.js";
import { isAtRest, typeOfId, type Fixture } from "./fixture.js";
import { until } from "../until.js";

/** Selects the IDs that the walk tries at a place in the schema. `wanted`: the type that the place accepts, if it accepts only one. */
export type Sample = (place: string, ids: readonly string[], wanted?: IdType) => readonly string[];

/**
 * Declares the tests that walk the composed schema as a user of another tenant. Fields, arguments and entities without a test case fail by name.
 * Each run draws the operations that it tries, a whole run tries all; `sample` decides with how many IDs.
 */
export function walkSchema(sample: Sample): void {
  let tenants: TwoTenants;
  let owner: TwoTenants["owner"];
  let acme: Fixture;
  let globex: Fixture;

  beforeAll(async () => {
    tenants = await startTwoTenants();
    ({ owner, acme, globex } = tenants);
  });

  afterAll(() => tenants.stop());

  test("every argument of a query, and every filter, that takes an ID has a case, and no case is of something that the schema lacks", () => {
    const wanted = Object.fromEntries(
      mutations.map(({ name, idPaths }) => [name, idPaths.map((path) => path.replace(/^input\./, "")).toSorted()]),
    );
    expect(Object.fromEntries(Object.entries(mutationCases).map(([name, { ids }]) => [name, Object.keys(ids).toSorted()]))).toEqual(wanted);
    const arguments_ = [...queries, ...rootsOf("subscription")].flatMap(({ name, idPaths }) =>
      idPaths.filter((path) => !path.startsWith("filter.")).map((path) => `${name}.${path}`),
    );
    expect(Object.keys(lookupCases).toSorted()).toEqual([...new Set(arguments_)].toSorted());
    const filters = filtered.flatMap(({ name, idPaths }) =>
      idPaths.filter((path) => path.startsWith("filter.")).map((path) => filterOf(name, path)),
    );
    expect(Object.keys(filterCases).toSorted()).toEqual([...new Set(filters)].toSorted());
    expect(nestedIdArguments(schema), "teach the walk to try ids in arguments of nested fields").toEqual([]);
  });

  const node = schema.getType("Node");
  /** Types of objects that can be looked up with only their ID. */
  const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => entityIdTypes[name]) : [];
  const allIds = (fixture: Fixture): string[] => [...fixture.ids.values()].flat();

  describe("as Globex, with every id of Acme", () => {
    let before: Record<string, string>;
    beforeAll(async () => {
      // The new logins are sealed.
      await until(() => isAtRest(owner, acme.tenant.id), { what: "Acme is at rest" });
      before = await checksums(owner, acme.tenant.id);
    });
    /** Digests of all tables take as long as all attempts of an operation. The last test finds a change too; a whole run says which operation made it. */
    const expectAcmeUnchangedBy = async ({ name }: RootField) => {
      if (isTried(name, { of: 20 })) expect(await checksums(owner, acme.tenant.id)).toEqual(before);
    };

    test("the checked tables of Acme are those that contain rows", () => {
      expect(Object.keys(before).length).toBeGreaterThan(25);
    });

    test.each(drawn(mutations, { of: 3 }))("$name", async (root) => {
      const given = mutationCaseOf(root.name);
      const actor = await actorOf(tenants.weft, globex, given);
      const variables = inputOf(root, await given.input(globex, actor));
      for (const [path, refusal] of Object.entries(given.ids)) {
        const full = `input.${path}`;
        const own = ownIdAt(globex, root, variables, full);
        if (given.byOperator) {
          const ids = sample(`${root.name} ${path}`, worthTrying([...allIds(acme), ...allIds(globex)], own), typeOfId(firstOf(own)));
          const attempts = await tryIds(globex.admin, root, { path: full, ids, variables });
          expect(new Set(attempts.flatMap(({ answer }) => codesOf(answer)))).toEqual(new Set(["FORBIDDEN"]));
          expect(toldApart(attempts)).toEqual([]);
          continue;
        }
        const ids = sample(`${root.name} ${path}`, worthTrying(allIds(acme), own), typeOfId(firstOf(own)));
        const attempts = await tryIds(actor, root, { path: full, ids, variables });
        const type = typeOfId(firstOf(own));
        const types = [type, ...(given.types?.[path] ?? [])];
        expect(wronglyAnswered(attempts, refusal, (id) => types.includes(typeOfId(id)))).toEqual([]);
        expect(toldApart(attempts)).toEqual([]);
      }
      // Last, because it uses up the input. It also proves that only the ID was wrong with what was refused before.
      const answer = await callerOf(root, actor).send(operationFor(root, 1), variables);
      expect(answer.errors, "a valid input of one's own").toBeUndefined();
      expect(idsWithin(answer, acme)).toEqual([]);
      await expectAcmeUnchangedBy(root);
    });

    test.each(drawn(lookups, { of: 3 }))("$name", async (root) => {
      for (const path of root.idPaths.filter((each) => !each.startsWith("filter."))) {
        const { own, refusal, types = [], with: more } = lookupCases[`${root.name}.${path}`] ?? {};
        const mine = own?.(globex);
        const variables = { ...queryArguments[root.name], ...more?.(globex.admin, globex) };
        const answer = await callerOf(root, globex.admin).send(operationFor(root, 1), { ...variables, [path]: mine });
        expect(answer.errors, "an id of one's own").toBeUndefined();
        const isNode = (id: string) => nodeTypes.includes(typeOfId(id));
        const ids =
          root.name === "node"
            ? [...allIds(acme).filter(isNode), ...worthTrying(allIds(acme), undefined)]
            : worthTrying(allIds(acme), refusal === "null" ? undefined : mine);
        const attempts = await tryIds(globex.admin, root, {
          path,
          ids: sample(`${root.name} ${path}`, ids, refusal === "null" ? undefined : typeOfId(firstOf(mine))),
          variables,
        });
        expect(
          wronglyAnswered(attempts, refusal ?? "object", (id) =>
            refusal === "null" ? isNode(id) : [typeOfId(firstOf(mine)), ...types].includes(typeOfId(id)),
          ),
        ).toEqual([]);
        expect(toldApart(attempts)).toEqual([]);
      }
      await expectAcmeUnchangedBy(root);
    });

    test.each(drawn(filtered, { of: 3 }))("filters of $name", async (root) => {
      // What mutations have caused, such as the sealing of the audit trail, would change lists between two answers.
      await until(() => isAtRest(owner, globex.tenant.id), { what: "Globex is at rest" });
      for (const path of root.idPaths.filter((each) => each.startsWith("filter."))) {
        const attempts = await tryIds(globex.admin, root, {
          path,
          ids: sample(`${root.name} ${path}`, fittingFilter(root, path, allIds(acme))),
          variables: queryArguments[root.name] ?? {},
        });
        expect(toldApart(attempts)).toEqual([]);
        expect(attempts.flatMap(({ answer }) => idsWithin(answer, acme))).toEqual([]);
        expect(attempts.flatMap(({ answer }) => answer.errors ?? [])).toEqual([]);
      }
    });

    test.each(
      drawn(
        queries.filter((root) => !lookups.includes(root) && root.field.args.some(({ name }) => name === "first")),
        { of: 1 },
      ),
    )("the list of $name contains nothing of Acme", async (root) => {
      const answer = await callerOf(root, globex[listsOf[root.name] ?? "admin"]).send(operationFor(root, 2), {
        first: 100,
        ...queryArguments[root.name],
      });
      expect(answer.errors).toBeUndefined();
      // The library of templates belongs to no tenant, and counts of operations have no IDs.
      if (root.name !== "definitionTemplates" && root.name !== "unlistedOperations")
        expect(idsWithin(answer, globex).length).toBeGreaterThan(0);
      expect(idsWithin(answer, acme)).toEqual([]);
    });

    test.each(
      drawn(
        queries.filter((root) => !lookups.includes(root) && root.field.args.every(({ name }) => name !== "first")),
        { of: 1 },
      ),
    )("$name contains nothing of Acme", async (root) => {
      // A link of their own: no other query needs a token.
      const token = root.name === "requestFormByLink" && { token: globex.formLinkToken };
      const answer = await callerOf(root, globex.admin).send(operationFor(root, 2), { ...queryArguments[root.name], ...token });
      expect(answer.errors).toBeUndefined();
      expect(idsWithin(answer, acme)).toEqual([]);
    });

    test("nothing of this has changed a row of Acme", async () => {
      expect(await checksums(owner, acme.tenant.id)).toEqual(before);
    });

    test("cursors of Acme are treated as malformed cursors", async () => {
      const lists = queries.filter(({ field }) => field.args.some(({ name }) => name === "after"));
      // Lists of the parts of an object do not find the object in another tenant.
      const isOfTenant = ({ name, field }: RootField): boolean =>
        field.args.every((argument) => !isRequiredArgument(argument) || queryArguments[name]?.[argument.name] !== undefined);
      for (const root of drawn(lists.filter(isOfTenant), { of: 1 })) {
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
    "refuses $name to every tenant's administrator",
    async (root) => {
      expect(codesOf(await callerOf(root, globex.admin).send(operationFor(root, 2), queryArguments[root.name] ?? {}))).toEqual([
        "FORBIDDEN",
      ]);
    },
  );

  test("none of this leaves unfinished work in the background", async () => {
    await until(async () => (await isAtRest(owner, acme.tenant.id)) && (await isAtRest(owner, globex.tenant.id)), {
      what: "both tenants are at rest",
    });
  });
}
