/** Tasks completed through an emailed link: for one user, once, until it expires. */
import { actorOf, asksForSomebodyElse, completeTask, machineOf, readTask, type TaskRead } from "@weft/engine";
import { BadUserInput, Forbidden, TransitionRejected, Unauthenticated } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { decodeId, newId, rowTokens } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { titledWork } from "@weft/platform/directory";
import { once } from "@weft/platform/idempotency";
import { assertMailIsSent, destinationHash, dropMailsAbout, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import { viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { findShownWork, subjectOfWork } from "./link-subject.store.js";
import type { CompleteTaskByLinkInput, CompleteTaskByLinkPayload, CreateTaskLinkInput } from "./link.input.js";
import { findLiveLink, findReceiver, insertLink, revokeLinks, useLink, type LiveLink } from "./link.store.js";

export const tokens = rowTokens({ prefix: "wtl_", label: "weft task link 1" });
const maxHours = 720;

/**
 * Emails a user a link that completes a task without a login, and invalidates the previous link. Only the email contains the link. Errors: NOT_FOUND,
 * FORBIDDEN (a link for somebody else), BAD_USER_INPUT, TRANSITION_REJECTED (over, suspended, four eyes), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail
 * server).
 */
export async function createTaskLink(ctx: Context, { idempotencyKey: key, ...input }: CreateTaskLinkInput): Promise<string> {
  assertMailIsSent(ctx.services.config);
  const { viewer, meta } = ctx;
  const id = decodeId("task", input.id, "input.id");
  const userId = typeof input.userId === "string" ? decodeId("user", input.userId, "input.userId") : viewer.userId;
  const { hours } = input;
  if (hours < 1 || hours > maxHours)
    throw new BadUserInput([{ path: "input.hours", message: `The validity of a link must be 1 to ${maxHours} hours.` }]);
  if (userId !== viewer.userId && !reachesAll(viewer, "task.assign"))
    throw new Forbidden("Only users who can assign all tasks can send links to other users.");
  if (userId === viewer.userId && viewer.apiKey !== null)
    throw new Forbidden("API keys cannot send a link to their own user, because it completes the task with all rights of the user.");
  const required = await requirementOf(ctx, viewer.tenantId);
  // What the task is about is told as far as the recipient sees it, who need not be the user who sends the link.
  const { tenantId } = viewer;
  const recipient =
    userId === viewer.userId ? viewer : await viewerOfUser(ctx.services.databases.auth, { tenantId, userId, sessionId: newId() });
  const expiresAt = await ctx.inTenant(async (tx) => {
    const { result } = await once(tx, meta, { mutation: "createTaskLink", key, input }, async () => {
      const read = await readTask(tx, { id, actor: actorOf(viewer) }, "task.claim");
      return { expiresAt: await writeLink(tx, ctx, read, { userId, recipient, hours, required }) };
    });
    return result["expiresAt"] ?? "";
  });
  wakeMailSender(ctx.services);
  return expiresAt;
}

/** Whether the tenant requires a second factor of everybody. */
export async function requirementOf({ services }: Context, tenantId: string): Promise<{ readonly byTenant: boolean }> {
  return { byTenant: (await effectiveConfigOf(services, tenantId)).security.secondFactor === "REQUIRED" };
}

interface LinkToWrite {
  readonly userId: string;
  /** The same user with their rights. Null if they are not active. */
  readonly recipient: Viewer | null;
  readonly hours: number;
  readonly required: { readonly byTenant: boolean };
}

async function writeLink(tx: Tx, ctx: Context, read: TaskRead, { userId, recipient, hours, required }: LinkToWrite): Promise<string> {
  const { meta, services } = ctx;
  const { task, instance, now } = read;
  const transitions = await openTransitions(tx, meta.tenantId, read);
  const receiver = await findReceiver(tx, userId, required);
  // User administrators can set email addresses. Without verification of the address they could decide on the user's behalf.
  if (!receiver || !(receiver.isVerified || userId === meta.actorId))
    throw new BadUserInput([
      { path: "input.userId", message: "No active user of your own organization with this ID and a verified email address exists." },
    ]);
  if (receiver.usesFactor)
    throw new BadUserInput([{ path: "input.userId", message: "This user logs in with a second factor, which a link would bypass." }]);
  await dropMailsAbout(tx, await revokeLinks(tx, task.id, userId));
  const id = newId();
  const { tenantId } = meta;
  const expiresAt = new Date(Date.parse(now) + hours * 3_600_000).toISOString();
  const emailHash = destinationHash(receiver.email);
  await insertLink(tx, { tenantId, id, taskId: task.id, userId, emailHash, createdBy: meta.actorId, createdAt: now, expiresAt });
  await writeAudit(tx, meta, [
    { action: "task.createLink", entityType: "task", entityId: task.id, before: task, after: { ...task, linkId: id, linkUserId: userId } },
  ]);
  const token = tokens.issue(services.keys.refresh, { tenantId, id });
  const work = recipient && (await findShownWork(tx, recipient, await subjectOfWork(tx, instance)));
  await sendMail(tx, meta, {
    personId: userId,
    to: receiver.email,
    template: "taskLink",
    referenceId: id,
    perTenantAndHour: mailsPerHour(receiver.tenant),
    values: {
      organization: receiver.tenant.name,
      slug: receiver.tenant.slug,
      task: work ? titledWork(task.title, work) : task.title,
      transitions,
      hours,
      token,
      // In the fragment, so that it is not in any server's log.
      url: `${services.config.mail.publicUrl}/task#token=${token}`,
    },
  });
  return expiresAt;
}

/** Returns the transitions that can complete the task. Errors: TRANSITION_REJECTED if no link can complete it. */
export async function openTransitions(tx: Tx, tenantId: string, { task, instance }: TaskRead): Promise<string[]> {
  const refused = (code: string, message: string) => new TransitionRejected([{ code, message }]);
  if (task.status !== "OPEN" && task.status !== "CLAIMED")
    throw refused("task", `The task "${task.title}" is no longer open; it is ${task.status}.`);
  const machine = await machineOf(tx, tenantId, instance.definitionId);
  if (asksForSomebodyElse(machine, instance.state))
    throw refused("notSameAs", `The task "${task.title}" is subject to the four-eyes principle. Log in to complete it.`);
  const transitions = machine.states.get(instance.state)?.transitions.values() ?? [];
  return [...transitions].filter(({ isAutomatic }) => !isAutomatic).map(({ name }) => name);
}

/**
 * Completes the task of a link on behalf of its user, with the user's current rights. A rejected call leaves the link valid. Errors: UNAUTHENTICATED
 * (the same for every invalid link), TRANSITION_REJECTED, BAD_USER_INPUT, CONFLICT.
 */
export async function completeTaskByLink(ctx: Context, input: CompleteTaskByLinkInput): Promise<CompleteTaskByLinkPayload> {
  const { databases, keys, keyring, pubsub, secrets } = ctx.services;
  const ref = tokens.read(keys.refresh, input.token);
  if (ref === null) throw linkRefused();
  const { tenantId } = ref;
  const required = await requirementOf(ctx, tenantId);
  const link = await asTenant(databases.app, { tenantId }, "read", (tx) => findLiveLink(tx, ref.id, required));
  const viewer = link && (await viewerOfUser(databases.auth, { tenantId, userId: link.userId, sessionId: ref.id }));
  if (!link || !viewer) throw linkRefused();
  const { requestId, address } = ctx;
  const meta = { tenantId, actorId: link.userId, onBehalfOf: null, sessionId: null, requestId, address, traceId: null, keyring };
  const done = await asTenant(databases.app, viewer, "write", async (tx) => {
    // Checked again in the transaction that uses the link up, because the email address or the user can have changed.
    if (!isSame(link, await findLiveLink(tx, ref.id, required)) || !(await useLink(tx, ref.id))) throw linkRefused();
    const actor = actorOf(viewer);
    const read = await readTask(tx, { id: link.taskId, actor }, "task.complete");
    await openTransitions(tx, tenantId, read);
    const { transition, comment, input: values } = input;
    await completeTask(tx, meta, { id: link.taskId, transition, actor, input: values, comment, secrets });
    const after = { ...read.task, linkId: ref.id, linkUserId: link.userId, transition };
    await writeAudit(tx, meta, [{ action: "task.completeByLink", entityType: "task", entityId: link.taskId, before: read.task, after }]);
    return { title: read.task.title, transition };
  });
  pubsub.publish(channels.outbox, "").catch((error: unknown) => ctx.log.debug({ err: error }, "could not wake relay"));
  return done;
}

const isSame = (link: LiveLink, other: LiveLink | null): boolean => other?.taskId === link.taskId && other.userId === link.userId;

/** One error for all reasons: used, replaced, expired, or the user no longer has access. */
const linkRefused = (): Unauthenticated => new Unauthenticated("This link is invalid or has expired. Log in, or request a new link.");
