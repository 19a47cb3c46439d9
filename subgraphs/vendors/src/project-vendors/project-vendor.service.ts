import { assertPrincipal } from "@weft/engine";
import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { grantObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { getWritten } from "../projects/project.service.js";
import { type Project, toProject } from "../projects/project.type.js";
import { getLocked, incrementProject, type LockedProject } from "../projects/update-project.service.js";
import type { AssignProjectVendorInput, UnassignProjectVendorInput } from "./project-vendor.input.js";
import { endProjectVendor, findProjectVendors, insertProjectVendor, type ProjectVendorRow } from "./project-vendor.store.js";

const maxVendors = 100;

/**
 * Assigns a vendor to a project, or changes its role. Its users see the project from the commit on, as far as their permissions reach.
 * @throws NotFound, Conflict (another version), BadUserInput (the vendor cannot get work, has the role already, too many vendors)
 */
export function assignProjectVendor(ctx: Context, input: AssignProjectVendorInput): Promise<Project> {
  assertText(input, { role: { max: 100 } });
  const role = input.role.trim();
  return changeVendors(ctx, input, async (tx, { project, vendorId, present, others }) => {
    if (present?.role === role) throw refused(`The vendor takes part in the project already, with the role ${quote(role)}.`);
    if (present === undefined && others >= maxVendors) throw refused(`A project can have at most ${maxVendors} vendors. Remove one first.`);
    await assertPrincipal(tx, { type: "VENDOR", id: vendorId }, path, present === undefined ? "WORKFLOW" : null);
    if (present === undefined) await grantObjectAccess(tx, { objectIds: objectsOf(project), vendorId });
    else await end(tx, ctx, present);
    const { tenantId, id: projectId } = project;
    const row = await insertProjectVendor(tx, { tenantId, id: newId(), projectId, vendorId, role, assignedBy: ctx.meta.actorId });
    await record(tx, ctx, { change: "assigned", before: null, after: row });
  });
}

/**
 * Ends the assignment of a vendor to a project. Tasks that are assigned to it stay with it.
 * @throws NotFound, Conflict (another version), BadUserInput (the vendor does not take part in the project)
 */
export function unassignProjectVendor(ctx: Context, input: UnassignProjectVendorInput): Promise<Project> {
  return changeVendors(ctx, input, async (tx, { project, vendorId, present }) => {
    if (present === undefined) throw refused("The vendor does not take part in the project. Assign it with assignProjectVendor.");
    await end(tx, ctx, present);
    await revokeObjectAccess(tx, { objectIds: objectsOf(project), vendorId });
  });
}

const path = "input.vendorId";

/** What the users of a vendor see with a project. */
const objectsOf = ({ id, instanceId }: LockedProject): string[] => [id, instanceId];

interface Change {
  readonly project: LockedProject;
  readonly vendorId: string;
  /** The present assignment of the vendor. */
  readonly present: ProjectVendorRow | undefined;
  readonly others: number;
}

/** Runs a change of a project's vendors as a change of the project: its row stays locked, its version is incremented. */
async function changeVendors(
  ctx: Context,
  input: UnassignProjectVendorInput,
  change: (tx: Tx, given: Change) => Promise<void>,
): Promise<Project> {
  const { expectedVersion } = input;
  const id = decodeId("project", input.projectId, "input.projectId");
  const vendorId = decodeId("vendor", input.vendorId, path);
  return ctx.inTenant(async (tx) => {
    const project = await getLocked(tx, ctx.viewer, { id, permission: "project.update", expectedVersion });
    const vendors = await findProjectVendors(tx, [id], false);
    const present = vendors.find((vendor) => vendor.vendorId === vendorId);
    await change(tx, { project, vendorId, present, others: vendors.length });
    const after = await incrementProject(tx, id);
    await appendEvents(tx, ctx.meta, [
      {
        type: "project.updated",
        subjectId: id,
        subjectVersion: after.version,
        related: { instance: after.instanceId },
        payload: { changed: ["vendors"] },
      },
    ]);
    return toProject(await getWritten(tx, id));
  });
}

async function end(tx: Tx, ctx: Context, before: ProjectVendorRow): Promise<void> {
  await record(tx, ctx, { change: "unassigned", before, after: await endProjectVendor(tx, before.id, ctx.meta.actorId) });
}

interface Recorded {
  readonly change: "assigned" | "unassigned";
  readonly before: ProjectVendorRow | null;
  readonly after: ProjectVendorRow;
}

/** The project is not a related object of the event, and not the entity of the entry: other vendors of the project would see them. */
async function record(tx: Tx, ctx: Context, { change, before, after }: Recorded): Promise<void> {
  const { id, projectId, vendorId, role } = after;
  const action = change === "assigned" ? "projectVendor.assign" : "projectVendor.unassign";
  await writeAudit(tx, ctx.meta, [{ action, entityType: "projectVendor", entityId: id, before, after }]);
  await appendEvents(tx, ctx.meta, [
    {
      type: `projectVendor.${change}`,
      subjectId: id,
      subjectVersion: before === null ? 1 : 2,
      related: { vendor: vendorId },
      payload: { projectId, role },
    },
  ]);
}

const refused = (message: string): BadUserInput => new BadUserInput([{ path, message }]);
