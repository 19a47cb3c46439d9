import type { DemoArea } from "../area.js";
import { Random } from "../random.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
import { ratings } from "./maintenance-texts.js";

/** What breaks again and again, and how it is repaired. */
const faults = [
  ["A light flickers", "Tube replaced"],
  ["The tap drips", "Seal replaced"],
  ["A door does not close", "Hinge adjusted"],
  ["The radiator stays cold", "Vented"],
  ["The drain is blocked", "Cleared"],
  ["A socket has no power", "Breaker reset, socket replaced"],
  ["The window does not lock", "Handle replaced"],
  ["The detector beeps", "Battery replaced"],
] as const;

type End = "closed" | "rejected" | "cancelled" | "triage";

const ends: readonly (readonly [count: number, end: End])[] = [
  [104, "closed"],
  [14, "rejected"],
  [14, "cancelled"],
  [8, "triage"],
];

/** 140 small requests about equipment, most of them done. */
export const routine: DemoArea = {
  name: "routine requests",
  stories(stage) {
    // Of its own, so that the other stories stay as they are.
    const random = new Random(2);
    const shuffled = random.shuffled(ends.flatMap(([count, end]) => Array.from({ length: count }, () => end)));
    return shuffled.map((end) => smallRequest({ ...stage, random, as: (login) => stage.as(login) }, end));
  },
};

async function* smallRequest(stage: Stage, end: End): Story {
  const { random, assets } = stage;
  const [requester, technician] = [stage.as(random.pick(["requester", "sales", "dev"])), stage.as("technical")];
  const operations = stage.as(random.pick(["operations", "ops"]));
  const [summary, outcome] = random.pick(faults);
  const tag = random.pick([...assets.keys()].filter((one) => /^(HVC|PMP|FIR|LGT|SEN|WTR)-/.test(one)));
  const assetId = assets.get(tag);
  // Air handlers are the vendor's.
  const isForVendor = tag.startsWith("HVC-");
  const by = isForVendor ? stage.as("tech") : technician;
  const days = {
    submit: random.between(0.01, 0.1),
    triage: random.between(0.2, 1),
    work: random.between(0.6, 2),
    close: random.between(0.4, 1),
  };
  let at = end === "triage" ? random.between(0.15, 0.4) : random.between(5, 89);

  yield at;
  const made = await requester.create({
    typeKey: "maintenance",
    data: { summary, estimate: Math.round(random.between(20, 400)) },
    ...(assetId !== undefined && { assetId }),
  });
  yield (at -= days.submit);
  if (end === "cancelled") return requester.cancel(made, "It works again.");
  await requester.submit(made);
  if (end === "triage") return;
  yield (at -= days.triage);
  if (end === "rejected") return operations.complete(made.instanceId, "reject", { comment: "Reported twice; see the other request." });
  await operations.complete(made.instanceId, "approve");
  await operations.assign(made, isForVendor ? { vendorId: stage.vendorId } : { userId: technician.id });
  await by.fire(made.instanceId, "start");
  yield (at -= days.work);
  await by.fire(made.instanceId, "complete", { input: { outcome } });
  yield at - days.close;
  await requester.fire(made.instanceId, "close");
  if (isForVendor) await requester.rate(made, ratingOf(outcome));
}

/** The same for all repairs of a kind, so that the demo is the same on each start. */
function ratingOf(outcome: string): (typeof ratings)[number] {
  const kind = faults.findIndex(([, repair]) => repair === outcome);
  return ratings[1 + (kind % (ratings.length - 1))] ?? ratings[1];
}
