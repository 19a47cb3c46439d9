import { gatewayOnlyElements } from "@weft/gateway";
import { tenantWidePermissions } from "@weft/identity";
import { expect, test } from "vitest";
import { allSubgraphs } from "../subgraphs.js";
import { supergraphOf } from "../supergraph.js";
import { answeredOperations } from "./answered.js";
import { operationsPage } from "./permissions-page.js";

const subgraphs = allSubgraphs();
const rootRules = subgraphs
  .flatMap(({ rules }) => rules)
  .filter(({ type }) => ["Query", "Mutation", "Subscription"].includes(type))
  .map(({ rule }) => rule.label);
const askedFor = (pattern: RegExp) =>
  new Set(rootRules.flatMap((label) => [...label.matchAll(pattern)].map(([, permission = ""]) => permission)));

test("the access explanation knows which permissions grant something only in scope TENANT", () => {
  const anywhere = askedFor(/\bcan\(([\w.]+)\)/g);
  // Lists that show all objects require the read permission in the scope TENANT. Single objects can also be read in other scopes.
  const inTenantAlone = [...askedFor(/\bcanInTenant\(([\w.]+)\)/g)].filter((permission) => !anywhere.has(permission));
  // Asked for by what a definition or an agent contains, and so by services, and by the gateway.
  const inServices = ["secret.use", "application.explore", "schema.read"];
  expect([...tenantWidePermissions].toSorted()).toEqual([...inTenantAlone, ...inServices].toSorted());
});

const hidden = gatewayOnlyElements(supergraphOf(subgraphs)).fields;

test("the page lists every operation of clients, and says yes where the rule allows it", { tags: "slow" }, () => {
  const page = operationsPage(subgraphs, hidden);
  for (const { type, field } of subgraphs.flatMap(({ rules }) => rules))
    if ((type === "Query" || type === "Mutation" || type === "Subscription") && !hidden.has(`${type}.${field}`))
      expect(page).toContain(`| \`${field}\` |`);
  expect(page).toMatch(/\| `login` \| `anyone` \| yes \|/);
  expect(page).toMatch(/\| `createRole` \| `canInTenant\(role.update\)`, recent login \| {2}\| yes \|( {2}\|){12} yes \|( {2}\|){2}$/m);
});

test("the tables of what is allowed and of what was answered have no operation that only the gateway calls", { tags: "slow" }, () => {
  for (const tables of [operationsPage(subgraphs, hidden), answeredOperations(hidden)]) {
    for (const name of ["sendScimRequest", "receiveSingleSignOn"]) expect(tables).not.toContain(`| \`${name}\` |`);
    const rows = (name: string): number => tables.split(`| \`${name}\` |`).length - 1;
    // A subscription, and a query that shows the present in addition.
    expect([rows("taskChanged"), rows("dashboard")]).toEqual([1, 2]);
  }
});
