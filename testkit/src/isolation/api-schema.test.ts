import { allSubgraphs } from "@weft/standalone";
import { expect, test } from "vitest";
import { composedApi, rootFieldsOf } from "./api-schema.js";

const types = { query: "Query", mutation: "Mutation", subscription: "Subscription" } as const;
const roots = rootFieldsOf(composedApi());
const namesOf = (some: typeof roots): string[] => some.map(({ kind, name }) => `${types[kind]}.${name}`).toSorted();

test("the tests of authorization know every root field of every subgraph, also those that clients do not see", () => {
  const declared = allSubgraphs().flatMap(({ rules }) =>
    rules.filter(({ type }) => (Object.values(types) as string[]).includes(type)).map(({ type, field }) => `${type}.${field}`),
  );
  expect(namesOf(roots)).toEqual([...new Set(declared)].toSorted());
});

test("only the payloads of subscriptions, and what the routes for SCIM and single sign-on call, are hidden from clients", () => {
  const shown = ["dashboard", "requestEditors", "unreadNotificationCountChanged"];
  const mirrors = roots.filter(({ kind, name }) => kind === "subscription" && !shown.includes(name)).map(({ name }) => `Query.${name}`);
  const routes = ["receiveLogoutToken", "receiveSamlResponse", "receiveSingleSignOn", "sendScimRequest"].map((name) => `Mutation.${name}`);
  expect(namesOf(roots.filter(({ isInternal }) => isInternal))).toEqual([...routes, ...mirrors].toSorted());
  expect(mirrors).toHaveLength(14);
});
