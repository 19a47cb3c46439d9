import { mutationsOfRuns, personalQueries } from "@weft/api/step-operations";
import { describeRules, type Subgraph } from "@weft/api/subgraph";
import { builtInRoles } from "@weft/identity";
import { Kind, parse } from "graphql";
import { expect, test, vi } from "vitest";
import { forPeople } from "./operations-for-people.fixture.js";
import { harmless, namesIn, risky } from "./recent-logins.fixture.js";
import { viewerWith } from "./role-viewer.js";

const load = {
  identity: async () => (await import("@weft/identity")).identitySubgraph(),
  workflows: async () => (await import("@weft/workflows")).workflowsSubgraph(),
  requests: async () => (await import("@weft/requests")).requestsSubgraph(),
  vendors: async () => (await import("@weft/vendors")).vendorsSubgraph(),
  audit: async () => (await import("@weft/audit")).auditSubgraph(),
};

/** As in a new process: evaluates the modules again, and discards what type-graphql has collected. */
async function alone(name: keyof typeof load): Promise<Subgraph> {
  vi.resetModules();
  delete (globalThis as { TypeGraphQLMetadataStorage?: unknown }).TypeGraphQLMetadataStorage;
  return load[name]();
}

test("the five subgraphs are the same whether they are built in one process, in any order, or separately", { tags: "slow" }, async () => {
  const names = Object.keys(load) as (keyof typeof load)[];
  const separately = new Map<string, { sdl: string; rules: string }>();
  for (const name of names) {
    const subgraph = await alone(name);
    separately.set(subgraph.name, { sdl: subgraph.sdl, rules: describeRules(subgraph) });
  }
  for (const order of [names, names.toReversed()]) {
    await alone("vendors");
    for (const name of order) {
      const subgraph = await load[name]();
      expect(subgraph.sdl).toBe(separately.get(name)?.sdl);
      expect(describeRules(subgraph)).toBe(separately.get(name)?.rules);
    }
  }
});

/** Everything that a session can do while its user must enrol a second factor, apart from what needs no login. */
const open = [
  "Query.me",
  "Query.secondFactors",
  "Mutation.confirmTotp",
  "Mutation.removeTotp",
  "Mutation.enrolTotp",
  "Mutation.logout",
  "Mutation.reauthenticate",
  "Mutation.regenerateRecoveryCodes",
  "Mutation.registerPasskey",
  "Mutation.removePasskey",
  "Mutation.renamePasskey",
  "Mutation.startPasskeyAssertion",
  "Mutation.startPasskeyRegistration",
];

const roots = new Set(["Query", "Mutation", "Subscription"]);

test("every mutation either requires a recent login or has a reason not to, and its description says so", { tags: "slow" }, async () => {
  const subgraphs = await Promise.all(Object.values(load).map((each) => each()));
  const rules = subgraphs.flatMap((subgraph) => subgraph.rules);
  const mutations = rules.filter(({ type }) => type === "Mutation").map(({ field }) => field);
  // A new mutation fails here until it is in one of the groups.
  expect([...namesIn(risky), ...namesIn(harmless)].toSorted()).toEqual(mutations.toSorted());
  const declared = rules.filter(({ needsRecentLogin }) => needsRecentLogin).map(({ field }) => field);
  expect(declared.toSorted()).toEqual(namesIn(risky).toSorted());
  const described = subgraphs.flatMap(({ sdl }) =>
    parse(sdl).definitions.flatMap((each) =>
      (each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.OBJECT_TYPE_EXTENSION) && each.name.value === "Mutation"
        ? (each.fields ?? [])
        : [],
    ),
  );
  const naming = described.filter(({ description }) => description?.value.includes("Errors: REAUTH_REQUIRED"));
  expect(naming.map(({ name }) => name.value).toSorted()).toEqual(declared.toSorted());
});

test(
  "every mutation is decided to be for runs or for people, and runs have none that requires a recent login or a person",
  { tags: "slow" },
  async () => {
    const subgraphs = await Promise.all(Object.values(load).map((each) => each()));
    const rules = subgraphs.flatMap((subgraph) => subgraph.rules);
    const mutations = rules.filter(({ type }) => type === "Mutation");
    // A new mutation fails here until it is in one of the lists.
    expect([...mutationsOfRuns, ...namesIn(risky), ...namesIn(forPeople)].toSorted()).toEqual(
      mutations.map(({ field }) => field).toSorted(),
    );
    const unfit = mutations.filter(
      ({ field, needsRecentLogin, rule }) =>
        mutationsOfRuns.has(field) && (needsRecentLogin || /inPerson|ownLogin|anyone/.test(rule.kind === "inherit" ? "" : rule.label)),
    );
    expect(unfit.map(({ field }) => field)).toEqual([]);
  },
);

test("queries without a permission are decided to be usable by runs or not", { tags: "slow" }, async () => {
  const subgraphs = await Promise.all(Object.values(load).map((each) => each()));
  const queries = subgraphs.flatMap(({ rules }) => rules).filter(({ type }) => type === "Query");
  const open = queries.filter(({ rule }) => rule.kind === "inherit" || !/can\(|canInTenant\(/.test(rule.label)).map(({ field }) => field);
  expect(open.filter((field) => !personalQueries.has(field)).toSorted()).toEqual(queriesOfRuns.toSorted());
  expect(
    queries.filter(({ needsRecentLogin, field }) => needsRecentLogin && !personalQueries.has(field)).map(({ field }) => field),
  ).toEqual([]);
  const known = new Set(queries.map(({ field }) => field));
  expect([...personalQueries].filter((field) => !known.has(field))).toEqual([]);
});

/** Queries that no permission guards, and that show nothing of the user's own. */
const queriesOfRuns = [
  "configurationSchema",
  "configurationChanged",
  "customFieldSchemas",
  "effectiveConfiguration",
  "explainAccess",
  "liveCursor",
  "loginMethods",
  "node",
  "nodes",
  "permissions",
  "requestFormByLink",
  "samlMetadata",
  "taskByLink",
  "tenant",
];

test("a session whose user must enrol a second factor is refused by every other rule", { tags: "slow" }, async () => {
  const subgraphs = await Promise.all(Object.values(load).map((each) => each()));
  const viewer = { ...viewerWith(builtInRoles.admin), isRestricted: true };
  const rows = subgraphs.flatMap(({ rules }) => rules).filter(({ type, rule }) => roots.has(type) && rule.kind !== "inherit");
  expect(rows.length).toBeGreaterThan(400);
  const allowed = await Promise.all(
    rows.map(async ({ type, field, rule }) => {
      if (rule.kind === "inherit" || (rule.kind === "viewer" && rule.decide(null) === true)) return [];
      const decision = rule.kind === "viewer" ? rule.decide(viewer) : await rule.check({}, {}, { maybeViewer: viewer });
      if (decision !== true) expect([type, field, decision.code]).toEqual([type, field, "MFA_REQUIRED"]);
      return decision === true ? [`${type}.${field}`] : [];
    }),
  );
  expect(allowed.flat().toSorted()).toEqual(open.toSorted());
});
