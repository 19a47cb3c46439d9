import type { DemoArea } from "../area.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";

const createSchedule = "mutation DemoSchedule($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id } } }";
const runNow = "mutation DemoRun($id: ID!) { runScheduleNow(input: { id: $id }) { schedule { id } } }";
const createTrigger = "mutation DemoTrigger($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }";

/** Regular inspections: schedules start them, and a trigger reports an incident for each defect. */
export const inspections: DemoArea = {
  name: "inspections",
  async prepare(stage) {
    await stage.as("admin").api.run(createTrigger, {
      input: {
        name: "Report defects found by inspections",
        eventType: "workflow.emitted",
        eventName: "inspection.failed",
        action: "START",
        definitionKey: "incident",
        data: { summary: "payload.payload.name + ': ' + payload.payload.finding", service: "'Building'" },
      },
    });
  },
  stories: (stage) => [soundElevator(stage), leakingBoiler(stage), planned(stage)],
};

async function* soundElevator(stage: Stage): Story {
  const [admin, technician] = [stage.as("admin"), stage.as("technical")];
  yield 21;
  const instance = await admin.start("inspection", { name: "Elevator, lobby" }, stage.assets.get("ELV-1"));
  yield 20;
  for (const item of ["Looked at it", "Tested it"]) await technician.checkItem(instance, item);
  await technician.complete(instance, "pass");
}

async function* leakingBoiler(stage: Stage): Story {
  const [admin, technician] = [stage.as("admin"), stage.as("technical")];
  yield 8;
  const instance = await admin.start("inspection", { name: "Boiler" }, stage.assets.get("BLR-1"));
  yield 7;
  for (const item of ["Looked at it", "Tested it"]) await technician.checkItem(instance, item);
  await technician.complete(instance, "fail", { input: { finding: "The safety valve drips" } });
}

/** The schedules begin today, so that none of their runs is missed. */
async function* planned(stage: Stage): Story {
  const { api } = stage.as("admin");
  yield 0.02;
  const { createSchedule: made } = await api.run<{ createSchedule: { schedule: { id: string } } }>(createSchedule, {
    input: {
      name: "Weekly inspection of the elevator",
      definitionKey: "inspection",
      cron: "0 7 * * MON",
      timeZone: "Europe/Vienna",
      data: { name: "Elevator, lobby", plannedFor: "{{plannedDate}}" },
      missedRuns: "RUN_ONCE",
      overlap: "SKIP",
    },
  });
  await api.run(runNow, made.schedule);
  await api.run(createSchedule, {
    input: {
      name: "Monthly order of office supplies",
      definitionKey: "purchase-approval",
      cron: "0 8 1 * *",
      timeZone: "Europe/Vienna",
      data: { title: "Office supplies, {{plannedDate}}", amount: 640, currency: "EUR", vendorName: "Paper & Co.", costCenter: "HQ-1000" },
      jitter: "PT10M",
    },
  });
}
