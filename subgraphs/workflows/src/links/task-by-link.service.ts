/** What a user without a login sees of the task of an emailed link. */
import { actorOf, availableForTasks, dataForm, formsOfTasks, machineOf, readTask, type Machine } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Computing } from "@weft/platform/computing";
import { asTenant, type Tx } from "@weft/platform/db";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { makeForm } from "@weft/api/forms";
import { canReadInstance } from "../instances/instance.service.js";
import { shownData } from "../instances/shown-data.js";
import { openTransitions, requirementOf, tokens } from "./link.service.js";
import { findSubjectText, subjectOfWork } from "./link-subject.store.js";
import { findAssigneeName, findIssuedLink, type IssuedLink } from "./link.store.js";
import { type TaskByLink, type TaskLinkFact, TaskLinkStatus } from "./link.type.js";

/**
 * Returns null for a link that is forged, or whose user can no longer use it, for whatever reason.
 * @throws TransitionRejected if no link can complete the task (four eyes); RateLimited if the tenant has used its share of processor time
 */
export async function taskByLink(ctx: Context, token: string): Promise<TaskByLink | null> {
  const { databases, keys } = ctx.services;
  const ref = tokens.read(keys.refresh, token);
  if (ref === null) return null;
  const { tenantId } = ref;
  const required = await requirementOf(ctx, tenantId);
  const link = await asTenant(databases.app, { tenantId }, "read", (tx) => findIssuedLink(tx, ref.id, required));
  const viewer = link && (await viewerOfUser(databases.auth, { tenantId, userId: link.userId, sessionId: ref.id }));
  if (!link || !viewer) return null;
  const status = statusOf(link);
  const { organization, expiresAt, taskId } = link;
  const unknown = { title: null, instructions: null, subject: null, dueAt: null, expiresAt: null, facts: [], form: null, transitions: [] };
  if (status !== TaskLinkStatus.OPEN) {
    const isTaken = status === TaskLinkStatus.TAKEN;
    const takenBy = isTaken ? await asTenant(databases.app, viewer, "read", (tx) => findAssigneeName(tx, viewer, taskId)) : null;
    return { status, organization, takenBy, ...unknown };
  }
  const computing = ctx.computing.chargedTo(tenantId);
  computing.assertShare();
  try {
    const shown = await asTenant(databases.app, viewer, "read", (tx) => readOpen(tx, ctx, { viewer, taskId, computing }));
    return { status, organization, takenBy: null, expiresAt, ...shown };
  } catch (error) {
    // The user can no longer complete the task.
    if (error instanceof NotFound) return null;
    throw error;
  }
}

function statusOf({ userId, task, isUsed, isReplaced, isExpired }: IssuedLink): TaskLinkStatus {
  if (isUsed || (task.status !== "OPEN" && task.status !== "CLAIMED")) return TaskLinkStatus.DONE;
  if (isReplaced) return TaskLinkStatus.REPLACED;
  if (isExpired) return TaskLinkStatus.EXPIRED;
  return task.assigneeId === null || task.assigneeId === userId ? TaskLinkStatus.OPEN : TaskLinkStatus.TAKEN;
}

async function readOpen(
  tx: Tx,
  ctx: Context,
  { viewer, taskId, computing }: { readonly viewer: Viewer; readonly taskId: string; readonly computing: Computing },
): Promise<Omit<TaskByLink, "status" | "organization" | "takenBy" | "expiresAt">> {
  const actor = actorOf(viewer);
  const read = await readTask(tx, { id: taskId, actor }, "task.complete");
  await openTransitions(tx, viewer.tenantId, read);
  const { task, instance } = read;
  const machine = await machineOf(tx, viewer.tenantId, instance.definitionId);
  const transitions = (await availableForTasks(tx, [taskId], actor, computing)).get(taskId) ?? [];
  const form = (await formsOfTasks(tx, [taskId], actor, computing)).get(taskId);
  const isReadable = await canReadInstance(tx, viewer, instance.id);
  return {
    title: task.title,
    instructions: task.step?.instructions ?? null,
    subject: await findSubjectText(tx, viewer, await subjectOfWork(tx, instance)),
    dueAt: task.dueAt,
    facts: isReadable ? factsOf(machine, shownData(instance.data, { subjectType: instance.subjectType, vendorId: viewer.vendorId })) : [],
    form: form ? await makeForm(ctx, form, computing) : null,
    transitions: transitions.map((one) => ({ ...one, reasons: one.reasons.map(({ message }) => message) })),
  };
}

/** Values that a person can read at a glance, in the order of the definition. */
function factsOf(machine: Machine, data: Record<string, unknown>): TaskLinkFact[] {
  return dataForm(machine, []).controls.flatMap(({ name, label }) => {
    const value = data[name];
    const isShort = (one: unknown): boolean => typeof one === "string" || typeof one === "number" || typeof one === "boolean";
    const isShown = value !== "" && (isShort(value) || (Array.isArray(value) && value.length > 0 && value.every(isShort)));
    return isShown ? [{ label, value }] : [];
  });
}
