import {
  type Allow,
  assignInstance,
  actorOf,
  findPublishedMachine,
  type InstanceHead,
  type JsonObject,
  type Machine,
  startInstance,
} from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { VendorRow } from "./vendor.store.js";

/** Key of the definition of onboardings. An onboarding uses the version that is the newest published one when it starts. */
const definitionKey = "vendor-onboarding";

type OnboardedVendor = Pick<VendorRow, "id" | "code" | "name" | "email" | "phone" | "categories">;

/** Properties that the workflow starts with, if the definition's data has them. */
const dataOf = ({ code, name, email, phone, categories }: OnboardedVendor): JsonObject => ({
  vendorName: name,
  vendorCode: code,
  categories,
  ...(email !== null && { contactEmail: email }),
  ...(phone !== null && { contactPhone: phone }),
});

export interface Writer {
  readonly viewer: Viewer;
  readonly meta: WriteMeta;
}

/**
 * Returns the published definition of onboardings.
 * @param path of the input that asks for the onboarding
 * @param known names of the properties that the workflow can start with
 * @throws BadUserInput if it is not published, or requires data that vendors do not have
 */
async function getOnboardingMachine(tx: Tx, tenantId: string, path: string, known: readonly string[]): Promise<Machine> {
  const machine = await findPublishedMachine(tx, tenantId, definitionKey);
  if (machine === null) {
    const message = `Onboardings need the definition "${definitionKey}", which is not published. Publish it, or create the vendor as active.`;
    throw new BadUserInput([{ path, message }]);
  }
  const missing = machine.data.root.required.filter((name) => !known.includes(name));
  if (missing.length > 0) {
    const message = `The definition "${definitionKey}" requires ${missing.join(", ")}. Onboardings start only with ${known.join(", ")}.`;
    throw new BadUserInput([{ path, message }]);
  }
  return machine;
}

/** @throws BadUserInput if vendors that register themselves, with an email address, could not start an onboarding */
export async function assertOnboardingIsPossible(tx: Tx, tenantId: string, path: string): Promise<void> {
  await getOnboardingMachine(tx, tenantId, path, ["vendorName", "vendorCode", "categories", "contactEmail"]);
}

const isForAssignee = (allow: Allow): boolean => allow.assignee || [...allow.any, ...allow.all].some(isForAssignee);

/**
 * Whether the definition lets the assignee continue, so that vendors can fill in the onboarding themselves. Automatic transitions can have left the
 * initial state, or ended the instance.
 */
const isForVendors = ({ states }: Machine, { state, status }: InstanceHead): boolean =>
  status === "RUNNING" && [...(states.get(state)?.transitions.values() ?? [])].some(({ allow }) => allow !== null && isForAssignee(allow));

/** A started onboarding. */
interface Onboarding {
  readonly instanceId: string;
  readonly isForVendors: boolean;
}

/**
 * Starts the onboarding of a vendor, which the transaction inserts or updates afterwards. When the workflow ends, a trigger sets the vendor's status.
 * @param path of the input that asks for the onboarding
 * @throws BadUserInput if the definition is not published, or requires data that vendors do not have
 */
export async function startOnboarding(tx: Tx, { viewer, meta }: Writer, vendor: OnboardedVendor, path: string): Promise<Onboarding> {
  const known = dataOf(vendor);
  const machine = await getOnboardingMachine(tx, viewer.tenantId, path, Object.keys(known));
  const data = Object.fromEntries(Object.entries(known).filter(([name]) => machine.data.root.properties.has(name)));
  const subject = { type: "vendor", id: vendor.id } as const;
  const instance = await startInstance(tx, meta, { definitionKey, data, ownerId: viewer.userId, subject, actor: actorOf(viewer) });
  return { instanceId: instance.id, isForVendors: isForVendors(machine, instance) };
}

/**
 * Gives the onboarding to a vendor that registered itself, if its definition is for that. The vendor's users see it from then on, and submit it. Call it
 * after the vendor was written.
 */
export async function giveOnboarding(
  tx: Tx,
  meta: WriteMeta,
  { id, registrationMethod }: Pick<VendorRow, "id" | "registrationMethod">,
  { instanceId, isForVendors: isGiven }: Onboarding,
): Promise<void> {
  if (registrationMethod !== null && isGiven) await assignInstance(tx, meta, { id: instanceId, principal: { type: "VENDOR", id } });
}
