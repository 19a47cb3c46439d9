import { templates } from "./examples.js";

/** Where the demo organisations live and who works there. In demo mode only: production refuses to start on a database that has one of them. */
export interface DemoUser {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  /** Code of the vendor that the user belongs to. */
  readonly vendor?: string;
}

export interface DemoOrganization {
  readonly slug: string;
  readonly name: string;
  readonly domain: string;
  readonly plan: "FREE" | "PRO" | "ENTERPRISE";
  readonly teams: readonly { key: string; name: string }[];
  readonly users: readonly DemoUser[];
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

/** The same people in each organisation, under its own domain. The password of `anna@…` is `anna123`. */
function people(domain: string, vendorDomain: string, vendor: string): DemoUser[] {
  const user = (login: string, name: string, roles: string[], team?: string): DemoUser => ({
    login: `${login}@${domain}`,
    name,
    roles,
    teams: team === undefined ? [] : [team],
  });
  return [
    user("admin", "Ada Admin", ["admin"], "operations"),
    user("manager", "Max Manager", ["workflow_manager"], "facilities"),
    user("operations", "Olga Operations", ["operations"], "operations"),
    user("requester", "Rita Requester", ["requester"], "facilities"),
    user("approver", "Aron Approver", ["approver"], "finance"),
    user("underwriter", "Uma Underwriter", ["underwriter"], "finance"),
    user("credit", "Carl Credit", ["credit_team"], "finance"),
    user("legal", "Lena Legal", ["legal_team"], "finance"),
    user("technical", "Timo Technical", ["technical_team"], "facilities"),
    user("developer", "Dana Developer", ["developer"]),
    user("operator", "Otto Operator", ["operator"]),
    user("viewer", "Vera Viewer", ["viewer"]),
    { login: `tech@${vendorDomain}`, name: "Vic Vendor", roles: ["vendor_user"], teams: [], vendor },
  ];
}

/** What the story needs. */
const storyDefinitions = ["maintenance-request", "vendor-onboarding", "project"];

function organization(
  slug: string,
  name: string,
  domain: string,
  vendor: { code: string; name: string; domain: string },
  definitions: readonly string[] = storyDefinitions,
): DemoOrganization {
  return {
    slug,
    name,
    domain,
    definitions,
    plan: "ENTERPRISE",
    teams,
    users: people(domain, vendor.domain, vendor.code),
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
  };
}

export const demoOrganizations: readonly DemoOrganization[] = [
  organization("acme", "Acme Corporation", "acme.com", { code: "NORTHWIND", name: "Northwind Lifts", domain: "northwind.com" }, templates),
  organization("globex", "Globex", "globex.com", { code: "INITECH", name: "Initech Services", domain: "initech.com" }),
];

/** Those who run the demo installation, in its platform tenant. */
export const demoPlatform = {
  name: "Weft demo platform",
  admin: { login: "admin@weft.example", name: "Paula Platform" },
  operator: { login: "operator@weft.example", name: "Oskar Operator" },
} as const;

/** The demo password of a login: its local part and `123`. */
export const demoPassword = (login: string): string => `${login.slice(0, login.indexOf("@"))}123`;
