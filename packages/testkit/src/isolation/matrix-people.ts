import { type ShippedRoleKey, shippedRoles } from "@weft/identity";
import type { TestUser } from "../test-user.js";
import type { World } from "./world.js";

/** Somebody who tries everything: a column of the matrix. */
export interface Person {
  readonly name: string;
  /** Null for somebody who is not logged in. */
  readonly user: TestUser | null;
  /** Another session of the same person; without it: with the password. */
  readonly again?: () => Promise<TestUser>;
  /** Of another tenant than the world's. */
  readonly isElsewhere?: true;
  /** Subscriptions that have nothing to tell this person. */
  readonly hearsNothingOf?: readonly string[];
  /** From where; each from elsewhere, so that what is limited per address is not taken for a right. Weft must trust 127.0.0.1 as a proxy. */
  readonly address: string;
}

/** The people of a world, one for each role that every tenant starts with, and nobody. */
export async function everyRole(world: World): Promise<Person[]> {
  const { tenant, admin, operations, requester, vendorUser } = world;
  const there: Partial<Record<ShippedRoleKey, TestUser>> = { admin, operations, requester, vendor_user: vendorUser };
  const people: Omit<Person, "address">[] = [{ name: "logged out", user: null }];
  for (const role of Object.keys(shippedRoles) as ShippedRoleKey[])
    people.push({ name: `\`${role}\``, user: there[role] ?? (await tenant.user(role)) });
  return [...people, ...(await operators(world))].map((person, index) => ({ ...person, address: `10.${index}.0.1` }));
}

/** Who runs the installation: at home, where a customer's things are another tenant's, and acting in the customer's tenant. */
async function operators({ tenant }: World): Promise<Omit<Person, "address">[]> {
  const platform = await tenant.platform();
  const again = () => platform.actAs(tenant);
  return [
    { name: "`platform_admin`", user: platform.tenant.admin, isElsewhere: true },
    { name: "`platform_operator`", user: platform.operator, isElsewhere: true },
    { name: "`platform_viewer`", user: await platform.tenant.user("platform_viewer"), isElsewhere: true },
    { name: "acting operator", user: await again(), again, hearsNothingOf: ["notificationReceived"] },
  ];
}
