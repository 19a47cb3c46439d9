import { seedOperations } from "../../seed/seed-operations.js";
import type { DemoArea } from "../area.js";
import { dateIn } from "../dates.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

/** Its tasks go to teams, by their IDs: three teams work at the same time. */
const definition = ({ teams }: Stage): string => `weft: 1
key: onboarding
name: Onboarding
description: A new colleague gets a desk, a computer and an access card before the first day.
data:
  type: object
  required: [person, startsOn]
  properties:
    person: { type: string, minLength: 1, maxLength: 200 }
    position: { type: string, maxLength: 200 }
    startsOn: { type: string, format: date }
index: [person, startsOn]
initial: draft
states:
  draft:
    transitions:
      submit: { to: preparing, allow: { owner: true } }
      cancel: { to: cancelled, allow: { owner: true } }
  preparing:
    title: Being prepared
    tasks:
      desk: { title: "Desk for {{ data.person }}", candidates: { teams: [${teams.get("facilities")}] }, due: P5D }
      computer:
        { title: "Computer for {{ data.person }}", candidates: { teams: [${teams.get("engineering")}] }, due: P5D, checklist: [Ordered, Accounts created] }
      card: { title: "Access card for {{ data.person }}", candidates: { teams: [${teams.get("operations")}] }, due: P3D }
    decide:
      done: all
    transitions:
      done: { title: Ready, to: ready, allow: { candidate: true } }
      cancel: { to: cancelled, allow: { owner: true } }
  ready:
    title: Everything is ready
    transitions:
      welcome: { to: welcomed, allow: { owner: true } }
  welcomed: { final: completed }
  cancelled: { final: cancelled }
`;

interface Newcomer {
  readonly person: string;
  readonly position: string;
  /** Days ago. */
  readonly made: number;
  readonly end: "welcomed" | "ready" | "preparing" | "new" | "cancelled";
}

const newcomers: readonly Newcomer[] = [
  { person: "Amara Okafor", position: "Account manager", made: 79, end: "welcomed" },
  { person: "Jonas Weber", position: "Warehouse lead", made: 44, end: "welcomed" },
  { person: "Mei Tanaka", position: "Backend engineer", made: 33, end: "cancelled" },
  { person: "Lucía Ferrer", position: "Facility manager", made: 9, end: "ready" },
  { person: "Tomasz Nowak", position: "Field technician", made: 7, end: "preparing" },
  { person: "Priya Nair", position: "Sales engineer", made: 1, end: "new" },
];

export const onboarding: DemoArea = {
  name: "onboarding",
  async prepare(stage) {
    const { api } = stage.as("admin");
    const { createDefinition } = await api.run<{ createDefinition: { definition: { id: string } } }>(seedOperations.createDefinition, {
      input: { source: definition(stage) },
    });
    await api.run(seedOperations.publishDefinition, { input: { id: createDefinition.definition.id } });
    await api.run(seedOperations.createRequestType, {
      input: {
        key: "onboarding",
        name: "Onboarding",
        description: "A new employee starts.",
        definitionKey: "onboarding",
        numberPrefix: "ON",
        fields: ["person", "position", "startsOn"],
      },
    });
  },
  stories: (stage) => newcomers.map((newcomer) => welcome(stage, newcomer)),
};

async function* welcome(stage: Stage, { person, position, made, end }: Newcomer): Story {
  const lead = stage.as(made > 40 ? "sales" : "requester");
  yield made;
  const request = await lead.create({ typeKey: "onboarding", data: { person, position, startsOn: dateIn(14 - made) } });
  yield made - 0.1;
  await lead.submit(request);
  if (end === "new") return;
  yield made - 0.9;
  if (end === "cancelled") return lead.fire(request.instanceId, "cancel");
  await stage.as("operations").complete(request.instanceId, "done", { rule: "card" });
  await stage.as("dev").checkItem(request.instanceId, "Ordered", "computer");
  if (end === "preparing") return;
  yield made - 2.5;
  await stage.as("technical").complete(request.instanceId, "done", { rule: "desk" });
  await stage.as("dev").checkItem(request.instanceId, "Accounts created", "computer");
  await stage.as("dev").complete(request.instanceId, "done", { rule: "computer" });
  await lead.comment(request.instanceId, `${person} starts on ${dateIn(14 - made)}; lunch with the team is booked.`);
  if (end === "ready") return;
  yield made - 14;
  await lead.fire(request.instanceId, "welcome");
}
