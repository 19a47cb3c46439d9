import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";

const createRequest = `mutation Create($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const assignRequest = `mutation Assign($input: AssignRequestInput!) { assignRequest(input: $input) { request { id } } }`;

/** Fires a transition: `$input` is a FireTransitionInput. */
export const fireTransition = `mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id state status version } } }`;

/** IDs of a maintenance request in a test. */
export interface MaintenanceRequest {
  readonly id: string;
  readonly instanceId: string;
}

const states = ["draft", "triage", "approval", "approved", "assigned", "in_progress", "done", "closed"] as const;

/** Stage of a request in a test. `approved` is the state `assigned` without an assignee; `assigned` is assigned to the vendor. */
export type MaintenanceStage = (typeof states)[number];

/** A tenant with the example's maintenance request and one user for each role in it. */
export interface MaintenanceTenant {
  readonly tenant: TestTenant;
  readonly admin: TestUser;
  readonly requester: TestUser;
  readonly operations: TestUser;
  readonly manager: TestUser;
  readonly vendor: { readonly id: string; readonly user: TestUser };
  readonly buildingId: string;
  readonly assetId: string;
  /** Creates a request of the requester and advances it to the given stage. Its estimate is 12,000, so it requires the manager's approval. */
  request(stage?: MaintenanceStage): Promise<MaintenanceRequest>;
  fire(who: TestUser, request: MaintenanceRequest, transition: string, more?: Record<string, unknown>): Promise<void>;
  assign(request: MaintenanceRequest, assignee: Record<string, string> | null): Promise<void>;
}

export async function aMaintenanceTenant(weft: Pick<SharedWeft, "tenant">): Promise<MaintenanceTenant> {
  const tenant = await weft.tenant();
  const { buildingId, assetId } = await tenant.maintenance();
  const requester = await tenant.user("requester");
  const operations = await tenant.user("operations");
  const manager = await tenant.user("workflow_manager");
  const vendor = await tenant.vendor();

  const fire = async (
    who: TestUser,
    { instanceId }: MaintenanceRequest,
    transition: string,
    more: Record<string, unknown> = {},
  ): Promise<void> => {
    await who.run(fireTransition, { input: { instanceId, transition, ...more } });
  };
  const assign = async ({ id }: MaintenanceRequest, assignee: Record<string, string> | null): Promise<void> => {
    await operations.run(assignRequest, { input: { id, assignee } });
  };
  const steps: Record<MaintenanceStage, (request: MaintenanceRequest) => Promise<void>> = {
    draft: async () => {},
    triage: (request) => fire(requester, request, "submit"),
    approval: (request) => fire(operations, request, "escalate"),
    approved: (request) => fire(manager, request, "approve"),
    assigned: (request) => assign(request, { vendorId: vendor.id }),
    in_progress: (request) => fire(vendor.user, request, "start"),
    done: (request) => fire(vendor.user, request, "complete", { input: { outcome: "mended" } }),
    closed: (request) => fire(requester, request, "close"),
  };
  return {
    tenant,
    admin: tenant.admin,
    requester,
    operations,
    manager,
    vendor,
    buildingId,
    assetId,
    fire,
    assign,
    async request(stage = "draft") {
      const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 12_000 }, buildingId, assetId };
      const { createRequest: created } = await requester.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(
        createRequest,
        { input },
      );
      const request = { id: created.request.id, instanceId: created.request.workflow.id };
      for (const step of states.slice(0, states.indexOf(stage) + 1)) await steps[step](request);
      return request;
    },
  };
}
