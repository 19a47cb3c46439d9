import type { Actor, MadeRequest } from "../actor.js";
import { acceptOffer, answer, ask, comment, declineOffer, link, offer, setDeadline, triage, watch } from "../collaboration.js";
import type { Stage } from "../stage.js";
import { thermalImage } from "../thermal-image.js";
import type { Story } from "../timeline.js";

/** A request on its way, and the people who work on it. */
export interface Course {
  /** Days before today of its last step. */
  at: number;
  readonly made: MadeRequest;
  readonly requester: Actor;
  readonly operations: Actor;
  /** The other requests, by their summary. Those that do not exist yet are absent. */
  readonly others: ReadonlyMap<string, MadeRequest>;
}

type Talk = (course: Course, stage: Stage) => Story;

/** Moves to a later moment, which is closer to today by this share. */
const after = (course: Course, share: number): number => (course.at *= 1 - share);

/** Sets deadlines today, which a request that has just been reported has, too. */
const hoursIn = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

async function relate(course: Course, kind: "BLOCKS" | "RELATES_TO", summary: string): Promise<void> {
  const other = course.others.get(summary);
  if (other) await link(course.operations, course.made, kind, other);
}

async function* serverRoom(course: Course, stage: Stage): Story {
  const { made, requester, operations } = course;
  const [technician, manager] = [stage.as("technical"), stage.as("manager")];
  yield after(course, 0.2);
  await triage(operations, made, { impact: "HIGH", urgency: "HIGH", dueAt: hoursIn(30), tags: ["cooling", "it"] });
  await watch(manager, made);
  await watch(stage.as("approver"), made);
  await comment(operations, made, {
    audience: "INTERNAL",
    text: "The same unit failed in spring. Before we pay for it again I want to know whether it is too small for the new racks.",
    mentions: [technician, manager],
  });
  yield after(course, 0.3);
  const picture = await technician.api.upload(
    "server-room-noon.png",
    thermalImage([
      { x: 0.28, y: 0.42, size: 0.13, heat: 0.85 },
      { x: 0.5, y: 0.4, size: 0.12, heat: 0.7 },
      { x: 0.74, y: 0.5, size: 0.16, heat: 0.35 },
    ]),
    "image/png",
  );
  const log = await technician.api.upload(
    "temperatures.csv",
    "time,rack 1,rack 2,rack 3\n09:00,22.4,22.1,21.8\n11:00,25.9,24.8,23.0\n12:00,31.2,29.7,25.4\n13:00,34.6,32.9,27.1\n",
    "text/csv",
  );
  await comment(technician, made, {
    audience: "INTERNAL",
    text: "Racks 1 and 2 reach 34 °C at one o’clock, picture and readings attached. One compressor is enough in the morning and too weak at noon: a second one, not a repair.",
    mentions: [manager],
    files: [picture, log],
  });
  yield after(course, 0.4);
  await comment(requester, made, { text: "Two customers have asked why the portal is slow at lunch. What can I tell them?" });
  await comment(operations, made, {
    text: "That we run on half the servers until the cooling is repaired. A decision is due tomorrow.",
    mentions: [requester],
  });
  await offer(operations, made, {
    vendorId: stage.vendorId,
    expiresInMinutes: 2_880,
    title: "Second compressor for the cooling of the server room",
    category: "hvac",
    note: "The room can only be entered together with our technician. Please say when you can start.",
  });
}

async function* forklifts(course: Course, stage: Stage): Story {
  const { made, requester, operations } = course;
  yield after(course, 0.2);
  await triage(operations, made, { priority: "HIGH", tags: ["warehouse", "electrical"] });
  await offer(operations, made, {
    vendorId: stage.vendorId,
    expiresInMinutes: 60,
    title: "Dedicated circuit for a charging station",
    category: "electrical",
    note: "The night shift needs the station, so please answer within the hour.",
  });
  yield after(course, 0.5);
  await comment(requester, made, { text: "We charge two at a time now. With three the breaker trips at once." });
}

async function* dockDoor(course: Course, stage: Stage): Story {
  const { made, operations, requester } = course;
  yield after(course, 0.3);
  await triage(operations, made, { impact: "HIGH", urgency: "MEDIUM", tags: ["safety", "warehouse"] });
  await watch(stage.as("technical"), made);
  await comment(operations, made, {
    text: "The door is locked and taped off. Please use dock 2 until it is repaired.",
    mentions: [requester],
  });
  yield after(course, 0.4);
  await comment(stage.as("manager"), made, {
    audience: "INTERNAL",
    text: "I decide today. Is there an offer for the brake, or only for the springs?",
    mentions: [operations],
  });
}

async function* moldInOffice(course: Course, stage: Stage): Story {
  const { made, operations, requester } = course;
  yield after(course, 0.3);
  await triage(operations, made, { priority: "HIGH", dueAt: hoursIn(8), tags: ["health"] });
  await setDeadline(operations, made.instanceId, 4);
  await relate(course, "RELATES_TO", "Water stain on the ceiling of the copy room");
  await comment(requester, made, { text: "My colleague has asthma and works from home until this is gone." });
  await ask(
    operations,
    made.instanceId,
    stage.as("legal"),
    "Do we have to tell the landlord before we open the wall, or can we dry it first?",
  );
}

async function* runningToilet(course: Course, stage: Stage): Story {
  const { made, operations } = course;
  yield after(course, 0.3);
  await setDeadline(operations, made.instanceId, 6);
  const task = await ask(
    operations,
    made.instanceId,
    stage.as("technical"),
    "Is it the same valve as on floor 2? We still have two of those.",
  );
  yield after(course, 0.5);
  await answer(stage.as("technical"), task, "Yes, the same one. I can take it along on my round in the afternoon.");
}

async function* drippingFaucet(course: Course): Story {
  const { made, operations } = course;
  yield after(course, 0.4);
  await triage(operations, made, { priority: "LOW" });
  await setDeadline(operations, made.instanceId, -26);
  await relate(course, "RELATES_TO", "Toilet on floor 3 runs all the time");
}

async function* coffeeMachine(course: Course, stage: Stage): Story {
  const { made, operations, requester } = course;
  yield after(course, 0.4);
  await triage(operations, made, { priority: "LOW", tags: ["kitchen"] });
  await comment(requester, made, { text: "We have moved to the machine on floor 3, which now has a queue at nine." });
  await comment(stage.as("dev"), made, { text: "Unplug the milk cooler first: both are on the same fuse." });
}

async function* lukewarmWater(course: Course, stage: Stage): Story {
  const { made, operations } = course;
  yield after(course, 0.3);
  await relate(course, "RELATES_TO", "Boiler loses pressure every night");
  const offered = await offer(operations, made, {
    vendorId: stage.vendorId,
    expiresInMinutes: 1_440,
    title: "Mixing valve of the boiler",
    category: "hvac",
  });
  yield after(course, 0.5);
  await declineOffer(stage.as("tech"), offered, "Our heating engineer is away until next week.");
  await comment(operations, made, {
    audience: "INTERNAL",
    text: "Northwind declined, so our own technician does it.",
    mentions: [stage.as("technical")],
  });
}

async function* blockedDrain(course: Course): Story {
  const { made, operations } = course;
  yield after(course, 0.5);
  await relate(course, "BLOCKS", "Ramp heater does not melt the ice");
  await comment(operations, made, {
    audience: "INTERNAL",
    text: "Drain first: with standing water the new heating mat would be under water on the first day.",
  });
}

async function* smokeDetector(course: Course, stage: Stage): Story {
  const { made, operations } = course;
  yield after(course, 0.3);
  await triage(operations, made, { impact: "MEDIUM", urgency: "HIGH", tags: ["fire safety"] });
  await watch(stage.as("manager"), made);
  await comment(stage.as("technical"), made, {
    text: "Two false alarms since Monday, both while the sweeper was running. I fit a dust cover and watch it for a day.",
  });
}

async function* emergencyLighting(course: Course, stage: Stage): Story {
  const { made, operations } = course;
  yield after(course, 0.4);
  await comment(operations, made, {
    text: "The battery bank is on its way. Until then, security walks the stairwell every hour after dark.",
    mentions: [stage.as("manager")],
  });
}

async function* bentRack(course: Course, stage: Stage): Story {
  const { made } = course;
  yield after(course, 0.5);
  const file = await stage
    .as("technical")
    .api.upload(
      "rack-inspection.txt",
      "Rack inspection, aisle 5\n\nUpright 5-14: bent by 11 mm at 60 cm (limit 5 mm). Unloaded and closed off.\nUprights 5-13 and 5-15: no findings.\nNew upright ordered, delivery in three days.\n",
    );
  await comment(stage.as("technical"), made, {
    text: "Report of the inspection. The two levels above stay empty until the new upright is in.",
    files: [file],
  });
}

/** What people say and do about the requests that are open today, by the summary of the request. */
const talks: ReadonlyMap<string, Talk> = new Map([
  ["Air conditioning in the server room fails at noon", serverRoom],
  ["Forklift charging station trips the main breaker", forklifts],
  ["Loading dock door drops when half open", dockDoor],
  ["Mold behind the cabinet in office 1.02", moldInOffice],
  ["Toilet on floor 3 runs all the time", runningToilet],
  ["Kitchen faucet on floor 2 drips", drippingFaucet],
  ["Coffee machine on floor 2 blows the fuse", coffeeMachine],
  ["Hot water on floor 1 is lukewarm", lukewarmWater],
  ["Rainwater collects in front of gate 2", blockedDrain],
  ["Smoke detector in aisle 3 gives false alarms", smokeDetector],
  ["Emergency lighting in the stairwell lasts less than an hour", emergencyLighting],
  ["Rack upright in aisle 5 is bent", bentRack],
]);

/** What people say and do about a request after its last step. */
export async function* talkAbout(summary: string, course: Course, stage: Stage): Story {
  const talk = talks.get(summary);
  if (talk) yield* talk(course, stage);
}

/** Faults whose repair is offered to the vendor, which accepts. Others are assigned. */
const offered: ReadonlySet<string> = new Set(["Button for floor 5 in the elevator does not light up"]);

/** Offers the repair to the vendor, which accepts it. @returns false if it is assigned in another way */
export async function offerRepair(stage: Stage, by: Actor, made: MadeRequest, summary: string): Promise<boolean> {
  if (!offered.has(summary)) return false;
  const id = await offer(by, made, { vendorId: stage.vendorId, expiresInMinutes: 480, title: summary, category: "elevators" });
  await acceptOffer(stage.as("tech"), id);
  return true;
}
