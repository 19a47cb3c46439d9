import { tenantWidePermissions } from "@weft/identity";
import { expect, test } from "vitest";
import { allSubgraphs } from "../subgraphs.js";
import { permissionsPage } from "./permissions-page.js";

const subgraphs = allSubgraphs();
const rootRules = subgraphs
  .flatMap(({ rules }) => rules)
  .filter(({ type }) => ["Query", "Mutation", "Subscription"].includes(type))
  .map(({ rule }) => rule.label);
const askedFor = (pattern: RegExp) =>
  new Set(rootRules.flatMap((label) => [...label.matchAll(pattern)].map(([, permission = ""]) => permission)));

test("what explains access knows which permissions open something in scope TENANT alone", () => {
  const anywhere = askedFor(/\bcan\(([\w.]+)\)/g);
  // Reading is asked for in scope TENANT by lists that show everybody's; beside them stand the reads of single objects.
  const inTenantAlone = [...askedFor(/\bcanInTenant\(([\w.]+)\)/g)].filter((permission) => !anywhere.has(permission));
  expect([...tenantWidePermissions].toSorted()).toEqual(inTenantAlone.toSorted());
});

test("the page has every operation, and says yes where the rule does", () => {
  const page = permissionsPage(subgraphs);
  for (const { type, field } of subgraphs.flatMap(({ rules }) => rules))
    if (type === "Query" || type === "Mutation" || type === "Subscription") expect(page).toContain(`| \`${field}\` |`);
  expect(page).toMatch(/\| `login` \| `anyone` \| yes \|/);
  expect(page).toMatch(/\| `createRole` \| `canInTenant\(role.update\)` \| {2}\| yes \|( {2}\|){12} yes \|( {2}\|){2}$/m);
});
