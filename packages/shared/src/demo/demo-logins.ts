/** A demo login, with the information that new users need to choose one. */
export interface DemoLogin {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  /** Name of the organization whose data the user works with. */
  readonly tenant: string;
  /** Slug of the tenant that the user belongs to. */
  readonly tenantSlug: string;
  /** Keys of the user's roles. */
  readonly roles: readonly string[];
  /** Keys of the user's teams. */
  readonly teams: readonly string[];
  /** Code of the vendor that the user works for. Omitted for all other users. */
  readonly vendor?: string;
  /** What the user can do: a phrase that starts in lower case and has no period. */
  readonly can: string;
}

/** Organizations of the demo: the tenant, and the vendor that works for it. */
export const demoTenants = {
  acme: { name: "Acme Corporation", domain: "acme.com", vendor: { code: "NORTHWIND", name: "Northwind Lifts", domain: "northwind.com" } },
  globex: { name: "Globex", domain: "globex.com", vendor: { code: "INITECH", name: "Initech Services", domain: "initech.com" } },
  platform: { name: "Weft demo platform", domain: "weft.example" },
} as const;

type Person = Pick<DemoLogin, "name" | "roles" | "can"> & { readonly login: string; readonly team?: string };

/** Users that both organizations have, in the order in which they are shown. The first one is the administrator. */
const staff: readonly Person[] = [
  { login: "admin", name: "Ada Admin", roles: ["admin"], team: "operations", can: "do everything in the organization" },
  {
    login: "manager",
    name: "Max Manager",
    roles: ["workflow_manager"],
    team: "facilities",
    can: "design workflows, approve, and monitor everything that runs",
  },
  {
    login: "operations",
    name: "Olga Operations",
    roles: ["operations"],
    team: "operations",
    can: "triage and assign requests, maintain buildings and assets",
  },
  {
    login: "requester",
    name: "Rita Requester",
    roles: ["requester"],
    team: "facilities",
    can: "create requests and follow their own",
  },
  { login: "approver", name: "Aron Approver", roles: ["approver"], team: "finance", can: "read all work and approve tasks" },
  { login: "underwriter", name: "Uma Underwriter", roles: ["underwriter"], team: "finance", can: "assess the risk of requests" },
  { login: "credit", name: "Carl Credit", roles: ["credit_team"], team: "finance", can: "check credit" },
  { login: "legal", name: "Lena Legal", roles: ["legal_team"], team: "finance", can: "check contracts and legal questions" },
  {
    login: "technical",
    name: "Timo Technical",
    roles: ["technical_team"],
    team: "facilities",
    can: "check technical questions and do assigned repairs",
  },
  { login: "developer", name: "Dana Developer", roles: ["developer"], can: "write and test workflow definitions" },
  { login: "operator", name: "Otto Operator", roles: ["operator"], can: "start, change, and cancel workflows, and resolve incidents" },
  { login: "viewer", name: "Vera Viewer", roles: ["viewer"], can: "read everything except the audit trail" },
];

/** Users of Acme only: the three departments that many tutorials start with. */
const departments: readonly Person[] = [
  {
    login: "dev",
    name: "Devi Rao",
    roles: ["developer", "technical_team", "requester"],
    team: "engineering",
    can: "write workflow definitions, do technical tasks, and create requests",
  },
  {
    login: "ops",
    name: "Oscar Lindqvist",
    roles: ["operations", "operator"],
    team: "operations",
    can: "triage and assign requests, and start workflows",
  },
  { login: "sales", name: "Sally Mensah", roles: ["requester"], team: "sales", can: "create requests and follow their own" },
];

/**
 * All logins of the demo, in the order in which they are shown. The seed creates them; the README, the startup output and the landing page show them.
 * The passwords are public: only demo mode creates these users, and production refuses to start on a database that contains one of them.
 */
export const demoLogins: readonly DemoLogin[] = [
  ...staffOf("acme", [...staff, ...departments]),
  vendorOf("acme"),
  ...staffOf("globex", staff),
  vendorOf("globex"),
  ...platform(),
];

/** Returns the demo password of a login: the local part of its email address and `123`. */
export function demoPassword(email: string): string {
  return `${email.slice(0, email.indexOf("@"))}123`;
}

function staffOf(slug: "acme" | "globex", people: readonly Person[]): DemoLogin[] {
  return people.map(({ team, ...person }) =>
    loginOf(slug, demoTenants[slug].domain, { ...person, teams: team === undefined ? [] : [team] }),
  );
}

function vendorOf(slug: "acme" | "globex"): DemoLogin {
  const { code, name, domain } = demoTenants[slug].vendor;
  const can = `work on what is assigned to the vendor ${name}, and see nothing else`;
  return { ...loginOf(slug, domain, { login: "tech", name: "Vic Vendor", roles: ["vendor_user"], teams: [], can }), vendor: code };
}

function platform(): DemoLogin[] {
  const { domain } = demoTenants.platform;
  return [
    loginOf("platform", domain, {
      login: "admin",
      name: "Paula Platform",
      roles: ["platform_admin"],
      teams: [],
      can: "manage the operators of this installation",
    }),
    loginOf("platform", domain, {
      login: "operator",
      name: "Oskar Operator",
      roles: ["platform_operator"],
      teams: [],
      can: "manage all tenants, and act inside one for a limited time",
    }),
  ];
}

function loginOf(
  tenantSlug: keyof typeof demoTenants,
  domain: string,
  { login, ...person }: { login: string; name: string; roles: readonly string[]; teams: readonly string[]; can: string },
): DemoLogin {
  const email = `${login}@${domain}`;
  return { email, password: demoPassword(email), tenant: demoTenants[tenantSlug].name, tenantSlug, ...person };
}
