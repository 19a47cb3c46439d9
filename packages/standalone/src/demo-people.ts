import { type DemoLogin, demoLogins, demoTenants } from "@weft/shared";
import { templates } from "./examples.js";

/** An organization of the demo, as the seed makes it. */
export interface DemoOrganization {
  readonly slug: string;
  readonly name: string;
  readonly plan: "FREE" | "PRO" | "ENTERPRISE";
  readonly teams: readonly { key: string; name: string }[];
  /** The administrator first. */
  readonly users: readonly DemoLogin[];
  readonly vendor: { code: string; name: string; categories: readonly string[] };
  /** Keys of the definitions of `examples/definitions` that are published, in this order. */
  readonly definitions: readonly string[];
  readonly buildings: readonly {
    code: string;
    name: string;
    address: string;
    assets: readonly { tag: string; name: string; type: string }[];
  }[];
}

const teams = [
  { key: "facilities", name: "Facilities" },
  { key: "operations", name: "Operations" },
  { key: "finance", name: "Finance" },
];

/** What the story needs. */
const storyDefinitions = ["maintenance-request", "vendor-onboarding", "project"];

function organization(slug: "acme" | "globex", more: Partial<Pick<DemoOrganization, "teams" | "definitions">> = {}): DemoOrganization {
  const { name, vendor } = demoTenants[slug];
  return {
    slug,
    name,
    plan: "ENTERPRISE",
    teams,
    definitions: storyDefinitions,
    users: usersOf(slug),
    vendor: { code: vendor.code, name: vendor.name, categories: ["hvac", "elevators"] },
    buildings: [
      {
        code: "HQ",
        name: `${name} headquarters`,
        address: "1 Main Street",
        assets: [
          { tag: "ELV-1", name: "Elevator, lobby", type: "elevator" },
          { tag: "BLR-1", name: "Boiler", type: "boiler" },
        ],
      },
      {
        code: "WH",
        name: `${name} warehouse`,
        address: "20 Harbour Road",
        assets: [{ tag: "DCK-1", name: "Loading dock door", type: "door" }],
      },
    ],
    ...more,
  };
}

export const demoOrganizations: readonly DemoOrganization[] = [
  organization("acme", {
    teams: [...teams, { key: "engineering", name: "Engineering" }, { key: "sales", name: "Sales" }],
    definitions: templates,
  }),
  organization("globex"),
];

/** The users of a tenant of the demo. */
export function usersOf(tenantSlug: string): DemoLogin[] {
  return demoLogins.filter((login) => login.tenantSlug === tenantSlug);
}
