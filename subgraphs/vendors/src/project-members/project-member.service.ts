import { BadUserInput } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { getWritten } from "../projects/project.service.js";
import { type Project, toProject } from "../projects/project.type.js";
import { getLocked, incrementProject } from "../projects/update-project.service.js";
import { assertStaff } from "../staff/staff.service.js";
import type { AddProjectMemberInput, RemoveProjectMemberInput, UpdateProjectMemberInput } from "./project-member.input.js";
import { deleteMember, findMembers, insertMember, type MemberRow, updateMemberRole } from "./project-member.store.js";

const maxMembers = 100;

/** @throws NotFound, Conflict (another version), BadUserInput (unknown user, already a member, too many members) */
export function addProjectMember(ctx: Context, input: AddProjectMemberInput): Promise<Project> {
  return changeMembers(ctx, "project.add_member", input, async (tx, { projectId, userId, members }) => {
    if (members.some((member) => member.userId === userId))
      throw refused(`${input.userId} is a member of the project already. Change the role with updateProjectMember.`);
    if (members.length >= maxMembers) throw refused(`A project can have at most ${maxMembers} members. Remove one first.`);
    await assertStaff(tx, userId, "input.userId");
    await insertMember(tx, { tenantId: ctx.viewer.tenantId, projectId, userId, role: input.role });
  });
}

/** @throws NotFound, Conflict (another version), BadUserInput (not a member) */
export function updateProjectMember(ctx: Context, input: UpdateProjectMemberInput): Promise<Project> {
  return changeMembers(ctx, "project.update_member", input, async (tx, change) =>
    updateMemberRole(tx, getMember(change, input.userId), input.role),
  );
}

/** @throws NotFound, Conflict (another version), BadUserInput (not a member) */
export function removeProjectMember(ctx: Context, input: RemoveProjectMemberInput): Promise<Project> {
  return changeMembers(ctx, "project.remove_member", input, async (tx, change) => deleteMember(tx, getMember(change, input.userId)));
}

interface Change {
  readonly projectId: string;
  readonly userId: string;
  readonly members: readonly MemberRow[];
}

function getMember({ members, userId }: Change, id: string): MemberRow {
  const member = members.find((each) => each.userId === userId);
  if (member === undefined) throw refused(`${id} is not a member of the project. Add the user with addProjectMember.`);
  return member;
}

/** Runs a change of a project's members as a change of the project: its row stays locked, its version is incremented. */
async function changeMembers(
  ctx: Context,
  action: "project.add_member" | "project.update_member" | "project.remove_member",
  input: RemoveProjectMemberInput,
  change: (tx: Tx, given: Change) => Promise<void>,
): Promise<Project> {
  const { expectedVersion } = input;
  const id = decodeId("project", input.projectId, "input.projectId");
  const userId = decodeId("user", input.userId, "input.userId");
  return ctx.inTenant(async (tx) => {
    const before = await getLocked(tx, ctx.viewer, { id, permission: "project.update", expectedVersion });
    const members = await findMembers(tx, [id]);
    await change(tx, { projectId: id, userId, members });
    const after = await incrementProject(tx, id);
    await appendEvents(tx, ctx.meta, [
      {
        type: "project.updated",
        subjectId: id,
        subjectVersion: after.version,
        related: { instance: after.instanceId },
        payload: { changed: ["members"] },
      },
    ]);
    const images = {
      before: { ...before, members: members.map(imageOf) },
      after: { ...after, members: (await findMembers(tx, [id])).map(imageOf) },
    };
    await writeAudit(tx, ctx.meta, [{ action, entityType: "project", entityId: id, ...images }]);
    return toProject(await getWritten(tx, id));
  });
}

const imageOf = ({ userId, role }: MemberRow): Pick<MemberRow, "userId" | "role"> => ({ userId, role });

const refused = (message: string): BadUserInput => new BadUserInput([{ path: "input.userId", message }]);
