import { type DemoLogin, demoLogins } from "@weft/shared/demo";
import type { ApiClient } from "../api-client.js";
import type { Actor, MadeRequest } from "./actor.js";
import { comment, offer, triage, watch } from "./collaboration.js";
import { dateIn } from "./dates.js";
import { logIn } from "./stage.js";

interface Globex {
  readonly as: (login: string) => Actor;
  readonly vendorId: string;
  readonly headquarters: string;
}

/**
 * Gives Globex, which has no history, some open requests: something to look at in each list, and room for one's own work. Does nothing if it has
 * requests already. `api` is an anonymous client.
 */
export async function furnishGlobex(api: ApiClient): Promise<void> {
  const actors = new Map<string, Actor>();
  for (const login of demoLogins.filter(({ tenantSlug }) => tenantSlug === "globex"))
    if (isNeeded(login)) actors.set(nameOf(login), await logIn(api, login));
  const as = (login: string): Actor => actors.get(login) ?? missing(login);
  const { requests, vendors, buildings } = await as("operations").api.run<{
    requests: { totalCount: number };
    vendors: { edges: { node: { id: string } }[] };
    buildings: { edges: { node: { id: string } }[] };
  }>(
    `query DemoGlobex { requests { totalCount } vendors(first: 1) { edges { node { id } } }
      buildings(filter: { code: { eq: "HQ" } }, first: 1) { edges { node { id } } } }`,
  );
  const [vendorId, headquarters] = [vendors.edges[0]?.node.id, buildings.edges[0]?.node.id];
  if (requests.totalCount > 0 || vendorId === undefined || headquarters === undefined) return;
  await createRequests({ as, vendorId, headquarters });
  await addDocument(as("tech"), vendorId);
}

const nameOf = ({ email }: DemoLogin): string => email.slice(0, email.indexOf("@"));
const isNeeded = (login: DemoLogin): boolean => ["operations", "requester", "manager", "technical", "tech"].includes(nameOf(login));

function missing(login: string): never {
  throw new Error(`The demo has no user ${login} of Globex.`);
}

async function createRequests({ as, vendorId, headquarters }: Globex): Promise<void> {
  const [requester, operations, technician, manager, vendor] = ["requester", "operations", "technical", "manager", "tech"].map(as) as [
    Actor,
    Actor,
    Actor,
    Actor,
    Actor,
  ];
  const report = async (summary: string, estimate: number): Promise<MadeRequest> => {
    const made = await requester.create({ typeKey: "maintenance", data: { summary, estimate }, buildingId: headquarters });
    await requester.submit(made);
    return made;
  };

  const leak = await report("Water drips from the ceiling of the print room", 900);
  await triage(operations, leak, { impact: "MEDIUM", urgency: "HIGH", tags: ["water"] });
  await comment(requester, leak, { text: "There is a bucket under it. It fills up in about two hours." });
  await comment(operations, leak, {
    audience: "INTERNAL",
    text: "The bathroom above was renovated last month. Please look at the new drain first.",
    mentions: [technician],
  });
  await watch(manager, leak);

  const cooling = await report("Cold store is three degrees too warm", 7_400);
  await triage(operations, cooling, { priority: "URGENT", dueAt: new Date(Date.now() + 86_400_000).toISOString(), tags: ["cooling"] });
  await operations.complete(cooling.instanceId, "escalate");
  await comment(operations, cooling, { text: "We need a decision today: the goods for Friday are in there.", mentions: [manager] });
  await offer(operations, cooling, {
    vendorId,
    expiresInMinutes: 1_440,
    title: "Compressor of a cold store",
    category: "hvac",
    note: "The store can be emptied after 6 p.m.",
  });

  const elevator = await report("Elevator announces the wrong floor", 350);
  await operations.complete(elevator.instanceId, "approve");
  await operations.assign(elevator, { vendorId });
  await vendor.fire(elevator.instanceId, "start");
  await comment(vendor, elevator, {
    text: "The announcements were swapped when the memory card was replaced. We bring a new card tomorrow.",
  });

  const lamp = await report("Lamp in the parking garage stays on all day", 120);
  await triage(operations, lamp, { priority: "LOW" });
  await operations.complete(lamp.instanceId, "approve");
  await operations.assign(lamp, { userId: technician.id });

  const lock = await report("Lock of the first aid room jams", 80);
  await operations.complete(lock.instanceId, "approve");
  await operations.assign(lock, { userId: technician.id });
  await technician.fire(lock.instanceId, "start");
  await technician.fire(lock.instanceId, "complete", { input: { outcome: "Cylinder replaced, two new keys at reception" } });
}

async function addDocument(vendor: Actor, vendorId: string): Promise<void> {
  const validUntil = dateIn(18);
  const fileId = await vendor.api.upload("IN-0419.txt", `Liability insurance IN-0419\nValid until ${validUntil}\n`);
  await vendor.write("mutation DemoDocument($input: AddVendorDocumentInput!) { addVendorDocument(input: $input) { document { id } } }", {
    input: { vendorId, fileId, kind: "INSURANCE", title: "Liability insurance", number: "IN-0419", issuedOn: dateIn(-347), validUntil },
  });
}
