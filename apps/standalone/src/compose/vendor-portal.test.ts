import { composeSupergraph } from "@weft/gateway";
import { authenticated, inherit, staff } from "@weft/api/rules";
import type { Subgraph } from "@weft/api/subgraph";
import { expect, test } from "vitest";
import { vendorPortalOf } from "./vendor-portal.js";

type FieldRule = Subgraph["rules"][number];

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])';
const tag = '@tag(name: "vendor-portal")';

function portalOf(sdl: string, refused: readonly string[] = []): string {
  const rules = refused.map((name): FieldRule => {
    const [type = "", field = ""] = name.split(".");
    return { type, field, rule: staff, class: "guard" };
  });
  const open: FieldRule[] = [
    { type: "Query", field: "jobs", rule: authenticated, class: "shield" },
    { type: "Job", field: "id", rule: inherit, class: "inherit" },
  ];
  const subgraph = { name: "one", sdl: `${link} ${sdl}`, rules: [...open, ...rules] } as unknown as Subgraph;
  return vendorPortalOf(composeSupergraph([subgraph]), [subgraph]).trim();
}

test("the portal has the declared root fields with what they return, and nothing else", () => {
  const sdl = `
    type Query { jobs(filter: JobFilter): [Job!]! ${tag} staffOnly: Staff }
    input JobFilter { state: State }
    enum State { OPEN DONE }
    input Unused { a: Int }
    interface Node { id: ID! }
    type Job implements Node { id: ID! cost: Int owner: Owner }
    type Staff implements Node { id: ID! }
    type Person { name: String }
    type Ledger { total: Int }
    union Owner = Person | Ledger`;
  const portal = portalOf(sdl, ["Job.cost", "Ledger.total"]);
  expect(portal.replaceAll(/\s+/g, " ")).toBe(
    "type Job { id: ID! owner: Owner } input JobFilter { state: State } union Owner = Person type Person { name: String } " +
      "type Query { jobs(filter: JobFilter): [Job!]! } enum State { OPEN DONE }",
  );
});

test("a declared root field that the rules refuse to users of vendors is an error that names it", () => {
  const sdl = `type Query { jobs: Int ${tag} costs: Int ${tag} }`;
  expect(() => portalOf(sdl, ["Query.costs"])).toThrow("The rules refuse fields of the vendor portal to users of vendors: Query.costs.");
});
