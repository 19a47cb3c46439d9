import { type BuiltInRoleKey, builtInRoles } from "@weft/identity";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";

/** A person who tries all operations: a column of the matrix. */
export interface Person {
  readonly name: string;
  /** Null if the person is not logged in. */
  readonly user: TestUser | null;
  /** Opens another session of the same person. Default: logs in with the password. */
  readonly again?: () => Promise<TestUser>;
  /** Returns another person with the same rights. */
  readonly another?: () => Promise<TestUser>;
  /** Whether the person belongs to a different tenant than the fixture's. */
  readonly isElsewhere?: true;
  /** Subscriptions that never have an event for this person. */
  readonly receivesNoEventsOf?: readonly string[];
  /**
   * IP address of the person. Each person has a different one, so that limits per address are not mistaken for missing rights. Weft must trust
   * 127.0.0.1 as a proxy.
   */
  readonly address: string;
}

/** Returns the people of a fixture: a logged-out person, one for each role that every tenant starts with, and the operators. */
export async function everyRole(fixture: Fixture): Promise<Person[]> {
  const { tenant, admin, operations, requester, vendorUser } = fixture;
  const there: Partial<Record<BuiltInRoleKey, TestUser>> = { admin, operations, requester, vendor_user: vendorUser };
  const people: Omit<Person, "address">[] = [{ name: "logged out", user: null }];
  for (const role of Object.keys(builtInRoles) as BuiltInRoleKey[])
    people.push({
      name: `\`${role}\``,
      user: there[role] ?? (await tenant.user(role)),
      another: async () => (role === "vendor_user" ? (await tenant.vendor()).user : tenant.user(role)),
    });
  return [...people, ...(await operators(fixture))].map((person, index) => ({ ...person, address: `10.${index}.0.1` }));
}

/**
 * Returns the operators of the installation: in the platform tenant, for which a customer's objects belong to another tenant, and acting in the
 * customer's tenant.
 */
async function operators({ tenant }: Fixture): Promise<Omit<Person, "address">[]> {
  const platform = await tenant.platform();
  const again = () => platform.actAs(tenant);
  const another = (role: string) => () => platform.tenant.user(role);
  return [
    { name: "`platform_admin`", user: platform.tenant.admin, another: another("platform_admin"), isElsewhere: true },
    { name: "`platform_operator`", user: platform.operator, another: another("platform_operator"), isElsewhere: true },
    {
      name: "`platform_viewer`",
      user: await platform.tenant.user("platform_viewer"),
      another: another("platform_viewer"),
      isElsewhere: true,
    },
    {
      name: "acting operator",
      user: await again(),
      again,
      another: again,
      receivesNoEventsOf: ["notificationReceived", "unreadNotificationCountChanged"],
    },
  ];
}
