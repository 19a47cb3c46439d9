import { type DemoLogin, demoLogins, demoTenants } from "@weft/shared/demo";
import { templates } from "../examples.js";

/** A demo organization, as created by the seed. */
export interface DemoOrganization {
  readonly slug: string;
  readonly name: string;
  readonly plan: "FREE" | "PRO" | "ENTERPRISE";
  readonly teams: readonly { key: string; name: string }[];
  /** The administrator comes first. */
  readonly users: readonly DemoLogin[];
  readonly vendor: { code: string; name: string; categories: readonly string[] };
  /** Keys of the definitions in `examples/definitions` that are published, in this order. */
  readonly definitions: readonly string[];
  /** Whether maintenance requests have service levels, which count by calendars of the organization. */
  readonly hasServiceLevels: boolean;
  readonly buildings: readonly {
    code: string;
    name: string;
    address: string;
    assets: readonly { tag: string; name: string; type: string; meter?: { name: string; unit: string } }[];
  }[];
}

const teams = [
  { key: "facilities", name: "Facilities" },
  { key: "operations", name: "Operations" },
  { key: "finance", name: "Finance" },
];

/** The definitions that the story needs. */
const storyDefinitions = ["maintenance-request", "vendor-onboarding", "inspection", "project"];

function organization(
  slug: "acme" | "globex",
  more: Partial<Pick<DemoOrganization, "teams" | "definitions" | "hasServiceLevels">> = {},
): DemoOrganization {
  const { name, vendor } = demoTenants[slug];
  return {
    slug,
    name,
    plan: "ENTERPRISE",
    teams,
    definitions: storyDefinitions,
    hasServiceLevels: false,
    users: usersOf(slug),
    vendor: { code: vendor.code, name: vendor.name, categories: ["hvac", "elevators"] },
    buildings: [
      {
        code: "HQ",
        name: `${name} headquarters`,
        address: "1 Main Street",
        assets: [
          { tag: "ELV-1", name: "Elevator, lobby", type: "elevator" },
          { tag: "BLR-1", name: "Boiler", type: "boiler", meter: { name: "Boiler, operating hours", unit: "h" } },
        ],
      },
      {
        code: "WH",
        name: `${name} warehouse`,
        address: "20 Harbor Road",
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
    hasServiceLevels: true,
  }),
  organization("globex"),
];

/** Returns the users of a demo tenant. */
export function usersOf(tenantSlug: string): DemoLogin[] {
  return demoLogins.filter((login) => login.tenantSlug === tenantSlug);
}
