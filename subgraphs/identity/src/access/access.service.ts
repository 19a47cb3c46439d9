import { identity } from "@weft/drizzle";
import { Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { type Permission, reachesAll, scopesOf, type Viewer } from "@weft/shared/viewer";
import { isOfVendor } from "@weft/platform/access";
import { among, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { keysetPage, type KeysetSlice, type Page } from "@weft/api/pages";
import { and, asc, eq } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { UserOrder } from "../users/user.filter.js";
import type { UserRow } from "../users/user-list.service.js";
import { toUser } from "../users/user.type.js";
import { objectTypeOf, permissionOf } from "./access-rules.js";
import { evaluateOn, isGranted, isWidelyGranted, selectGranted } from "./access.store.js";
import { AccessHolder } from "./access.type.js";
import type { AccessExplanation, WhoCanArgs } from "./access.type.js";
import { decide, openingScopes } from "./decide.js";
import type { Question } from "./decide.js";
import { findSubjects } from "./subjects.js";
import type { Subject } from "./subjects.js";

const { users } = identity;

/** Number of candidates that one statement decides about. */
const chunk = 100;
/** Maximum number of grants of a permission for which the users are looked up individually. */
const few = 1000;

interface Asked {
  readonly userId: string;
  readonly permission: string;
  readonly objectId?: string | null;
}

/**
 * Explains whether a user can do something. Users can ask about themselves, and about others if they can see all users and roles of the tenant.
 * @throws BadUserInput, Forbidden, NotFound (also for an object that a user without these rights cannot see)
 */
export async function explainAccess(ctx: Context, asked: Asked): Promise<AccessExplanation> {
  const question = questionOf(asked);
  const userId = decodeId("user", asked.userId, "userId");
  const isSelf = userId === ctx.viewer.userId;
  if (!seesRights(ctx) && !isSelf)
    throw new Forbidden(
      "You can ask about yourself. Asking about others requires the permissions role.read and user.read in scope TENANT.",
    );
  return ctx.read(async (tx) => {
    const [found] = await findSubjects(tx, question.permission, { where: eq(users.id, userId), limit: 1 });
    if (!found) throw new NotFound("User", asked.userId);
    if (!seesRights(ctx)) await assertSeen(ctx, tx, question, asked.objectId);
    const subject = isSelf ? asTheGatewaySays(found, ctx.viewer, question.permission) : found;
    const [explanation] = (await decide(tx, ctx.viewer, question, [subject])) ?? [];
    if (!explanation) throw notFound(question, asked.objectId);
    return explanation;
  });
}

/** Teams are hidden from users of a vendor, and an operator's permissions are not stored in a table. Both come from the gateway. */
function asTheGatewaySays(found: Subject, viewer: Viewer, permission: Permission): Subject {
  const { teamIds, operatorId } = viewer;
  if (operatorId === null) return { ...found, teamIds };
  return { ...found, roles: [], teamIds, grants: scopesOf(viewer, permission).map((scope) => ({ scope, via: [] })), denials: [] };
}

/**
 * Returns the users who can do something, by name: the inverse of `explainAccess`.
 * @throws BadUserInput, Forbidden, NotFound
 */
export async function whoCan(ctx: Context, args: WhoCanArgs): Promise<Page<AccessHolder>> {
  const question = questionOf(args);
  if (!seesRights(ctx)) throw new Forbidden("Users of a vendor can only ask about themselves. See explainAccess.");
  const { permission, object } = question;
  if (object && !(await ctx.read((tx) => evaluateOn(tx, object.type.rules, object.id, [])))) throw notFound(question, args.objectId);
  return keysetPage<Holder, AccessHolder>(ctx, {
    args,
    list: `whoCan ${permission} ${object?.id ?? ""}`,
    orderBy: UserOrder.resolve(null, ["NAME", "ASC"]),
    id: { column: users.id, valueOf: (holder) => holder.id },
    fetch: (slice) => ctx.read((tx) => findHolders(ctx, tx, question, slice)),
    count: async () => (await ctx.read((tx) => findHolders(ctx, tx, question, everybody))).length,
    toNode: ({ explanation, ...user }) => Object.assign(new AccessHolder(), { user: toUser(user), steps: explanation.steps }),
  });
}

type Holder = UserRow & { readonly explanation: AccessExplanation };

const everybody: KeysetSlice = { where: undefined, bounds: [], orderBy: [], walk: "ASC", limit: Infinity };

/** Examines candidates until the slice is full. */
async function findHolders(ctx: Context, tx: Tx, question: Question, slice: KeysetSlice): Promise<Holder[]> {
  const holders: Holder[] = [];
  const where = and(await candidatesFor(tx, question), slice.where);
  // Ordered by ID if no order is given, so that the chunks do not overlap.
  const orderBy = slice.orderBy.length > 0 ? slice.orderBy : [asc(users.id)];
  // Most candidates have access, so the first chunk is no larger than the slice.
  for (let offset = 0, limit = Math.min(chunk, slice.limit); holders.length < slice.limit; offset += limit, limit = chunk) {
    const subjects = await findSubjects(tx, question.permission, { where, orderBy, limit, offset });
    const explanations = subjects.length > 0 ? ((await decide(tx, ctx.viewer, question, subjects)) ?? []) : [];
    for (const [index, { user }] of subjects.entries()) {
      const explanation = explanations[index];
      if (explanation?.isAllowed) holders.push({ ...user, explanation });
    }
    if (subjects.length < limit) break;
  }
  return holders.slice(0, slice.limit);
}

/**
 * Returns the condition for candidates. If many users have the permission, they are spread throughout the list by name, which is scanned. Otherwise
 * only those few users are examined. Thousands can have the permission in narrower scopes, but few of them reach a given object.
 */
async function candidatesFor(tx: Tx, { permission, object }: Question): Promise<SQL | undefined> {
  const opening = openingScopes(permission);
  const holders = and(eq(users.status, "ACTIVE"), isGranted(permission, opening));
  const near = object?.type.near?.(object.id);
  const scopes = near ? opening.filter((scope) => scope === "TENANT") : opening;
  if (await isWidelyGranted(tx, permission, scopes, few)) return holders;
  return and(among(users.id, await selectGranted(tx, permission, scopes, near)), holders);
}

/** @throws BadUserInput */
function questionOf({ permission: name, objectId }: { permission: string; objectId?: string | null }): Question {
  const permission = permissionOf(name);
  if (objectId === null || objectId === undefined) return { permission, object: null };
  const type = objectTypeOf(permission);
  return { permission, object: { type, id: decodeId(type.idType, objectId, "objectId") } };
}

/** Users who can read everybody's roles can know the resulting access. The database hides the roles of others from users of a vendor. */
function seesRights({ viewer }: Context): boolean {
  const inTenant = (["role.read", "user.read"] as const).every((permission) => reachesAll(viewer, permission));
  return inTenant && !isOfVendor(viewer);
}

/** Explaining an object that the viewer cannot see would reveal that it exists. */
async function assertSeen({ viewer }: Context, tx: Tx, question: Question, objectId: string | null | undefined): Promise<void> {
  if (!question.object) return;
  const { rules, read } = question.object.type;
  const [isSeen = false] = (await evaluateOn(tx, rules, question.object.id, [rules.inScope(viewer, read)])) ?? [];
  if (!isSeen) throw notFound(question, objectId);
}

const notFound = ({ object }: Question, objectId: string | null | undefined): NotFound =>
  new NotFound(object?.type.typeName ?? "object", objectId ?? "");
