import { readFile } from "node:fs/promises";
import { ApiClient, loadExampleDefinition } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { expect } from "vitest";
import { askPortal } from "../ask-portal.js";
import { photo } from "../files/photo.js";
import { uploadFile, uploadText } from "../files/upload-file.js";
import { beginTotp, enrolTotp, pendingLogin, totpCode } from "../second-factor.js";
import { until } from "../until.js";
import { escalatingDefinition, newEscalation } from "../tenants/escalation-definition.js";
import { heatingDefinition } from "../tenants/heating-definition.js";
import { scanLabels } from "../labels/scan-label.js";
import { newSlaClock, slaDefinition } from "../tenants/sla-definition.js";
import type { ApiStage } from "./api-stage.js";
import { eventSteps } from "./event-steps.js";
import { templateSteps } from "./template-steps.js";
import { sharingSteps } from "./sharing-steps.js";
import { agentSteps } from "./agent-steps.js";
import { workerSteps } from "./worker-steps.js";
import { connectorSteps } from "./connector-steps.js";
import { lobbyProject, projectOf, projectRecordSteps } from "./project-record-steps.js";
import { contractApproval } from "../tenants/new-contract.js";
import { aScopeChange, decideScopeChange, scopeChangeApproval } from "../tenants/project-scope.js";
import { newIncident, loopingDefinition } from "../tenants/looping-definition.js";
import { addDependency, aProject, aTask } from "../tenants/project-plan.js";
import { newMilestone } from "../tenants/project-records.js";
import { newVendorRegistrationLink } from "../tenants/new-vendor-registration-link.js";
import { aMaintenanceTenant } from "../tenants/maintenance-tenant.js";
import { newTriggerReplay } from "../tenants/new-trigger.js";
import { newEventReplay, samplePeriod } from "../tenants/new-webhook.js";
import { anIdentityProvider, newLoginCode } from "../tenants/new-identity-provider.js";
import { newSamlProvider, samlProviderMetadata } from "../tenants/new-saml-provider.js";
import { newDirectoryLogin, testDirectory } from "../tenants/test-directory.js";
import { inboundWebhookOf, sendAsShown } from "./inbound-request.js";
import type { TestTenant } from "../test-tenant.js";
import { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";
import type { StepTable } from "./page-blocks.js";

const oneTask = (due: string): string =>
  `weft: 1\nkey: repair\nname: Repair\ninitial: open\nstates:\n  open:\n    task: { title: Repair, candidates: { owner: true }, due: ${due} }\n    transitions: { finish: { to: done } }\n  done: { final: completed }\n`;

/** Returns the ID of the tenant's only contract. */
async function contractOf({ admin }: TestTenant): Promise<string> {
  const { contracts } = await admin.run<{ contracts: { edges: { node: { id: string } }[] } }>("{ contracts { edges { node { id } } } }");
  return contracts.edges[0]?.node.id ?? "";
}

interface WithDocuments {
  readonly id: string;
  readonly documents: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}

/** Returns the tenant's only vendor, with its documents. */
async function shineOf({ admin }: TestTenant): Promise<WithDocuments> {
  const { vendors } = await admin.run<{ vendors: { edges: { node: WithDocuments }[] } }>(
    "{ vendors { edges { node { id documents { edges { node { id } } } } } } }",
  );
  const [found] = vendors.edges;
  if (found === undefined) throw new Error("The tenant has no vendor.");
  return found.node;
}

/** Returns the ID of the built-in role `viewer`. */
async function viewerRoleOf({ admin }: TestTenant): Promise<string> {
  const { roles } = await admin.run<{ roles: { edges: { node: { id: string } }[] } }>(
    '{ roles(filter: { key: { eq: "viewer" } }) { edges { node { id } } } }',
  );
  return roles.edges[0]?.node.id ?? "";
}

/** Runs an operation at the endpoint of the vendor portal. */
async function inPortal(user: TestUser, operation: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  const { data, errors } = await askPortal(user, operation, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** How the blocks of the README and the guides are run, by page. Blocks in `sh` are in `shellSteps`. */
export const apiSteps: StepTable<ApiStage> = {
  "docs/how-to/agents.md": agentSteps,
  "docs/how-to/workers.md": workerSteps,
  "docs/how-to/sharing.md": sharingSteps,
  "docs/how-to/connectors.md": connectorSteps,
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
  "docs/how-to/vendor-portal.md": [
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { id } = await maintenance.request("assigned");
      expect(await inPortal(maintenance.vendor.user, query)).toMatchObject({
        requests: {
          totalCount: 1,
          edges: [{ node: { id, state: "assigned", workflow: { availableTransitions: [{ name: "start" }, { name: "cancel" }] } } }],
        },
        projectTasks: { edges: [] },
      });
    },
    async (query, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      const [vendor, projectId] = [await tenant.vendor(), await aProject(tenant.admin)];
      await tenant.admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
        input: { projectId, vendorId: vendor.id, role: "Lift" },
      });
      const assigneeId = vendor.id;
      const [shaft, cabin] = [
        await aTask(tenant.admin, projectId, "Shaft", { assigneeId }),
        await aTask(tenant.admin, projectId, "Cabin", { assigneeId }),
      ];
      await addDependency(tenant.admin, shaft, cabin);
      await newMilestone(tenant.admin, projectId, { name: "Cabin in place", taskIds: [cabin] });
      expect(await inPortal(vendor.user, query)).toMatchObject({
        projects: { edges: [{ node: { milestones: { edges: [{ node: { name: "Cabin in place" } }] } } }] },
        projectTasks: {
          edges: [
            { node: { name: "Cabin", predecessors: [{ kind: "FINISH_TO_START", predecessor: { name: "Shaft" } }] } },
            { node: { name: "Shaft", predecessors: [] } },
          ],
        },
      });
    },
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { instanceId } = await maintenance.request("assigned");
      expect(await inPortal(maintenance.vendor.user, mutation, { instanceId })).toMatchObject({
        fireTransition: { instance: { state: "in_progress" } },
      });
    },
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { id } = await maintenance.request("assigned");
      expect(await inPortal(maintenance.vendor.user, mutation, { id })).toMatchObject({
        commentOnRequest: { comment: { audience: "PUBLIC" } },
      });
    },
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      const vendor = await tenant.vendor();
      const id = await aTask(tenant.admin, await aProject(tenant.admin), "Cabin", { assigneeId: vendor.id });
      expect(await inPortal(vendor.user, mutation, { id })).toMatchObject({
        reportProjectTaskProgress: { projectTask: { percentComplete: 40, actualMinutes: 180, status: "STARTED" } },
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
  "docs/how-to/vendor-assignment.md": [
    async (mutation, { tenant }) => {
      vendorUsers.set(tenant, (await tenant.vendor()).user);
      expect(await tenant.admin.run(mutation, { vendorId: await vendorOf(tenant) })).toMatchObject({
        setVendorAvailability: { vendor: { version: 2, availability: { maxOpen: 10, load: { open: 0, today: 0, thisWeek: 0 } } } },
      });
    },
    async (query, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      const variables = { projectId: await aProject(tenant.admin) };
      expect(await tenant.admin.run(query, variables)).toEqual({ projectSchedule: { overbookings: [] } });
    },
    async (query, { tenant }) => {
      await tenant.maintenance();
      const { suggestVendors } = await tenant.admin.run<{ suggestVendors: { candidates: object[]; excluded: object[] } }>(query, {
        requestId: await draftOf(tenant, "The elevator stops"),
      });
      expect([...suggestVendors.candidates, ...suggestVendors.excluded]).toMatchObject([{ vendor: { name: "Vendor" } }]);
    },
    async (mutation, { tenant }) => {
      const variables = { requestId: await draftOf(tenant, "The elevator rattles"), vendorId: await vendorOf(tenant) };
      expect(await tenant.admin.run(mutation, variables)).toMatchObject({ offerToVendor: { offer: { status: "OPEN" } } });
    },
    async (query, { tenant }) => {
      const [user] = await guideVendorUser(tenant);
      expect(await inPortal(user, query)).toMatchObject({
        vendorOffers: { edges: [{ node: { title: "Elevator stops between floors", note: "Key at the desk" } }] },
      });
    },
    async (mutation, { tenant }) => {
      const [user, id] = await guideVendorUser(tenant);
      expect(await inPortal(user, mutation, { id })).toMatchObject({ acceptOffer: { offer: { status: "ACCEPTED" } } });
    },
    async (mutation, { tenant }) => {
      const input = { vendorId: await vendorOf(tenant), title: "Again", expiresInMinutes: 5 };
      await tenant.admin.run("mutation ($input: OfferToVendorInput!) { offerToVendor(input: $input) { offer { id } } }", {
        input: { ...input, requestId: await draftOf(tenant, "The elevator is loud") },
      });
      const [user, id] = await guideVendorUser(tenant);
      expect(await inPortal(user, mutation, { id })).toMatchObject({ declineOffer: { offer: { status: "DECLINED" } } });
    },
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      const variables = { projectId: await aProject(tenant.admin), vendorId: await vendorOf(tenant) };
      expect(await tenant.admin.run(mutation, variables)).toMatchObject({
        assignProjectVendor: { project: { vendors: [{ role: "Electrical work", vendor: { name: "Vendor" }, endedAt: null }] } },
      });
    },
  ],
  "docs/how-to/vendor-performance.md": [
    async (mutation, { tenant }) => {
      const requestId = await ratableRequest(tenant);
      expect(await tenant.admin.run(mutation, { requestId })).toMatchObject({ rateVendor: { rating: { stars: 4, version: 1 } } });
    },
    async (query, { tenant }) => {
      const { vendorPerformance } = await tenant.admin.run<{ vendorPerformance: { figures: object[] } }>(query, {
        vendorId: await vendorOf(tenant),
      });
      expect(vendorPerformance.figures).toContainEqual(expect.objectContaining({ name: "RATING", value: 4, count: 1 }));
    },
    async (query, { tenant }) => {
      const vendorId = await vendorOf(tenant);
      await tenant.admin.run("mutation ($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { id } } }", {
        input: { id: vendorId, categories: ["hvac"] },
      });
      expect(await tenant.admin.run(query)).toMatchObject({ vendorLeague: [{ rank: 1, vendor: { name: "Vendor" } }] });
    },
    async (query, { tenant }) => {
      const { vendorScorecard } = await tenant.admin.run<{ vendorScorecard: { entries: object[] } }>(query, {
        vendorId: await vendorOf(tenant),
      });
      expect(vendorScorecard.entries).toContainEqual(expect.objectContaining({ median: 4, weight: 20, points: 75 }));
    },
    async (mutation, { tenant }) => {
      await tenant.admin.run(mutation);
    },
  ],
  "docs/how-to/saved-views.md": [
    async (mutation, { tenant }) => {
      const { buildingId } = await tenant.maintenance();
      const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
      for (const tag of ["P-1", "P-2"]) await tenant.admin.run(create, { input: { buildingId, tag, name: "Pump", type: "pump" } });
      expect(await tenant.admin.run(mutation)).toMatchObject({ saveView: { view: { count: 2 } } });
    },
    async (query, { tenant }) => {
      const { savedViews } = await tenant.admin.run<{ savedViews: { edges: { node: { id: string } }[] } }>(
        "{ savedViews(first: 1) { edges { node { id } } } }",
      );
      const answer = await tenant.admin.run(query, { viewId: savedViews.edges[0]?.node.id });
      expect(answer).toMatchObject({ assets: { edges: [{ node: { tag: "P-2" } }, { node: { tag: "P-1" } }], totalCount: 2 } });
    },
    async (subscription, { tenant }) => {
      const { liveCursor } = await tenant.admin.run<{ liveCursor: string }>("{ liveCursor requests(first: 1) { totalCount } }");
      const feed = await tenant.admin.subscribe<{ request: { priority: string } | null }>("requestListChanged", subscription, {
        after: liveCursor,
      });
      const id = await draftOf(tenant, "The pump stands still");
      const triage = "mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }";
      await tenant.admin.run(triage, { input: { id, priority: "HIGH" } });
      await feed.until((payloads) => payloads.some(({ request }) => request?.priority === "HIGH"));
      await feed.stop();
    },
  ],
  "docs/how-to/audit-trail-elsewhere.md": [
    async (mutation, { tenant, weft }) => {
      await weft.weft.worker.idle();
      expect(await tenant.admin.run(mutation)).toMatchObject({ exportAuditEntries: { export: { status: "RUNNING" } } });
    },
    async (query, { tenant }) => {
      type Exports = { auditExports: { edges: { node: { id: string; status: string } }[] } };
      const done = await until(
        async () => {
          const { auditExports } = await tenant.admin.run<Exports>("{ auditExports(first: 1) { edges { node { id status } } } }");
          const newest = auditExports.edges[0]?.node;
          return newest?.status === "COMPLETED" ? newest : null;
        },
        { what: "the export is completed" },
      );
      expect(await tenant.admin.run(query, { id: done.id })).toMatchObject({
        auditExport: { message: null, proof: expect.any(String) as string, file: { name: expect.stringMatching(/\.jsonl$/) as string } },
      });
    },
  ],
  "docs/how-to/audit-streams.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createAuditStream: { auditStream: { accessNames: ["headers.Authorization"] } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({ auditStreams: { edges: [{ node: { name: "SIEM", status: "ACTIVE" } }] } });
    },
  ],
  "docs/how-to/exports.md": [
    async (mutation, { tenant }) => {
      const { buildingId } = await tenant.maintenance();
      const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
      await tenant.admin.run(create, { input: { buildingId, tag: "P-1", name: "Pump", type: "pump" } });
      expect(await tenant.admin.run(mutation)).toMatchObject({ exportAssets: { export: { status: "RUNNING" } } });
    },
    async (query, { tenant }) => {
      type Exports = { exports: { edges: { node: { id: string; status: string } }[] } };
      const newest = async () =>
        (await tenant.admin.run<Exports>("{ exports(first: 1) { edges { node { id status } } } }")).exports.edges[0]?.node;
      const done = await until(
        async () => {
          const found = await newest();
          return found?.status === "COMPLETED" ? found : null;
        },
        { what: "the export is completed" },
      );
      expect(await tenant.admin.run(query, { id: done.id })).toMatchObject({ export: { rowCount: 1, file: { name: "assets.csv" } } });
    },
  ],
  "docs/how-to/compliance-reports.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ createComplianceReport: { complianceReport: { status: "RUNNING" } } });
    },
    async (query, { tenant }) => {
      type Reports = { complianceReports: { edges: { node: { id: string; status: string } }[] } };
      const done = await until(
        async () => {
          const { complianceReports } = await tenant.admin.run<Reports>("{ complianceReports(first: 1) { edges { node { id status } } } }");
          const found = complianceReports.edges[0]?.node;
          return found?.status === "COMPLETED" ? found : null;
        },
        { what: "the report is completed", deadlineMs: 30_000 },
      );
      const { complianceReport } = await tenant.admin.run<{ complianceReport: { files: { format: string }[] } }>(query, { id: done.id });
      expect(complianceReport.files.map(({ format }) => format)).toEqual(["JSON", "CSV", "CSV", "CSV", "CSV", "PDF"]);
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createComplianceReport: { complianceReport: { parameters: { conflictingDuties: [{ name: "Choose and pay vendors" }] } } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createComplianceReportSchedule: { complianceReportSchedule: { nextAt: expect.any(String) as string } },
      });
    },
  ],
  "docs/how-to/files.md": [
    async (query, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { requester } = maintenance;
      const { id } = await maintenance.request("triage");
      const fileId = await uploadFile(requester, { name: "photo.jpg", type: "image/jpeg", bytes: photo });
      await requester.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
        input: { fileId, objectId: id },
      });
      interface File {
        readonly name: string;
        readonly preview: { readonly width: number; readonly height: number } | null;
      }
      const fileOf = async (): Promise<File | undefined> => {
        const { request } = await requester.run<{ request: { attachments: { edges: { node: { file: File } }[] } } }>(query, { id });
        return request.attachments.edges[0]?.node.file;
      };
      await until(async () => Boolean((await fileOf())?.preview), { what: "the image has a preview" });
      expect(await fileOf()).toMatchObject({ name: "photo.jpg", preview: { width: 107, height: 160 } });
    },
  ],
  "docs/how-to/imports.md": [
    async (file, { tenant }) => {
      const input = { kind: "BUILDING", schema: { properties: { floorArea: { type: "number" } } } };
      const update = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
      await tenant.admin.run(update, { input });
      const fileId = await uploadText(tenant.admin, { name: "buildings.csv", text: file });
      await tenant.admin.run("mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }", {
        input: { fileId, list: "BUILDINGS" },
      });
      const id = await newestImport(tenant);
      const query = "query ($id: ID!) { import(id: $id) { status createdCount failedCount } }";
      const checked = async () => {
        const found = await tenant.admin.run<{ import: { status: string } }>(query, { id });
        return found.import.status === "CHECKING" ? null : found;
      };
      expect(await until(checked, { what: "the lines are checked" })).toEqual({
        import: { status: "READY", createdCount: 2, failedCount: 0 },
      });
    },
    async (mutation, { tenant }) => {
      const text = "externalId,code,name,city,country\nB-100,MAIN-100,Main building,Bern,CH\nB-101,,Annex,Bern,CH\n";
      const fileId = await uploadText(tenant.admin, { name: "buildings.csv", text });
      expect(await tenant.admin.run(mutation, { fileId })).toMatchObject({ createImport: { import: { status: "CHECKING" } } });
    },
    async (query, { tenant }) => {
      const checked = async () => {
        const found = await tenant.admin.run<{ import: { status: string } }>(query, { id: await newestImport(tenant) });
        return found.import.status === "READY" ? found : null;
      };
      expect(await until(checked, { what: "the lines are checked" })).toMatchObject({
        import: { lineCount: 2, createdCount: 1, failedCount: 1 },
        importProblems: { edges: [{ node: { line: 3, column: "code" } }] },
      });
    },
    async (mutation, { tenant }) => {
      const id = await newestImport(tenant);
      expect(await tenant.admin.run(mutation, { id })).toMatchObject({ startImport: { import: { status: "RUNNING" } } });
      const query = '{ buildings(first: 1, filter: { code: { eq: "MAIN-100" } }) { totalCount } }';
      await until(async () => (await tenant.admin.run<{ buildings: { totalCount: number } }>(query)).buildings.totalCount === 1, {
        what: "the building is imported",
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toEqual({ buildings: { edges: [{ node: { code: "MAIN-100", externalId: "B-100" } }] } });
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
      expect(await until(read, { what: "the clocks are recomputed", deadlineMs: 50_000 })).toMatchObject({
        cause: "CALENDAR_CHANGE",
        message: "Closed",
        changed: 1,
        changes: { edges: [{}] },
      });
    },
  ],
  "docs/how-to/custom-fields.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        updateCustomFields: { customFieldSchema: { version: 1, form: { data: { energyClass: "C" } } } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({
        createBuilding: { building: { fields: { floorArea: 12500, gate: "North", energyClass: "C" } } },
      });
      const small = 'mutation { createBuilding(input: { code: "S", name: "Shed", fields: { floorArea: 8 } }) { building { id } } }';
      await tenant.admin.run(small);
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({ buildings: { totalCount: 1, edges: [{ node: { code: "HQ" } }] } });
    },
    async (query, { tenant }) => {
      const { previewCustomFields } = await tenant.admin.run<{ previewCustomFields: { misfits: { problems: { path: string }[] }[] } }>(
        query,
      );
      expect(previewCustomFields).toMatchObject({ objects: 2, examined: 2, nextCursor: null });
      const paths = previewCustomFields.misfits.flatMap(({ problems }) => problems.map(({ path }) => path));
      expect(paths).toEqual(expect.arrayContaining(["fields.floorArea", "fields.gate"]));
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        updateCustomFields: { customFieldSchema: { typeKey: "elevator", version: 1 } },
      });
    },
    async (query, { tenant }) => {
      const { buildings } = await tenant.admin.run<{ buildings: { edges: { node: { id: string } }[] } }>(
        "{ buildings { edges { node { id } } } }",
      );
      const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
      for (const [tag, load] of [
        ["E1", 630],
        ["E2", 1000],
      ] as const) {
        const input = { buildingId: buildings.edges[0]?.node.id, tag, name: "Elevator", type: "elevator", fields: { load } };
        await tenant.admin.run(create, { input });
      }
      expect(await tenant.admin.run(query)).toMatchObject({
        assets: { edges: [{ node: { tag: "E2", fields: { load: 1000 } } }, { node: { tag: "E1" } }] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        updateCustomFields: { customFieldSchema: { schema: { properties: { taxId: { encrypted: true } } } } },
      });
    },
    async (query, { tenant }) => {
      const create = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }";
      for (const [code, taxId] of [
        ["KONE", "DE129273398"],
        ["OTIS", "DE136695976"],
      ])
        await tenant.admin.run(create, { input: { code, name: code, fields: { taxId } } });
      expect(await tenant.admin.run(query)).toEqual({ vendors: { edges: [{ node: { code: "KONE", fields: { taxId: "DE129273398" } } }] } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ updateCustomFields: { customFieldSchema: { encrypting: ["gate"] } } });
    },
    async (query, { tenant }) => {
      const isDone = async (): Promise<boolean> => {
        const { customFieldSchemas } = await tenant.admin.run<{ customFieldSchemas: { encrypting: string[] }[] }>(query);
        return customFieldSchemas.every(({ encrypting }) => encrypting.length === 0);
      };
      expect(await until(isDone, { what: "the values are encrypted" })).toBe(true);
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ updateConfiguration: { configuration: { version: 1 } } });
    },
  ],
  "docs/how-to/requests.md": [
    async (mutation, { tenant }) => {
      await tenant.maintenance();
      expect(await tenant.admin.run(mutation)).toMatchObject({ createRequest: { request: { state: "draft", version: 1 } } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await leakRequest(tenant) })).toMatchObject({
        submitRequest: { request: { state: "triage" } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await leakRequest(tenant) })).toMatchObject({
        triageRequest: { request: { priority: "HIGH", isPrioritySet: false, tags: ["water"] } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await leakRequest(tenant) })).toMatchObject({
        commentOnRequest: { comment: { audience: "INTERNAL", version: 1 } },
      });
    },
    async (query, { tenant }) => {
      const { request } = await tenant.admin.run<{ request: { timeline: { edges: { node: { event: string } }[] } } }>(query, {
        id: await leakRequest(tenant),
      });
      expect(request.timeline.edges.map(({ node }) => node.event)).toEqual(["REQUEST_COMMENT", "TRANSITION", "START"]);
    },
    async (subscription, { tenant }) => {
      const id = await leakRequest(tenant);
      const feed = await tenant.admin.subscribe<{ change: string; comment: { text: string } }>("requestCommentChanged", subscription, {
        id,
      });
      await tenant.admin.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
        input: { id, audience: "PUBLIC", text: "We come today." },
      });
      await feed.until((payloads) => payloads.some(({ change, comment }) => change === "ADDED" && comment.text === "We come today."));
      await feed.stop();
    },
    async (mutation, { tenant }) => {
      expect(
        await tenant.admin.run(mutation, { id: await draftOf(tenant, "The kitchen is wet"), original: await leakRequest(tenant) }),
      ).toMatchObject({
        linkRequests: { request: { links: [{ kind: "DUPLICATES", isInverse: false, request: { state: "triage" } }] } },
      });
    },
    async (mutation, { weft }) => {
      const maintenance = await aMaintenanceTenant(weft);
      const { id } = await maintenance.request("done");
      expect(await maintenance.requester.run(mutation, { id })).toMatchObject({
        closeRequest: { request: { state: "closed", closedAt: expect.any(String) as string } },
      });
    },
    async (mutation, { tenant }) => {
      const id = await draftOf(tenant, "The kitchen is flooded");
      await publicComment(tenant, id, "It comes from above");
      const { mergeRequests } = await tenant.admin.run<{
        mergeRequests: { request: { status: string }; into: { comments: { edges: { node: { text: string } }[] } } };
      }>(mutation, { id, original: await leakRequest(tenant) });
      expect(mergeRequests.request.status).toBe("CANCELLED");
      expect(mergeRequests.into.comments.edges.map(({ node }) => node.text)).toContain("It comes from above");
    },
    async (mutation, { tenant }) => {
      const id = await leakRequest(tenant);
      const comment = await publicComment(tenant, id, "The door is stuck");
      expect(await tenant.admin.run(mutation, { id, comment })).toMatchObject({
        splitRequest: { newRequest: { state: "draft", comments: { edges: [{ node: { text: "The door is stuck" } }] } } },
      });
    },
    async (mutation, { tenant }) => {
      const id = await draftOf(tenant, "The bedroom is cold");
      await tenant.definition(heatingDefinition);
      const type = { key: "heating", name: "Heating", definitionKey: "heating", numberPrefix: "HT", fields: ["summary", "radiator"] };
      await tenant.admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
        input: { ...type, submitTransition: "send", cancelTransition: "drop" },
      });
      expect(await tenant.admin.run(mutation, { id })).toMatchObject({
        convertRequest: {
          request: { state: "reported", type: { key: "heating" }, data: { summary: "The bedroom is cold", radiator: "left" } },
        },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { me: tenant.admin.id })).toMatchObject({
        requests: { edges: [{ node: { state: "triage", priority: "HIGH" } }] },
      });
    },
    async (query, { tenant }) => {
      const id = await leakRequest(tenant);
      const asked = "query ($id: ID!) { request(id: $id) { updatedAt } }";
      const { request } = await tenant.admin.run<{ request: { updatedAt: string } }>(asked, { id });
      expect(await tenant.admin.run(query, { id, asOf: request.updatedAt })).toMatchObject({ request: { state: "triage" } });
    },
    async (mutation, { tenant }) => {
      const create = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
      const input = { typeKey: "maintenance", data: { summary: "Sent twice", estimate: 100 } };
      const { createRequest } = await tenant.admin.run<{ createRequest: { request: { id: string } } }>(create, { input });
      const { id } = createRequest.request;
      await tenant.admin.run("mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }", { id });
      expect(await tenant.admin.run(mutation, { id })).toEqual({ deleteRequest: { id: id } });
    },
  ],
  "docs/how-to/projects.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      expect(await tenant.admin.run(mutation, { me: tenant.admin.id })).toMatchObject({
        createProject: { project: { state: "planned", status: "RUNNING", version: 1 } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: (await lobbyProject(tenant)).id })).toEqual({
        updateProject: { project: { endsOn: "2026-10-31", budget: { amount: 30_000_000, currency: "EUR" }, version: 2 } },
      });
    },
    async (mutation, { tenant }) => {
      const [{ id }, requester] = [await lobbyProject(tenant), await tenant.user("requester")];
      expect(await tenant.admin.run(mutation, { id, userId: requester.id })).toMatchObject({
        addProjectMember: { project: { version: 3, members: [{ role: "MEMBER" }] } },
      });
      expect(await requester.run("query ($id: ID!) { project(id: $id) { code } }", { id })).toEqual({ project: { code: "LOBBY" } });
    },
    async (mutation, { tenant }) => {
      for (const name of ["project-phase", "phased-project"]) await tenant.definition(await loadExampleDefinition(name));
      const { createProject } = await tenant.admin.run<{ createProject: { project: { workflow: { id: string } } } }>(mutation);
      await tenant.admin.run(
        'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "start" }) { instance { id } } }',
        {
          id: createProject.project.workflow.id,
        },
      );
    },
    async (query, { tenant }) => {
      const { id } = await projectOf(tenant, "MOVE");
      expect(await tenant.admin.run(query, { id })).toMatchObject({
        project: { state: "phases", status: "RUNNING", phases: [{ name: "Floor plan" }, { name: "Furniture" }, { name: "Network" }] },
      });
    },
    ...projectRecordSteps,
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { me: tenant.admin.id })).toMatchObject({
        projects: { edges: [{ node: { code: "LOBBY", endsOn: "2026-10-31" } }] },
      });
    },
    async (mutation, { tenant }) => {
      const { id, workflow } = await lobbyProject(tenant);
      await tenant.admin.run("mutation ($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { id } } }", {
        input: { instanceId: workflow.id, comment: "No money" },
      });
      expect(await tenant.admin.run(mutation, { id })).toEqual({ deleteProject: { id: id } });
    },
  ],
  "docs/how-to/request-types.md": [
    async (mutation, { tenant }) => {
      await tenant.maintenance();
      expect(await tenant.admin.run(mutation)).toMatchObject({ createRequestType: { requestType: { version: 1 } } });
      const input = { typeKey: "heating", data: { summary: "Cold", estimate: 1 } };
      const { createRequest } = await tenant.admin.run<{ createRequest: { request: object } }>(
        "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { number priority } } }",
        { input },
      );
      expect(createRequest.request).toEqual({ number: expect.stringMatching(/^HT-\d{4}-0001$/) as string, priority: "HIGH" });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createSlaPolicy: { policy: { requestType: "heating", target: "4 working hours", version: 1 } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { id: await heatingType(tenant) })).toMatchObject({
        requestType: { slaPolicies: [{ key: "heating", requestType: "heating", definitionKey: null }] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await heatingType(tenant) })).toMatchObject({
        updateRequestType: { requestType: { version: 2, roleKeys: ["operations"], versions: [{ version: 2 }, { version: 1 }] } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await heatingType(tenant) })).toEqual({
        updateRequestType: { requestType: { watcherRoleKeys: ["operations"], watcherTeams: [], watcherUsers: [] } },
      });
    },
    async (query, { tenant }) => {
      const keysFor = async (role: string) => {
        const { catalog } = await (await tenant.user(role)).run<{ catalog: { key: string }[] }>(query);
        return catalog.map(({ key }) => key);
      };
      expect(await keysFor("operations")).toContain("heating");
      expect(await keysFor("requester")).not.toContain("heating");
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await heatingType(tenant) })).toEqual({
        deactivateRequestType: { requestType: { status: "INACTIVE" } },
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
      expect(await until(read, { what: "the clocks are recomputed", deadlineMs: 50_000 })).toMatchObject({ changed: 3 });
    },
  ],
  "docs/how-to/automation.md": [
    async (source, { tenant }) => {
      await tenant.definition(source);
    },
    async (query, { tenant }) => {
      const source = await automationExample("hello");
      expect(await tenant.admin.run(query, { source, inputs: { name: "Ada" } })).toMatchObject({
        simulateWorkflow: { runs: [{ status: "SUCCEEDED", outputs: { greeting: "Hello, Ada!" }, placeholders: [] }] },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { source: await automationExample("deploy-application") })).toMatchObject({
        simulateWorkflow: { runs: [{ status: "SUCCEEDED", steps: [{}, { status: "SUCCEEDED" }, { step: "deploy", status: "SKIPPED" }] }] },
      });
    },
    async (mutation, { tenant, weft }) => {
      await tenant.admin.run(mutation);
      await weft.weft.worker.idle();
    },
    async (query, { tenant }) => {
      const all = `{ workflowInstances(first: 1) { edges { node { id } } } }`;
      const { workflowInstances } = await tenant.admin.run<{ workflowInstances: { edges: { node: { id: string } }[] } }>(all);
      expect(await tenant.admin.run(query, { id: workflowInstances.edges[0]?.node.id })).toMatchObject({
        workflowInstance: { state: "succeeded", data: { outputs: { greeting: "Hello, Ada!" } }, runs: [{ status: "SUCCEEDED" }] },
      });
    },
    async (query, { tenant }) => {
      const steps = [{ step: "greet", input: { values: { text: "Hello, Ada!" } } }, { step: "check" }];
      expect(await tenant.admin.run(query)).toMatchObject({
        runs: { totalCount: 1, edges: [{ node: { status: "SUCCEEDED", steps } }] },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        runStatistics: { totals: { created: 1, succeeded: 1, failed: 0, successRate: 1 }, failingSteps: [] },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toEqual({ previewBulkRuns: { total: 0, open: 0, reasons: [] } });
    },
    async (source, { tenant }) => {
      await tenant.definition(source);
    },
    async (source, { tenant }) => {
      await tenant.definition(source);
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
key: purchase
name: Purchase
data: { properties: { title: { type: string }, order: { type: object, additionalProperties: true } } }
initial: draft
states:
  draft:
    transitions:
      order: { to: ordering, actions: [{ call: { integration: crm, action: request, input: { body: data.title }, into: data.order, then: ordered } }] }
  ordering: { transitions: { ordered: { to: done, auto: call } } }
  done: { final: completed }
`);
      expect(await tenant.admin.run(query, { definitionId })).toMatchObject({
        simulateWorkflow: {
          path: ["draft", "ordering", "done"],
          data: { title: "Chairs", order: { status: 201 } },
          steps: [
            { transition: "order", call: null },
            { transition: null, isAccepted: true, call: { outcome: "DONE" } },
          ],
          calls: [{ integrationKey: "crm", action: "request", input: { body: "Chairs" }, outcome: "DONE", reason: null }],
        },
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
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      const variables = { current: user.password, new: "a winding road 77" };
      expect(await user.run(mutation, variables)).toEqual({ changePassword: { user: { id: user.id } } });
    },
    async (mutation, { weft }) => {
      const { requestPasswordReset } = await new ApiClient(weft.url).run<{ requestPasswordReset: { message: string } }>(mutation);
      expect(requestPasswordReset.message).toContain("If there is an active user");
    },
    async (mutation, { weft, tenant }) => {
      const user = await tenant.user("viewer");
      await tenant.admin.run("mutation ($id: ID!) { startPasswordReset(input: { id: $id }) { user { id } } }", { id: user.id });
      const token = (await tenant.mails(user.login)).at(-1)?.token;
      const variables = { token, password: "a winding road 77" };
      expect(await new ApiClient(weft.url).run(mutation, variables)).toEqual({ resetPassword: { slug: tenant.slug } });
    },
  ],
  "docs/how-to/sessions.md": [
    async (query, { tenant }) => {
      const { sessions } = await (await tenant.user("viewer")).run<{ sessions: { isCurrent: boolean }[] }>(query);
      expect(sessions).toMatchObject([{ isCurrent: true }]);
    },
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      const { sessions } = await (
        await user.again()
      ).run<{ sessions: { id: string; isCurrent: boolean }[] }>("{ sessions { id isCurrent } }");
      const id = sessions.find(({ isCurrent }) => isCurrent)?.id;
      expect(await user.run(mutation, { id })).toEqual({ revokeSession: { sessionId: id } });
    },
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      await user.again();
      expect(await user.run(mutation)).toEqual({ revokeOtherSessions: { endedCount: 1 } });
    },
    async (query, { tenant }) => {
      const { id } = await tenant.user("viewer");
      expect(await tenant.admin.run(query, { id })).toMatchObject({ user: { lastLoginAddress: "127.0.0.1", sessions: [{}] } });
    },
    async (mutation, { tenant }) => {
      const { id } = await tenant.user("viewer");
      expect(await tenant.admin.run(mutation, { user: id })).toEqual({ revokeUserSessions: { endedCount: 1 } });
    },
    async (mutation, { tenant }) => {
      const { createRole } = await tenant.admin.run<{ createRole: { role: { id: string } } }>(
        'mutation { createRole(input: { key: "one_device", name: "One device", permissions: [] }) { role { id } } }',
      );
      const limited = { maxSessions: 1, sessionLimitReached: "REFUSE" };
      expect(await tenant.admin.run(mutation, { role: createRole.role.id })).toEqual({ updateRole: { role: limited } });
    },
  ],
  "docs/how-to/scim.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({ createRole: { role: { key: "provisioning" } } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({
        createServiceAccount: { user: { id: expect.stringMatching(/^usr_/) as string } },
      });
    },
    async (mutation, { weft, tenant }) => {
      const { users } = await tenant.admin.run<{ users: { edges: { node: { id: string } }[] } }>(
        `{ users(filter: { type: { eq: SERVICE } }) { edges { node { id } } } }`,
      );
      const { createApiKey } = await tenant.admin.run<{ createApiKey: { key: string } }>(mutation, { account: users.edges[0]?.node.id });
      const response = await fetch(`${weft.url}/scim/v2/Users`, { headers: { authorization: `Bearer ${createApiKey.key}` } });
      expect(await response.json()).toMatchObject({ totalResults: expect.any(Number) as number });
    },
  ],
  "docs/how-to/ldap.md": [
    async (mutation, { tenant }) => {
      const variables = {
        url: (await testDirectory()).url.replace("ldap:", "ldaps:"),
        password: "a password",
        viewer: await viewerRoleOf(tenant),
      };
      expect(await tenant.admin.run(mutation, variables)).toMatchObject({
        createIdentityProvider: { identityProvider: { status: "INACTIVE", ldap: { hasBindPassword: true } } },
      });
    },
    async (query, { weft, tenant }) => {
      const answer = await new ApiClient(weft.url).run(query, { login: tenant.admin.login });
      expect(answer).toEqual({ loginMethods: { acceptsPassword: true, directories: [] } });
    },
    async (mutation, { weft, tenant }) => {
      const { login, ...input } = await newDirectoryLogin(tenant.admin);
      const answer = await new ApiClient(weft.url).run(mutation, { ...input, login });
      expect(answer).toMatchObject({ loginWithDirectory: { mustEnrolSecondFactor: false, user: { name: "Dora of the directory" } } });
    },
  ],
  "docs/how-to/single-sign-on.md": [
    async (mutation, { tenant }) => {
      const { oidc } = await anIdentityProvider();
      expect(await tenant.admin.run(mutation, { oidc, viewer: await viewerRoleOf(tenant) })).toMatchObject({
        createIdentityProvider: { identityProvider: { status: "INACTIVE" } },
      });
    },
    async (mutation, { tenant }) => {
      const variables = { metadata: samlProviderMetadata, viewer: await viewerRoleOf(tenant) };
      const { createIdentityProvider } = await tenant.admin.run<{
        createIdentityProvider: { identityProvider: { saml: { serviceProvider: { entityId: string; metadataUrl: string } } } };
      }>(mutation.replace("Acme login", "Acme login with SAML"), variables);
      const { entityId, metadataUrl } = createIdentityProvider.identityProvider.saml.serviceProvider;
      expect(metadataUrl).toBe(entityId);
    },
    async (mutation, { tenant }) => {
      const { rotateIdentityProviderKey } = await tenant.admin.run<{
        rotateIdentityProviderKey: { identityProvider: { saml: { serviceProvider: { certificate: string; nextCertificate: string } } } };
      }>(mutation, { id: await newSamlProvider(tenant.admin) });
      const { certificate, nextCertificate } = rotateIdentityProviderKey.identityProvider.saml.serviceProvider;
      expect(nextCertificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
      expect(nextCertificate).not.toBe(certificate);
    },
    async (mutation, { tenant }) => {
      const name = `${tenant.slug}.example`;
      expect(await tenant.admin.run(mutation, { name })).toMatchObject({
        addDomain: { domain: { record: { name: `_weft-challenge.${name}` } } },
      });
    },
    async (query, { weft, tenant }) => {
      const answer = await new ApiClient(weft.url).run(query, { login: tenant.admin.login });
      expect(answer).toEqual({ loginMethods: { acceptsPassword: true, providers: [] } });
    },
    async (mutation, { weft, tenant }) => {
      const code = await newLoginCode(tenant.admin);
      expect(await new ApiClient(weft.url).run(mutation, code)).toMatchObject({ completeSingleSignOn: { user: { name: "Ada" } } });
    },
    async (mutation, { tenant }) => {
      // The administrator has no account at a provider.
      const code = await newLoginCode(tenant.admin);
      expect(await tenant.admin.refusal(mutation, code)).toBe("BAD_USER_INPUT");
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { userId: tenant.admin.id })).toEqual({ user: { identities: [] } });
    },
    async (mutation, { tenant }) => {
      const { id } = await tenant.user("viewer");
      expect(await tenant.admin.run(mutation, { userId: id })).toEqual({ setBreakGlass: { user: { isBreakGlass: true } } });
    },
  ],
  "docs/how-to/second-factors.md": [
    async (mutation, { tenant }) => {
      const { enrolTotp: begun } = await (await tenant.user("viewer")).run<{ enrolTotp: { secret: string; uri: string } }>(mutation);
      expect(begun.uri).toContain(begun.secret);
    },
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      const answer = await user.run<{ confirmTotp: { recoveryCodes: string[] } }>(mutation, { code: totpCode(await beginTotp(user)) });
      expect(answer).toMatchObject({ confirmTotp: { secondFactors: { methods: ["TOTP", "RECOVERY_CODE"], recoveryCodesLeft: 10 } } });
    },
    async (mutation, { weft, tenant }) => {
      const user = await tenant.user("viewer");
      const { secret } = await enrolTotp(user);
      // The next code, because the current one is used up.
      const variables = { mfaToken: await pendingLogin(user), code: totpCode(secret, Date.now() + 30_000) };
      expect(await new ApiClient(weft.url).run(mutation, variables)).toMatchObject({ completeLogin: { user: {} } });
    },
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      await enrolTotp(user);
      expect(await tenant.admin.run(mutation, { id: user.id })).toEqual({ resetSecondFactors: { user: { id: user.id } } });
    },
    async (mutation, { tenant }) => {
      const user = await tenant.user("viewer");
      expect(await user.run(mutation, { password: user.password })).toMatchObject({ reauthenticate: {} });
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
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        deliveryQueues: ["WEBHOOK", "NOTIFICATION", "CALL", "INBOUND"].map((channel) => ({ channel, waiting: 0, isPaused: false })),
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({ pauseDeliveries: { queue: { waiting: 0, isPaused: true } } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({ resumeDeliveries: { queue: { waiting: 0, isPaused: false } } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({ discardWaitingDeliveries: { count: 0, hasMore: false } });
    },
  ],
  "docs/how-to/maintenance.md": [
    async (mutation, { tenant }) => {
      const { assetId } = await tenant.maintenance();
      const { createMaintenancePlan } = await tenant.admin.run<{ createMaintenancePlan: { plan: { nextOccurrences: unknown[] } } }>(
        mutation,
        {
          assetId,
        },
      );
      expect(createMaintenancePlan.plan.nextOccurrences).toHaveLength(2);
    },
    async (mutation, { tenant }) => {
      const { assets } = await tenant.admin.run<{ assets: { edges: { node: { id: string } }[] } }>("{ assets { edges { node { id } } } }");
      const input = { assetId: assets.edges[0]?.node.id, name: "Hours", unit: "h", kind: "CUMULATIVE" };
      const { createMeter } = await tenant.admin.run<{ createMeter: { meter: { id: string } } }>(
        "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
        { input },
      );
      expect(await tenant.admin.run(mutation, { meterId: createMeter.meter.id })).toMatchObject({
        createMaintenancePlan: { plan: { nextTotal: "500" } },
      });
    },
    async (mutation, { tenant }) => {
      const { id, nextOccurrences } = await inspectionPlan(tenant);
      const skipped = await tenant.admin.run(mutation, { planId: id, plannedAt: nextOccurrences[0]?.plannedAt });
      expect(skipped).toMatchObject({ skipOccurrence: { plan: { nextOccurrences: [{ isSkipped: true }] } } });
    },
    async (query, { tenant }) => {
      const { id } = await inspectionPlan(tenant);
      expect(await tenant.admin.run(query, { id })).toMatchObject({
        maintenancePlan: { status: "ACTIVE", occurrences: { edges: [{ node: { status: "SKIPPED", reason: "Closed for renovation" } }] } },
      });
    },
  ],
  "docs/how-to/project-scheduling.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      expect(await tenant.admin.run(mutation, { projectId: await aProject(tenant.admin, "Lobby") })).toMatchObject({
        updateProjectPlan: { plan: { version: 1, direction: "FORWARD", calendar: null } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { projectId: await plannedProject(tenant) })).toMatchObject({
        createProjectTask: { projectTask: { plannedStartAt: "2026-03-02T09:00:00.000Z", plannedFinishAt: "2026-03-03T17:00:00.000Z" } },
      });
    },
    async (mutation, { tenant }) => {
      const projectId = await plannedProject(tenant);
      const [paint, hang] = [await plannedTask(tenant), await aTask(tenant.admin, projectId, "Hang the lamps")];
      expect(await tenant.admin.run(mutation, { paint, hang })).toMatchObject({
        addTaskDependency: { dependency: { predecessor: { name: "Paint the walls" }, successor: { name: "Hang the lamps" } } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { projectId: await plannedProject(tenant) })).toMatchObject({
        projectSchedule: {
          finishAt: "2026-03-05T17:00:00.000Z",
          criticalPath: [{ task: { name: "Paint the walls" } }, { task: { name: "Hang the lamps" } }],
          violations: [],
        },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { taskId: await plannedTask(tenant) })).toMatchObject({
        shiftPreview: { newFinishAt: "2026-03-06T17:00:00.000Z", finishByMinutes: 480, newViolations: [] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { projectId: await plannedProject(tenant) })).toMatchObject({
        setProjectBaseline: { baseline: { number: 1, isCurrent: true, workMinutes: 1440 } },
      });
    },
    async (query, { tenant }) => {
      const delay = "mutation ($id: ID!) { updateProjectTask(input: { id: $id, durationMinutes: 1440 }) { projectTask { id } } }";
      await tenant.admin.run(delay, { id: await plannedTask(tenant) });
      expect(await tenant.admin.run(query, { projectId: await plannedProject(tenant) })).toMatchObject({
        project: { baseline: { name: "Agreed", startVarianceMinutes: 0, finishVarianceMinutes: 480, workVarianceMinutes: 480 } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { projectId: await plannedProject(tenant) })).toMatchObject({
        projectWorkload: [{ user: null, vendor: null, plannedMinutes: 1920, buckets: [{ capacityMinutes: 2400 }, {}] }],
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { taskId: await plannedTask(tenant) })).toMatchObject({
        reportProjectTaskProgress: { projectTask: { percentComplete: 50, actualMinutes: 240, status: "STARTED" } },
      });
    },
  ],
  "docs/how-to/scope.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("project"));
      await tenant.definition(scopeChangeApproval);
      const projectId = await aProject(tenant.admin, "Lobby");
      expect(await tenant.admin.run(mutation, { projectId })).toMatchObject({
        createScopeItem: { scopeItem: { title: "Automatic doors", status: "PLANNED", version: 1 } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { projectId: await plannedProject(tenant) })).toMatchObject({
        approveScope: { scopeVersion: { number: 1, isHashValid: true, items: [{ title: "Automatic doors" }] } },
      });
    },
    async (mutation, { tenant }) => {
      const projectId = await plannedProject(tenant);
      const buildId = await aTask(tenant.admin, projectId, "Build");
      expect(await tenant.admin.run(mutation, { projectId, buildId })).toMatchObject({
        proposeScopeChange: { scopeChange: { number: 1, status: "IN_APPROVAL", impact: { finishByMinutes: 1440 } } },
      });
    },
    async (mutation, { tenant }) => {
      const other = await aScopeChange(tenant.admin, await plannedProject(tenant));
      const [change] = await scopeChangesOf(tenant, 1);
      expect(await tenant.admin.run(mutation, { instanceId: change?.workflow.id })).toMatchObject({
        fireTransition: { instance: { status: "COMPLETED" } },
      });
      await decideScopeChange(tenant.admin, other.instanceId);
      expect((await scopeChangesOf(tenant)).map(({ status }) => status)).toEqual(["STALE", "APPLIED"]);
    },
    async (mutation, { tenant }) => {
      const [stale] = await scopeChangesOf(tenant);
      expect(await tenant.admin.run(mutation, { id: stale?.id })).toMatchObject({
        refreshScopeChange: { scopeChange: { status: "IN_APPROVAL", impact: { finishByMinutes: 0 } } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { projectId: await plannedProject(tenant) })).toMatchObject({
        scopeChanges: { edges: [{ node: { number: 1, status: "APPLIED", appliedNumber: 2 } }] },
        project: { scopeVersions: [{ number: 2 }, { number: 1, changesSince: [] }] },
      });
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
  "docs/how-to/vendors.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ createVendor: { vendor: { status: "ACTIVE", version: 1 } } });
    },
    async (mutation, { tenant }) => {
      await tenant.definition(await loadExampleDefinition("vendor-onboarding"));
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createVendor: {
          vendor: {
            status: "ONBOARDING",
            onboarding: { state: "draft", availableTransitions: [{ name: "submit" }, { name: "withdraw" }] },
          },
        },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createVendorRegistrationLink: {
          link: { url: expect.stringContaining("/vendor-registration#token=wvr_") as string, maxRegistrations: 100 },
        },
      });
    },
    async (mutation, { weft, tenant }) => {
      const { token } = await newVendorRegistrationLink(tenant.admin);
      expect(await new ApiClient(weft.url).run(mutation, { token })).toMatchObject({
        registerVendor: { receivedAt: expect.any(String) as string },
      });
      expect(await tenant.admin.run('{ vendors(filter: { name: { eq: "Bright" } }) { edges { node { status } } } }')).toEqual({
        vendors: { edges: [{ node: { status: "ONBOARDING" } }] },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        vendorRegistrationLinks: {
          edges: [
            {
              node: { status: "OPEN", registrationCount: 1, vendors: { edges: [{ node: { name: "Bright", status: "ONBOARDING" } }] } },
            },
            { node: { status: "OPEN", note: "On our website", registrationCount: 0, vendors: { edges: [] } } },
          ],
        },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ inviteVendor: { link: { email: "boss@bright.example" } } });
    },
    async (mutation, { weft, tenant }) => {
      const { token } = await newVendorRegistrationLink(tenant.admin);
      const register = "mutation ($input: RegisterVendorInput!) { registerVendor(input: $input) { receivedAt } }";
      await new ApiClient(weft.url).run(register, { input: { token, name: "Volta", email: "office@volta.example" } });
      const { vendors } = await tenant.admin.run<{ vendors: { edges: { node: { onboarding: { id: string } } }[] } }>(
        '{ vendors(filter: { name: { eq: "Volta" } }) { edges { node { onboarding { id } } } } }',
      );
      expect(await tenant.admin.run(mutation, { instanceId: vendors.edges[0]?.node.onboarding.id })).toMatchObject({
        fireTransition: { instance: { state: "checking" } },
      });
    },
    async (mutation, { tenant }) => {
      const { id: vendorId } = await tenant.vendor("Contacted");
      expect(await tenant.admin.run(mutation, { vendorId })).toMatchObject({
        addVendorContact: { contact: { name: "Sara Stone", isPrimary: true, version: 1 } },
      });
    },
    async (mutation, { tenant }) => {
      const { id } = await tenant.vendor("Rated");
      expect(await tenant.admin.run(mutation, { id })).toMatchObject({
        setVendorRates: { vendor: { rates: [{ validUntil: "2026-12-31" }, { validFrom: "2027-01-01" }, { category: null }] } },
      });
    },
    async (mutation, { tenant }) => {
      const { id } = await tenant.vendor("Local");
      await tenant.admin.run('mutation ($id: ID!) { updateVendor(input: { id: $id, categories: ["electrical"] }) { vendor { id } } }', {
        id,
      });
      const input = { code: "KENT", name: "Kent House", region: "kent" };
      await tenant.admin.run("mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }", { input });
      expect(await tenant.admin.run(mutation, { id, buildingId: await buildingOf(tenant, "KENT") })).toMatchObject({
        setVendorServiceAreas: { vendor: { serviceAreas: { regions: ["Greater London", "Kent"], buildings: [{ name: "Kent House" }] } } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { buildingId: await buildingOf(tenant, "KENT") })).toEqual({
        vendors: { edges: [{ node: { name: "Local" } }] },
      });
    },
    async (mutation, { tenant }) => {
      const { id } = await tenant.vendor("Late");
      expect(await tenant.admin.run(mutation, { id })).toMatchObject({
        suspendVendor: { vendor: { status: "SUSPENDED", statusReason: "Late on three jobs in a row" } },
      });
    },
  ],
  "docs/how-to/vendor-documents.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ setVendorDocumentRequirements: { requirements: { version: 1 } } });
    },
    async (mutation, { tenant }) => {
      const { id: vendorId } = await tenant.vendor("Shine");
      const fileId = await uploadText(tenant.admin, { name: "policy.txt" });
      expect(await tenant.admin.run(mutation, { vendorId, fileId })).toMatchObject({
        addVendorDocument: {
          document: {
            status: "SUBMITTED",
            expiresAt: "2100-01-01T00:00:00.000Z",
            attachments: { edges: [{ node: { file: { name: "policy.txt" } } }] },
          },
        },
      });
    },
    async (mutation, { tenant }) => {
      const { id } = (await shineOf(tenant)).documents.edges[0]?.node ?? {};
      expect(await tenant.admin.run(mutation, { id })).toMatchObject({
        reviewVendorDocument: { document: { status: "ACCEPTED", version: 2 } },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { id: (await shineOf(tenant)).id })).toEqual({
        vendor: {
          missingDocuments: [],
          documents: {
            edges: [
              { node: { kind: "INSURANCE", title: "Liability insurance", status: "ACCEPTED", validUntil: "2099-12-31", isExpired: false } },
            ],
          },
        },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        waiting: { totalCount: 0, edges: [] },
        expiring: { edges: [{ node: { kind: "INSURANCE", validUntil: "2099-12-31", vendor: { name: "Shine" } } }] },
        expired: { totalCount: 0 },
      });
    },
  ],
  "docs/how-to/buildings.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ createBuilding: { building: { version: 1 } } });
    },
    async (mutation, { tenant }) => {
      const made = await tenant.admin.run(mutation, { buildingId: await headquartersOf(tenant), userId: tenant.admin.id });
      expect(made).toMatchObject({
        setBuildingContact: { building: { contacts: [{ role: "Caretaker", principal: { name: expect.any(String) as string } }] } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({ createRole: { role: { id: expect.stringMatching(/^rol_/) as string } } });
    },
    async (mutation, { tenant }) => {
      const [buildingId, caretaker] = [await headquartersOf(tenant), await tenant.user("caretaker")];
      await tenant.admin.run('mutation { createBuilding(input: { code: "ELSEWHERE", name: "Elsewhere" }) { building { id } } }');
      expect(await tenant.admin.run(mutation, { buildingId, userIds: [caretaker.id] })).toMatchObject({
        assignBuildingUsers: { building: { users: [{ user: { name: expect.any(String) as string } }] } },
      });
      expect(await caretaker.run("{ buildings { totalCount edges { node { code } } } }")).toEqual({
        buildings: { totalCount: 1, edges: [{ node: { code: "HQ" } }] },
      });
    },
    async (query, { tenant }) => {
      const { users } = await tenant.admin.run<{ users: { edges: { node: { id: string } }[] } }>(
        '{ users(filter: { role: { eq: "caretaker" } }) { edges { node { id } } } }',
      );
      expect(await tenant.admin.run(query, { userId: users.edges[0]?.node.id })).toEqual({
        buildings: { totalCount: 1, edges: [{ node: { code: "HQ", name: "Headquarters" } }] },
      });
    },
    async (mutation, { tenant }) => {
      const made = await tenant.admin.run(mutation, { buildingId: await headquartersOf(tenant) });
      expect(made).toMatchObject({ createSpace: { space: { id: expect.stringMatching(/^spc_/) as string } } });
    },
    async (mutation, { tenant }) => {
      const variables = { buildingId: await headquartersOf(tenant), floorId: await spaceCalled(tenant, "GF") };
      expect(await tenant.admin.run(mutation, variables)).toMatchObject({ createSpace: { space: { parent: { code: "GF" } } } });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toEqual({
        buildings: { totalCount: 1, edges: [{ node: { code: "HQ", name: "Headquarters" } }] },
        spaces: { edges: [{ node: { code: "GF-12", building: { code: "HQ" } } }] },
      });
    },
    async (mutation, { tenant }) => {
      const id = await spaceCalled(tenant, "GF-12");
      expect(await tenant.admin.run(mutation, { id })).toEqual({ deleteSpace: { id: id } });
    },
  ],
  "docs/how-to/contracts.md": [
    async (mutation, { tenant }) => {
      await tenant.definition(contractApproval);
      const { id: vendorId } = await tenant.vendor("Bright");
      expect(await tenant.admin.run(mutation, { vendorId })).toMatchObject({
        createContract: { contract: { number: "C-1", status: "DRAFT", version: 1 } },
      });
    },
    async (mutation, { tenant }) => {
      const id = await contractOf(tenant);
      type Submitted = { submitContract: { contract: { status: string; draft: { workflow: { id: string } } } } };
      const { contract } = (await tenant.admin.run<Submitted>(mutation, { id })).submitContract;
      expect(contract).toMatchObject({ status: "IN_APPROVAL", draft: { number: 1, status: "IN_APPROVAL" } });
      await tenant.admin.run(
        'mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "sign" }) { instance { id } } }',
        contract.draft.workflow,
      );
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { id: await contractOf(tenant) })).toMatchObject({
        contract: { signedVersion: { number: 1, isHashValid: true, documents: [] } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await contractOf(tenant) })).toEqual({
        createContractVersion: { contract: { draft: { number: 2 } } },
      });
    },
    async (query, { tenant }) => {
      const id = await contractOf(tenant);
      await tenant.admin.run("mutation ($id: ID!) { updateContract(input: { id: $id, noticeDays: 60 }) { contract { id } } }", { id });
      expect(await tenant.admin.run(query, { id })).toEqual({
        contract: { draft: { changesSince: [{ path: "noticeDays", before: 90, after: 60 }] } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await contractOf(tenant) })).toMatchObject({
        terminateContract: { contract: { terminatesOn: "2099-01-01" } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { contractId: await contractOf(tenant) })).toMatchObject({
        addContractObligation: { obligation: { status: "OPEN", dueOn: "2099-03-31", reminderDays: [30, 7, 1] } },
      });
    },
    async (mutation, { tenant }) => {
      const { contracts } = await tenant.admin.run<{ contracts: { edges: { node: { obligations: { id: string }[] } }[] } }>(
        "{ contracts { edges { node { obligations { id } } } } }",
      );
      const id = contracts.edges[0]?.node.obligations[0]?.id;
      expect(await tenant.admin.run(mutation, { id })).toEqual({
        completeContractObligation: {
          obligation: { status: "OPEN", dueOn: "2099-06-30", completedFor: "2099-03-31", completionNote: "Received on time" },
        },
      });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query, { id: await contractOf(tenant) })).toMatchObject({
        contract: { obligations: [{ party: "VENDOR", status: "OPEN", dueOn: "2099-06-30", recurrence: "QUARTERLY" }] },
      });
    },
  ],
  "docs/how-to/assets.md": [
    async (mutation, { tenant }) => {
      await tenant.maintenance();
      expect(await tenant.admin.run(mutation)).toMatchObject({ createAssetType: { assetType: { version: 1 } } });
    },
    async (mutation, { tenant }) => {
      const { buildings } = await tenant.admin.run<{ buildings: { edges: { node: { id: string } }[] } }>(
        "{ buildings { edges { node { id } } } }",
      );
      const made = await tenant.admin.run(mutation, { buildingId: buildings.edges[0]?.node.id });
      expect(made).toMatchObject({ createAsset: { asset: { assetType: { name: "Lifts" } } } });
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        assets: { totalCount: 1, edges: [{ node: { tag: "EL-7", name: "Freight elevator", status: "OPERATIONAL" } }] },
      });
    },
    async (query, { tenant }) => {
      const { assetByTag } = await tenant.admin.run<{ assetByTag: { id: string } }>('{ assetByTag(tag: "EL-7") { id } }');
      const { asset, assetLabels } = await tenant.admin.run<{ asset: { label: string }; assetLabels: string[] }>(query, assetByTag);
      expect(assetLabels.flatMap((sheet) => scanLabels(sheet))).toEqual(scanLabels(asset.label));
    },
    async (mutation, { tenant }) => {
      const { assetByTag } = await tenant.admin.run<{ assetByTag: { id: string } }>('{ assetByTag(tag: "EL-7") { id } }');
      type Made = { createRequestFormLink: { link: { url: string; label: string } } };
      const { link } = (await tenant.admin.run<Made>(mutation, { assetId: assetByTag.id })).createRequestFormLink;
      expect(scanLabels(link.label)).toEqual([link.url]);
    },
    async (mutation, { tenant }) => {
      await tenant.definition(
        "weft: 1\nkey: equipment\nname: Equipment\ninitial: storage\nstates: { storage: { transitions: { commission: { to: running } } }, running: { transitions: { inspect: { to: inspection }, scrap: { to: scrapped } } }, inspection: { transitions: { pass: { to: running } } }, scrapped: { final: completed } }\n",
      );
      const { assetByTag } = await tenant.admin.run<{ assetByTag: { assetType: { id: string } } }>(
        '{ assetByTag(tag: "EL-7") { assetType { id } } }',
      );
      expect(await tenant.admin.run(mutation, assetByTag.assetType)).toEqual({
        updateAssetType: { assetType: { lifecycle: { definitionKey: "equipment" } } },
      });
    },
    async (mutation, { tenant }) => {
      const { assetByTag } = await tenant.admin.run<{ assetByTag: { id: string } }>('{ assetByTag(tag: "EL-7") { id } }');
      expect(await tenant.admin.run(mutation, assetByTag)).toEqual({ deleteAsset: { id: assetByTag.id } });
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
        states: [
          { stateTitle: "Draft", isEnded: false, running: 0 },
          { stateTitle: "Triage", isEnded: false, running: 1 },
        ],
        bottleneck: { stateTitle: "Draft", reason: "LONG_STAYS" },
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
  "docs/how-to/events.md": eventSteps,
  "docs/how-to/notification-templates.md": templateSteps,
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
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyTrigger(tenant, "START"), ...samplePeriod })).toMatchObject({
        replayEventsToTrigger: { replay: { status: "RUNNING" } },
      });
    },
    async (query, { weft, tenant }) => {
      const id = await newTriggerReplay(tenant.admin, await onlyTrigger(tenant, "FIRE"));
      await weft.weft.worker.idle();
      expect(await tenant.admin.run(query, { id })).toMatchObject({ triggerReplay: { status: "COMPLETED", runCount: 0 } });
    },
  ],
  "docs/how-to/api-keys.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toEqual({
        createServiceAccount: { user: { id: expect.stringMatching(/^usr_/) as string } },
      });
    },
    async (mutation, { tenant }) => {
      const { users } = await tenant.admin.run<{ users: { edges: { node: { id: string } }[] } }>(
        `{ users(filter: { type: { eq: SERVICE } }) { edges { node { id } } } }`,
      );
      const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
      expect(await tenant.admin.run(mutation, { account: users.edges[0]?.node.id, expiresAt })).toEqual({
        createApiKey: {
          key: expect.stringMatching(/^weft_/) as string,
          apiKey: { id: await onlyApiKey(tenant), hint: expect.any(String) as string, expiresAt },
        },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyApiKey(tenant) })).toEqual({
        rotateApiKey: {
          key: expect.stringMatching(/^weft_/) as string,
          apiKey: { previousSecretExpiresAt: expect.any(String) as string },
        },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyApiKey(tenant) })).toMatchObject({
        revokeApiKey: { apiKey: { status: "REVOKED" } },
      });
    },
    async (query, { tenant }) => {
      const permissions = [{ permission: "user.read", scope: "TENANT" }];
      await tenant.admin.run("mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }", {
        input: { name: "Own", permissions },
      });
      expect(await tenant.admin.run(query)).toMatchObject({ apiKeys: { edges: [{ node: { name: "Own", lastUsedAt: null } }] } });
    },
  ],
  "docs/how-to/webhooks.md": [
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { url: "https://hooks.example.invalid/weft" })).toMatchObject({
        createWebhook: { webhook: { status: "ACTIVE" }, secret: expect.stringMatching(/^whsec_/) as string },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyWebhook(tenant) })).toMatchObject({
        testWebhook: { delivery: { status: "PENDING" } },
      });
    },
    async (query, { weft, tenant }) => {
      await weft.weft.worker.idle();
      // The second attempt follows after five seconds.
      const failed = expect.arrayContaining([expect.objectContaining({ responseStatus: null })]) as unknown;
      expect(await tenant.admin.run(query, { id: await onlyWebhook(tenant) })).toMatchObject({
        webhookDeliveries: { edges: [{ node: { eventType: "webhook.test", status: "PENDING", attempts: failed } }] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyWebhook(tenant) })).toMatchObject({
        updateWebhook: { webhook: { payload: { user: { name: expect.any(String) as string }, error: null } } },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyWebhook(tenant) })).toMatchObject({ redeliverWebhook: { count: 0 } });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyWebhook(tenant), ...samplePeriod })).toMatchObject({
        replayEvents: { replay: { status: "RUNNING" } },
      });
    },
    async (query, { weft, tenant }) => {
      await weft.weft.worker.idle();
      const id = await newEventReplay(tenant.admin, await onlyWebhook(tenant));
      await weft.weft.worker.idle();
      expect(await tenant.admin.run(query, { id })).toMatchObject({
        eventReplay: { status: "COMPLETED", queuedCount: 0 },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: await onlyWebhook(tenant) })).toMatchObject({
        rotateWebhookSecret: { secret: expect.stringMatching(/^whsec_/) as string },
      });
    },
  ],
  "docs/how-to/inbound-webhooks.md": [
    async (mutation, { tenant }) => void (await tenant.admin.run(mutation)),
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        createInboundWebhook: { secret: expect.stringMatching(/^whsec_/) as string },
      });
    },
    async (request, { weft, tenant }) => {
      const { rotateInboundWebhookSecret } = await tenant.admin.run<{ rotateInboundWebhookSecret: { secret: string } }>(
        "mutation ($id: ID!) { rotateInboundWebhookSecret(input: { id: $id }) { secret } }",
        { id: (await inboundWebhookOf(tenant)).id },
      );
      await sendAsShown(weft.url, request, { url: (await inboundWebhookOf(tenant)).url, secret: rotateInboundWebhookSecret.secret });
      await weft.weft.worker.idle();
    },
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        inboundMessages: { edges: [{ node: { status: "PUBLISHED", error: null, webhook: { name: "Shop" } } }] },
      });
    },
    async (mutation, { tenant }) => {
      const { inboundMessages } = await tenant.admin.run<{ inboundMessages: { edges: { node: { id: string } }[] } }>(
        "{ inboundMessages { edges { node { id } } } }",
      );
      const ids = inboundMessages.edges.map(({ node }) => node.id);
      expect(await tenant.admin.run(mutation, { ids })).toEqual({
        retryInboundMessages: { messages: [{ id: ids[0], status: "PUBLISHED" }] },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation, { id: (await inboundWebhookOf(tenant)).id })).toMatchObject({
        rotateInboundWebhookSecret: {
          secret: expect.stringMatching(/^whsec_/) as string,
          inboundWebhook: { previousSecretExpiresAt: expect.any(String) as string },
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
    async (query, { tenant }) => {
      expect(await tenant.admin.run(query)).toMatchObject({
        previewDefinitionTemplate: {
          canImport: true,
          existing: null,
          requirements: expect.arrayContaining([
            { kind: "DEFINITION", name: "project-phase", isAvailable: false, template: { key: "project-phase" } },
          ]) as unknown,
          problems: [],
        },
      });
    },
    async (mutation, { tenant }) => {
      expect(await tenant.admin.run(mutation)).toMatchObject({
        importDefinitionTemplate: { definition: { key: "repair", number: 1, status: "DRAFT" } },
      });
    },
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
    { length: 4 },
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

/** Returns the ID of the tenant's only API key. */
async function onlyApiKey({ admin }: TestTenant): Promise<string> {
  const { apiKeys } = await admin.run<{ apiKeys: { edges: { node: { id: string } }[] } }>("{ apiKeys { edges { node { id } } } }");
  return apiKeys.edges[0]?.node.id ?? "";
}

/** Returns the ID of the tenant's only webhook. */
async function onlyWebhook({ admin }: TestTenant): Promise<string> {
  const { webhooks } = await admin.run<{ webhooks: { edges: { node: { id: string } }[] } }>("{ webhooks { edges { node { id } } } }");
  return webhooks.edges[0]?.node.id ?? "";
}

async function onlyTrigger({ admin }: TestTenant, action: "START" | "FIRE"): Promise<string> {
  const { triggers } = await admin.run<{ triggers: { edges: { node: { id: string } }[] } }>(
    "query ($action: TriggerAction) { triggers(filter: { action: { eq: $action } }) { edges { node { id } } } }",
    { action },
  );
  return triggers.edges[0]?.node.id ?? "";
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

/** Returns the ID of the request of the guide to requests. */
/** Creates a draft of the administrator. Returns its ID. */
async function draftOf({ admin }: TestTenant, summary: string): Promise<string> {
  const create = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
  const input = { typeKey: "maintenance", data: { summary, estimate: 100 } };
  return (await admin.run<{ createRequest: { request: { id: string } } }>(create, { input })).createRequest.request.id;
}

/** Adds a public comment of the administrator to a request. Returns its ID. */
async function publicComment({ admin }: TestTenant, id: string, text: string): Promise<string> {
  const comment = "mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }";
  const input = { id, audience: "PUBLIC", text };
  return (await admin.run<{ commentOnRequest: { comment: { id: string } } }>(comment, { input })).commentOnRequest.comment.id;
}

/** Creates a request of the administrator that a vendor completes. Returns its ID. */
async function ratableRequest(tenant: TestTenant): Promise<string> {
  const { admin } = tenant;
  await tenant.maintenance();
  const operations = await tenant.user("operations");
  const vendor = await tenant.vendor();
  const requestId = await draftOf(tenant, "The lift stops");
  const { request } = await admin.run<{ request: { workflow: { id: string } } }>(
    "query ($id: ID!) { request(id: $id) { workflow { id } } }",
    { id: requestId },
  );
  const fire = (who: TestUser, transition: string, input?: object) =>
    who.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId: request.workflow.id, transition, input },
    });
  await fire(admin, "submit");
  await fire(operations, "approve");
  await operations.run("mutation ($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }", {
    input: { id: requestId, assignee: { vendorId: vendor.id } },
  });
  await fire(vendor.user, "start");
  await fire(vendor.user, "complete", { outcome: "mended" });
  await fire(admin, "close");
  return requestId;
}

const vendorUsers = new WeakMap<TestTenant, TestUser>();

/** Returns the user of the tenant's vendor, and the vendor's open offer. */
async function guideVendorUser(tenant: TestTenant): Promise<[user: TestUser, offerId: string]> {
  const user = vendorUsers.get(tenant);
  if (user === undefined) throw new Error("The first step of the page creates the vendor.");
  const { vendorOffers } = await user.run<{ vendorOffers: { edges: { node: { id: string } }[] } }>(
    "{ vendorOffers(filter: { status: { eq: OPEN } }) { edges { node { id } } } }",
  );
  return [user, vendorOffers.edges[0]?.node.id ?? ""];
}

async function vendorOf({ admin }: TestTenant): Promise<string> {
  const { vendors } = await admin.run<{ vendors: { edges: { node: { id: string } }[] } }>(
    "{ vendors(first: 1) { edges { node { id } } } }",
  );
  return vendors.edges[0]?.node.id ?? "none";
}

async function leakRequest(tenant: TestTenant): Promise<string> {
  const { requests } = await tenant.admin.run<{ requests: { edges: { node: { id: string } }[] } }>(
    '{ requests(filter: { search: { contains: "sink" } }) { edges { node { id } } } }',
  );
  return requests.edges[0]?.node.id ?? "";
}

async function heatingType({ admin }: TestTenant): Promise<string> {
  const { requestTypes } = await admin.run<{ requestTypes: { edges: { node: { id: string } }[] } }>(
    '{ requestTypes(filter: { key: { eq: "heating" } }) { edges { node { id } } } }',
  );
  return requestTypes.edges[0]?.node.id ?? "";
}

const headquartersOf = (tenant: TestTenant): Promise<string> => buildingOf(tenant, "HQ");

async function buildingOf({ admin }: TestTenant, code: string): Promise<string> {
  const { buildings } = await admin.run<{ buildings: { edges: { node: { id: string } }[] } }>(
    "query ($code: String!) { buildings(filter: { code: { eq: $code } }) { edges { node { id } } } }",
    { code },
  );
  return buildings.edges[0]?.node.id ?? "none";
}

async function spaceCalled({ admin }: TestTenant, code: string): Promise<string> {
  const { spaces } = await admin.run<{ spaces: { edges: { node: { id: string } }[] } }>(
    "query ($code: String!) { spaces(filter: { code: { eq: $code } }) { edges { node { id } } } }",
    { code },
  );
  return spaces.edges[0]?.node.id ?? "none";
}

/** Returns the plan of the guide's first step. */
async function inspectionPlan({ admin }: TestTenant): Promise<{ id: string; nextOccurrences: { plannedAt: string }[] }> {
  const { maintenancePlans } = await admin.run<{
    maintenancePlans: { edges: { node: { id: string; nextOccurrences: { plannedAt: string }[] } }[] };
  }>('{ maintenancePlans(filter: { name: { contains: "Elevator" } }) { edges { node { id nextOccurrences { plannedAt } } } } }');
  const [edge] = maintenancePlans.edges;
  if (!edge) throw new Error("The step before creates the plan.");
  return edge.node;
}

/** Returns the ID of the administrator's newest import. */
async function newestImport({ admin }: TestTenant): Promise<string> {
  const { imports } = await admin.run<{ imports: { edges: { node: { id: string } }[] } }>(
    "{ imports(first: 1) { edges { node { id } } } }",
  );
  return imports.edges[0]?.node.id ?? "none";
}

/** Returns the project of the page. */
async function plannedProject({ admin }: TestTenant): Promise<string> {
  const { projects } = await admin.run<{ projects: { edges: { node: { id: string } }[] } }>("{ projects { edges { node { id } } } }");
  return projects.edges[0]?.node.id ?? "none";
}

/** Returns the changes of the scope of the page, the newest first, or only the one with a number. */
async function scopeChangesOf({ admin }: TestTenant, number?: number) {
  type Change = { id: string; number: number; status: string; workflow: { id: string } };
  const { scopeChanges } = await admin.run<{ scopeChanges: { edges: { node: Change }[] } }>(
    "{ scopeChanges { edges { node { id number status workflow { id } } } } }",
  );
  const changes = scopeChanges.edges.map(({ node }) => node);
  return number === undefined ? changes : changes.filter((change) => change.number === number);
}

/** Returns the task of the page. */
async function plannedTask({ admin }: TestTenant): Promise<string> {
  const { projectTasks } = await admin.run<{ projectTasks: { edges: { node: { id: string } }[] } }>(
    '{ projectTasks(filter: { name: { eq: "Paint the walls" } }) { edges { node { id } } } }',
  );
  return projectTasks.edges[0]?.node.id ?? "none";
}

const automationExample = (name: string): Promise<string> =>
  readFile(new URL(`../../../examples/automations/${name}.yaml`, import.meta.url), "utf8");
