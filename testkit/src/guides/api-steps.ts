import { loadExampleDefinition } from "@weft/standalone";
import postgres from "postgres";
import { expect } from "vitest";
import { until } from "../until.js";
import { escalatingDefinition, newEscalation } from "../tenants/escalation-definition.js";
import { newSlaClock, slaDefinition } from "../tenants/sla-definition.js";
import { newIncident, loopingDefinition } from "../tenants/looping-definition.js";
import { aMaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { TestTenant } from "../test-tenant.js";
import { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";
import type { StepTable } from "./page-blocks.js";

/** What the reader of a page has. */
export interface ApiStage {
  readonly weft: TestWeft;
  /** The tenant of the page, which its steps share. */
  readonly tenant: TestTenant;
}

const oneTask = (due: string): string =>
  `weft: 1\nkey: repair\nname: Repair\ninitial: open\nstates:\n  open:\n    task: { title: Repair, candidates: { owner: true }, due: ${due} }\n    transitions: { finish: { to: done } }\n  done: { final: completed }\n`;

/** How the blocks of the README and the guides are run, by page. Blocks in `sh` are in `shellSteps`. */
export const apiSteps: StepTable<ApiStage> = {
  "docs/how-to/escalation.md": [
    async (source, { tenant }) => {
      await tenant.definition(source);
    },
    async (query, { tenant }) => {
      await tenant.definition(escalatingDefinition);
      const id = await newEscalation(tenant.admin);
      expect(await tenant.admin.run(query, { definitionKey: "escalating" })).toMatchObject({
        escalations: { totalCount: 1, edges: [{ node: { name: "slow", level: 1, outcome: "DONE", instance: { id } } }] },
      });
    },
  ],
  "docs/how-to/back-up-and-restore.md": [
    async (sql, { weft, tenant }) => {
      await asOwner(weft, sql.replace(/'[0-9a-f-]{36}'/, `'${tenant.id}'`));
    },
  ],
  "docs/how-to/bulk.md": [
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { requester, operations } = maintenance;
      const create = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
      for (let n = 1; n <= 12; n++) {
        const input = { typeKey: "maintenance", data: { summary: `Lamp ${n}`, estimate: 20 } };
        const { createRequest } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(create, {
          input,
        });
        await maintenance.fire(requester, { id: createRequest.request.id, instanceId: createRequest.request.workflow.id }, "submit");
      }
      const { bulkFireTransition } = await operations.run<{ bulkFireTransition: { operation: { id: string; total: number } } }>(mutation);
      expect(bulkFireTransition.operation.total).toBe(12);
      await weft.weft.worker.idle();
      const progress = await operations.run("query ($id: ID!) { bulkOperation(id: $id) { status done } }", bulkFireTransition.operation);
      expect(progress).toEqual({ bulkOperation: { status: "COMPLETED", done: 12 } });
    },
  ],
  "docs/how-to/calendars.md": [
    async (mutation, { weft }) => {
      const tenant = await weft.tenant();
      await tenant.definition(oneTask("2 working days"));
      expect(await tenant.admin.run(mutation)).toMatchObject({ updateConfiguration: { configuration: { version: 1 } } });
      const query = 'mutation { startWorkflow(input: { definitionKey: "repair", data: {} }) { instance { tasks { dueAt } } } }';
      const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { tasks: { dueAt: string }[] } } }>(query);
      const dueAt = startWorkflow.instance.tasks[0]?.dueAt ?? "";
      // Whenever it runs, the deadline is within the working hours of a weekday in Vienna.
      const local = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Vienna", weekday: "short", hour: "2-digit", minute: "2-digit" });
      expect(local.format(new Date(dueAt))).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? (09:\d\d|1[0-6]:\d\d|17:00)$/);
    },
    async (query, { weft }) => {
      const { admin } = await weft.tenant();
      await admin.run(
        `mutation { updateConfiguration(input: { message: "Easter", patch: { timeZone: "Europe/Vienna",
          holidays: [{ date: "2026-04-06", name: "Easter Monday" }] } }) { configuration { version } } }`,
      );
      const { workCalendars } = await admin.run<{ workCalendars: { name: string | null }[] }>(query);
      expect(workCalendars.map(({ name }) => name)).toEqual([null, "always"]);
      expect(workCalendars[0]).toMatchObject({
        timeZone: "Europe/Vienna",
        days: [
          { holiday: null, workingHours: [{ from: "09:00", to: "17:00" }] },
          { workingHours: [] },
          { workingHours: [] },
          { holiday: "Easter Monday" },
          {},
        ],
        isWorkingTime: false,
        deadline: "2026-04-08T10:00:00.000Z",
        workingSeconds: 57_600,
      });
    },
    async (definition, { tenant }) => {
      await tenant.definition(definition);
    },
    async (transitions, { tenant }) => {
      const head =
        "weft: 1\nkey: answer\nname: Answer\ndata: { type: object, properties: { deadline: { type: string } } }\ninitial: open\nstates:\n  open:\n";
      const body = transitions.replaceAll(/^/gm, "    ").trimEnd();
      await tenant.definition(`${head}${body}\n  review: { transitions: { end: { to: refused } } }\n  refused: { final: rejected }\n`);
    },
    async (query, { weft }) => {
      const { admin } = await newWorkingClock(weft);
      const { previewCalendarChange } = await admin.run<{ previewCalendarChange: { openClocks: number; changes: ChangedClock[] } }>(query);
      expect(previewCalendarChange).toMatchObject({ openClocks: 1, changes: [{ clock: { name: "answered" } }], nextCursor: null });
      for (const { before, after } of previewCalendarChange.changes)
        expect(Date.parse(after.dueAt)).toBeGreaterThan(Date.parse(before.dueAt));
    },
    async (query, { weft }) => {
      const { admin } = await newWorkingClock(weft);
      await admin.run(
        `mutation { updateConfiguration(input: { message: "Closed", patch: { workingHours: { monday: [] } } }) { configuration { version } } }`,
      );
      const read = async () => {
        const { slaRecomputations } = await admin.run<{ slaRecomputations: { edges: { node: { status: string } }[] } }>(query);
        return slaRecomputations.edges[0]?.node.status === "COMPLETED" && slaRecomputations.edges[0].node;
      };
      expect(await until(read, { what: "the clocks are recomputed" })).toMatchObject({
        cause: "CALENDAR_CHANGE",
        message: "Closed",
        changed: 1,
        changes: { edges: [{}] },
      });
    },
  ],
  "docs/how-to/incidents.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(loopingDefinition);
      const id = await newIncident(tenant.admin);
      const query = "query ($id: ID!) { incident(id: $id) { instance { version } } }";
      const { incident } = await tenant.admin.run<{ incident: { instance: { version: number } } }>(query, { id });
      const current = mutation.replace("expectedVersion: 7", `expectedVersion: ${incident.instance.version}`);
      expect(await tenant.admin.run(current, { id })).toMatchObject({
        resolveIncident: { incident: { status: "RESOLVED", resolution: "SKIP" }, instance: { status: "RUNNING" } },
      });
    },
  ],
  "docs/how-to/sla.md": [
    async (source, { tenant }) => {
      await tenant.definition(source);
    },
    async (target, { tenant }) => {
      const head = "weft: 1\nkey: typed\nname: Typed\ndata: { type: object, properties: { priority: { type: string } } }\ninitial: open\n";
      const states = "states:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n";
      await tenant.definition(`${head}slas:\n  resolution:\n${target.replaceAll(/^/gm, "    ").trimEnd()}\n${states}`);
    },
    async (query, { tenant }) => {
      const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { slaStatus: object[] } }>(query, await measured(tenant));
      expect(workflowInstance.slaStatus).toMatchObject([{ name: "resolution", status: "ON_TRACK" }, { name: "reply" }]);
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { before: "2030-01-01T00:00:00Z" })).toMatchObject({ requests: { edges: [] } });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { id: await newSlaClock(tenant.admin) })).toMatchObject({
        slaExplain: { isRecounted: true, intervals: [{ cause: "START", isRunning: true, to: null }] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await newSlaClock(tenant.admin) })).toMatchObject({
        pauseSla: { clock: { status: "PAUSED", isPausedByHand: true } },
      });
    },
    async (query, { weft }) => {
      const tenant = await newBreach(weft);
      expect(await tenant.admin.run(query)).toMatchObject({
        slaReport: {
          totals: { met: 0, breachedOpen: 1, complianceRate: 0 },
          groups: [{ definitionKey: "measured", name: "reply", totals: { breachedOpen: 1 } }],
        },
      });
    },
    async (query, { weft }) => {
      const tenant = await newBreach(weft);
      expect(await tenant.admin.run(query)).toMatchObject({ slaBreaches: { edges: [{ node: { name: "reply", status: "BREACHED" } }] } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createSlaPolicy: { policy: { version: 1 }, recomputation: { status: "PENDING" } },
      });
    },
    async (query, { tenant }) => {
      const { previewSlaPolicy } = await tenant.admin.run<{ previewSlaPolicy: { openClocks: number; changes: object[] } }>(query);
      expect(previewSlaPolicy.openClocks).toBeGreaterThan(0);
      expect(previewSlaPolicy.changes[0]).toMatchObject({ after: { targetSeconds: 7200 } });
    },
    async (query, { tenant }) => {
      const list = "{ slaRecomputations { edges { node { id } } } }";
      const { slaRecomputations } = await tenant.admin.run<{ slaRecomputations: { edges: { node: { id: string } }[] } }>(list);
      const id = slaRecomputations.edges[0]?.node.id;
      const read = async () => {
        const { slaRecomputation } = await tenant.admin.run<{ slaRecomputation: { status: string } }>(query, { id });
        return slaRecomputation.status === "COMPLETED" && slaRecomputation;
      };
      expect(await until(read, { what: "the clocks are recomputed" })).toMatchObject({ changed: 3 });
    },
  ],
  "docs/how-to/timers.md": [
    async (source, { tenant }) => {
      await tenant.definition(source);
    },
    async (query, { tenant }) => {
      const start = `mutation { startWorkflow(input: { definitionKey: "offer", data: { neededBy: "2999-01-01" } }) { instance { id } } }`;
      const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start);
      const { workflowInstance } = await tenant.admin.run<{ workflowInstance: { timers: { name: string }[] } }>(
        query,
        startWorkflow.instance,
      );
      expect(workflowInstance.timers.map(({ name }) => name)).toEqual(["remind", "mark", "expire", "needed"]);
    },
    async (mutation, { tenant }) => {
      const dueAt = "2998-01-01T00:00:00.000Z";
      expect(await tenant.admin.run(mutation, { id: await timerCalled(tenant, "expire"), dueAt })).toEqual({
        rescheduleTimer: { timer: { name: "expire", status: "ARMED", dueAt } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await timerCalled(tenant, "remind") })).toMatchObject({
        cancelTimer: { timer: { name: "remind", status: "SKIPPED" } },
      });
    },
  ],
  "docs/how-to/sandbox.md": [
    async (mutation, { weft }) => {
      const { operator } = await weft.platform();
      const admin = { name: "Ada", email: "ada@sandbox.example", password: "a quiet river 42" };
      expect(await operator.run(mutation, { admin })).toMatchObject({ createTenant: { tenant: { isSandbox: true } } });
    },
    async (mutation, { weft }) => {
      const { operator } = await weft.platform();
      const ada = await TestUser.login(weft.url, "ada@sandbox.example", "a quiet river 42");
      expect(await operator.refusal(mutation)).toBe("FORBIDDEN");
      expect(await ada.run(mutation)).toMatchObject({ advanceClock: { advance: { status: "COMPLETED", steps: 1, effects: [] } } });
    },
    async (query, { weft }) => {
      const ada = await TestUser.login(weft.url, "ada@sandbox.example", "a quiet river 42");
      const { advanceClock } = await ada.run<{ advanceClock: { advance: { id: string } } }>(
        'mutation { advanceClock(input: { by: "PT1H" }) { advance { id } } }',
      );
      expect(await ada.run(query, { id: advanceClock.advance.id })).toMatchObject({ clockAdvance: { status: "COMPLETED", message: null } });
    },
  ],
  "docs/how-to/instances.md": [
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { instanceId } = await maintenance.request("triage");
      expect(await maintenance.admin.run(mutation, { id: instanceId })).toMatchObject({
        suspendWorkflow: { instance: { status: "SUSPENDED", tasks: [{ isSuspended: true }] } },
      });
    },
    async (query, { tenant }) => {
      const { definitionId } = await tenant.maintenance();
      expect(await tenant.admin.run(query, { definitionId })).toMatchObject({
        simulateWorkflow: { path: ["draft", "triage", "assigned"], steps: [{ isAccepted: true }, { isAccepted: true }] },
      });
    },
    async (query, { tenant }) => {
      const definitionId = await tenant.definition(`weft: 1
key: lift
name: Lift
data: { properties: { summary: { type: string }, estimate: { type: number } } }
initial: draft
slas: { fixed: { target: P4D, warn: [50%] } }
states: { draft: { transitions: { submit: { to: open } } }, open: { transitions: { fix: { to: done } } }, done: { final: completed } }
`);
      expect(await tenant.admin.run(query, { definitionId })).toMatchObject({
        simulateWorkflow: {
          endsAt: "2026-04-01T08:00:00.000Z",
          effects: [
            { kind: "SLA_WARNING", at: "2026-03-04T08:00:00.000Z", name: "fixed" },
            { kind: "SLA_BREACH", at: "2026-03-06T08:00:00.000Z", name: "fixed" },
          ],
          clocks: [{ name: "fixed", status: "BREACHED" }],
        },
      });
    },
  ],
  "docs/how-to/invitations-and-mail.md": [
    async (mutation, { tenant }) => {
      await tenant.team("facilities");
      expect(await tenant.admin.run(mutation)).toMatchObject({ inviteUser: { user: { status: "INVITED" } } });
    },
  ],
  "docs/how-to/migrating.md": [
    async (query, { tenant }) => {
      const from = await tenant.definition(purchase("draft", "amount: { type: number }"));
      await tenant.admin.run(startPurchase, { data: { amount: 20 } });
      const to = await tenant.definition(purchase("start", "total: { type: number }, checked: { type: boolean }"));
      const set = { "data.checked": false };
      expect(await tenant.admin.run(query, { from, to, set })).toMatchObject({ planMigration: { total: 1, compatible: 1 } });
    },
    async (mutation, { weft }) => {
      const tenant = await weft.tenant();
      const owner = await tenant.user("workflow_manager");
      const from = await tenant.definition(guarded("notSameAs: owner"));
      await owner.run(startPurchase.replace("purchase", "guarded"), { data: {} });
      const to = await tenant.definition(guarded("roles: [workflow_manager]"));
      expect(await tenant.admin.run(mutation, { from, to })).toMatchObject({
        migrateInstances: { operation: { id: expect.any(String) as string } },
      });
      await weft.weft.worker.idle();
      const query = '{ workflowInstances(filter: { definitionKey: { eq: "guarded" } }) { edges { node { definition { id } } } } }';
      expect(await tenant.admin.run(query)).toMatchObject({ workflowInstances: { edges: [{ node: { definition: { id: to } } }] } });
    },
  ],
  "docs/how-to/operating.md": [
    async (probes, { weft }) => {
      const paths = [...probes.matchAll(/path: ([^,]+),/g)].map(([, path = ""]) => path);
      expect(paths).toHaveLength(2);
      for (const path of paths) expect((await fetch(weft.url + path)).status).toBe(200);
    },
  ],
  "docs/how-to/schedules.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(
        "weft: 1\nkey: inspection\nname: Inspection\ndata: { type: object, properties: { title: { type: string } } }\ninitial: open\nstates:\n  open: { transitions: { finish: { to: done } } }\n  done: { final: completed }\n",
      );
      const { createSchedule } = await tenant.admin.run<{ createSchedule: { schedule: { nextRuns: unknown[] } } }>(mutation);
      expect(createSchedule.schedule.nextRuns).toHaveLength(3);
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toEqual({
        nextRuns: [{ plannedAt: "2026-03-29T01:00:00.000Z" }, { plannedAt: "2026-03-30T00:30:00.000Z" }],
      });
    },
    async (query, { tenant, weft }) => {
      const { schedules } = await tenant.admin.run<{ schedules: { edges: { node: { id: string } }[] } }>(
        "{ schedules { edges { node { id } } } }",
      );
      const id = schedules.edges[0]?.node.id;
      await tenant.admin.run("mutation ($id: ID!) { runScheduleNow(input: { id: $id }) { run { status } } }", { id });
      await weft.weft.worker.idle();
      expect(await tenant.admin.run(query, { id })).toMatchObject({
        schedule: { status: "ACTIVE", runs: { edges: [{ node: { kind: "MANUAL", status: "RUNNING", durationSeconds: null } }] } },
      });
    },
  ],
  "docs/how-to/operators.md": [
    async (mutation, { weft, tenant }) => {
      const { operator } = await weft.platform();
      const { tenants } = await operator.run<{ tenants: { edges: { node: { id: string } }[] } }>(
        "query ($slug: String!) { tenants(filter: { slug: { eq: $slug } }) { edges { node { id } } } }",
        { slug: tenant.slug },
      );
      const withId = mutation.replace("ten_…", tenants.edges[0]?.node.id ?? "none");
      const { actAsTenant } = await operator.run<{ actAsTenant: { accessToken: string } }>(withId);
      expect(actAsTenant.accessToken).toMatch(/^ey/);
    },
  ],
  "docs/how-to/routing.md": [
    async (task, { tenant }) => {
      const head =
        "weft: 1\nkey: repair\nname: Repair\ndata: { type: object, properties: { summary: { type: string } } }\ninitial: open\nstates:\n  open:\n";
      const body = task.replaceAll(/^/gm, "    ").trimEnd();
      await tenant.definition(`${head}${body}\n    transitions: { finish: { to: done } }\n  done: { final: completed }\n`);
    },
    async (mutation, { tenant }) => {
      const technician = await tenant.user("technical_team", { name: "Tom" });
      await tenant.admin.run('mutation ($id: ID!) { setUserSkills(input: { userId: $id, skills: ["lifts"] }) { userSkills { skills } } }', {
        id: technician.id,
      });
      expect(await tenant.admin.run(mutation)).toMatchObject({ createRoutingRule: { rule: { position: 1 } } });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({ testRouting: { rule: { name: "Lifts by day" }, user: { name: "Tom" } } });
    },
  ],
  "docs/how-to/statistics.md": [
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      await maintenance.request("triage");
      const { workflowStatistics } = await maintenance.admin.run<{ workflowStatistics: { throughput: object[] } }>(query);
      expect(workflowStatistics).toMatchObject({
        totals: { started: 1, completed: 0, successRate: null },
        previous: { started: 0 },
        states: [{ state: "draft" }, { state: "triage", running: 1 }],
        bottleneck: { state: "draft", reason: "LONG_STAYS" },
      });
      expect(workflowStatistics.throughput.length).toBeGreaterThanOrEqual(30);
    },
    async (query, { tenant }) => {
      const teamId = await tenant.team("facilities");
      await tenant.definition(
        "weft: 1\nkey: visit\nname: Visit\ninitial: open\nstates: { open: { transitions: { close: { to: done } } }, done: { final: completed } }\n",
      );
      await tenant.admin.run(
        'mutation ($teamId: ID) { startWorkflow(input: { definitionKey: "visit", teamId: $teamId }) { instance { id } } }',
        {
          teamId,
        },
      );
      expect(await tenant.admin.run(query)).toEqual({
        workflowStatistics: { groups: [{ team: { name: "facilities" }, totals: { started: 1, completed: 0 }, unfinished: 1 }] },
      });
    },
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      await maintenance.request("triage");
      expect(await maintenance.admin.run(query)).toEqual({
        requestStatistics: {
          open: 1,
          totals: { created: 1, closed: 0, cancelled: 0, cycleTime: { medianSeconds: null } },
          previous: { created: 0 },
          groups: [{ building: { code: "HQ" }, open: 1, totals: { created: 1 } }],
        },
      });
    },
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      await maintenance.request("triage");
      const id = await onlyTask(maintenance.operations);
      await maintenance.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
      expect(await maintenance.admin.run(query)).toMatchObject({
        workflowStatistics: { workload: [{ claimed: 1, overdue: 0, completed: 0 }] },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        dashboard: { running: 1, startedToday: 1, states: [{ definitionKey: "visit", state: "open", running: 1 }] },
      });
    },
    async (subscription, { tenant }) => {
      const feed = await tenant.admin.subscribe<{ startedToday: number }>("dashboard", subscription);
      await tenant.admin.run('mutation { startWorkflow(input: { definitionKey: "visit" }) { instance { id } } }');
      await feed.until((all) => all.some(({ startedToday }) => startedToday === 2));
      await feed.stop();
    },
  ],
  "docs/how-to/triggers.md": [
    async (inspection, { tenant }) => void (await tenant.definition(inspection)),
    async (parcel, { tenant }) => void (await tenant.definition(parcel)),
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ createTrigger: { trigger: { isActive: true } } });
    },
    async (mutation, { tenant }) => {
      await tenant.admin.run(mutation);
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        testTrigger: { isMatch: false, reasons: [expect.any(String)], outcome: null },
      });
    },
    async (query, { weft, tenant }) => {
      await arriveOrLose(tenant, "arrive");
      await weft.weft.worker.idle();
      await arriveOrLose(tenant, "lose");
      await weft.weft.worker.idle();
      expect(await tenant.admin.run(query)).toMatchObject({
        triggerRuns: {
          edges: [{ node: { trigger: { name: "Inspect heavy parcels" }, instance: { state: "passed", data: { weight: 3 } } } }],
        },
      });
    },
  ],
  "docs/how-to/tasks.md": [
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { operations } = maintenance;
      await maintenance.request("triage");
      expect(await operations.run(query)).toMatchObject({
        taskCounts: { offeredToMe: 1 },
        tasks: { edges: [{ node: { assignee: null } }] },
      });
    },
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { operations, manager } = maintenance;
      await maintenance.request("triage");
      const id = await onlyTask(operations);
      await operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
      expect(await operations.run(mutation, { id, whom: manager.id })).toMatchObject({
        askForInformation: { task: { question: { asked: { id: manager.id } } } },
      });
    },
    async (mutation, { tenant }) => {
      const [absent, substitute] = [await tenant.user("approver"), await tenant.user("approver")];
      expect(await absent.run(mutation, { substitute: substitute.id })).toMatchObject({ setAbsence: { absence: {} } });
    },
  ],
  "docs/how-to/templates.md": [
    async (mutation, { tenant }) => {
      const source = await loadExampleDefinition("purchase-approval");
      expect(await tenant.admin.run(mutation, { source })).toMatchObject({ createDefinition: { definition: { status: "DRAFT" } } });
    },
    async (mutation, { tenant }) => {
      const query = `{ definitions(first: 1) { edges { node { id } } } }`;
      const { definitions } = await tenant.admin.run<{ definitions: { edges: { node: { id: string } }[] } }>(query);
      for (const role of ["approver", "operations", "workflow_manager", "legal_team", "underwriter"]) await tenant.user(role);
      expect(await tenant.admin.run(mutation, { id: definitions.edges[0]?.node.id })).toMatchObject({
        publishDefinition: { definition: { status: "PUBLISHED" } },
      });
    },
  ],
  "docs/how-to/upgrade.md": Array.from(
    { length: 3 },
    () =>
      async (sql: string, { weft }: ApiStage) =>
        asOwner(weft, sql),
  ),
};

/** Runs SQL as the owner of the database. Fails if PostgreSQL rejects it. */
async function asOwner(weft: TestWeft, text: string): Promise<void> {
  const sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

const startPurchase = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "purchase", data: $data }) { instance { id } } }`;

/** A definition with the given name of its first state and the given properties of its data. */
const purchase = (first: string, properties: string): string => `weft: 1
key: purchase
name: Purchase
data: { type: object, properties: { ${properties} } }
initial: ${first}
states:
  ${first}: { transitions: { order: { to: ordered } } }
  ordered: { final: completed }
`;

/** A definition whose only transition has the given rule. */
const guarded = (rule: string): string => `weft: 1
key: guarded
name: Guarded
data: { type: object }
initial: review
states:
  review: { transitions: { approve: { to: approved, allow: { ${rule} } } } }
  approved: { final: completed }
`;

/** ID of the only task that is offered to the user. */
async function onlyTask(user: TestUser): Promise<string> {
  const { tasks } = await user.run<{ tasks: { edges: { node: { id: string } }[] } }>(
    "{ tasks(queue: OFFERED_TO_ME) { edges { node { id } } } }",
  );
  expect(tasks.edges).toHaveLength(1);
  return tasks.edges[0]?.node.id ?? "";
}

/** Starts a parcel of the page about triggers, and fires one of its transitions. */
async function arriveOrLose({ admin }: TestTenant, transition: "arrive" | "lose"): Promise<void> {
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
    'mutation { startWorkflow(input: { definitionKey: "parcel", data: { number: "P-1", weight: 3 } }) { instance { id } } }',
  );
  await admin.run(
    "mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { instance { id } } }",
    { id: startWorkflow.instance.id, transition },
  );
}

/** Starts an instance with an SLA clock in a new tenant, and waits until it is breached. */
async function newBreach(weft: TestWeft): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(slaDefinition);
  await newSlaClock(tenant.admin);
  const query = "{ slaBreaches { totalCount } }";
  const breaches = (): Promise<{ slaBreaches: { totalCount: number } }> => tenant.admin.run(query);
  await until(async () => (await breaches()).slaBreaches.totalCount === 1, { what: "a breach" });
  return tenant;
}

type ChangedClock = {
  readonly clock: { readonly name: string };
  readonly before: { readonly dueAt: string };
  readonly after: { readonly dueAt: string };
};

/** Starts an instance with a clock that counts the working time of a week, in a new tenant. */
async function newWorkingClock(weft: TestWeft): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(
    "weft: 1\nkey: letter\nname: Letter\ninitial: open\nslas: { answered: { target: 40 working hours } }\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n",
  );
  await tenant.admin.run('mutation { startWorkflow(input: { definitionKey: "letter", data: {} }) { instance { id } } }');
  return tenant;
}

/** Returns the ID of an instance with an SLA clock. */
async function measured(tenant: TestTenant): Promise<{ id: string }> {
  await tenant.definition(slaDefinition);
  const id = await newSlaClock(tenant.admin);
  const clock = "query ($id: ID!) { slaExplain(id: $id) { clock { instance { id } } } }";
  return (await tenant.admin.run<{ slaExplain: { clock: { instance: { id: string } } } }>(clock, { id })).slaExplain.clock.instance;
}

/** Returns the ID of the tenant's timer with this name. */
async function timerCalled({ admin }: TestTenant, name: string): Promise<string> {
  const { workflowTimers } = await admin.run<{ workflowTimers: { edges: { node: { id: string; name: string } }[] } }>(
    "{ workflowTimers { edges { node { id name } } } }",
  );
  return workflowTimers.edges.find(({ node }) => node.name === name)?.node.id ?? "none";
}
