import { encodeId, type IdType, nodeTypes as lookedUpTypes } from "@weft/shared/ids";
import { eventCursors, type LiveLog } from "@weft/api/live";
import type { TestUser } from "../../test-user.js";
import { until } from "../../until.js";
import { codesOf } from "../answers.js";
import { giveWork } from "../explained/explained-access.js";
import type { TwoTenants } from "../two-tenants.js";
import { idsOfTenant, isAtRest, typeOfId } from "../fixture.js";
import { filesShownTo } from "./files.js";
import { randomPeople } from "./random-people.js";
import { type RandomSource, randomSource } from "../../random-source.js";
import { explained, type SearchPath } from "./read-paths.js";
import type { Looked, ReadPath } from "./read-path.js";

/** Prepares the tenant Acme with users who have random rights and are given work. Returns when no background work is pending. */
export async function drawnTenant(
  { weft, owner, acme }: TwoTenants,
  { seed, howMany }: { readonly seed: number; readonly howMany: number },
): Promise<{ looked: Looked; people: TestUser[] }> {
  const random = randomSource(seed);
  const drawn = await randomPeople(acme, random, howMany);
  const people = [acme.requester, acme.otherRequester, acme.operations, acme.vendorUser, ...drawn];
  await giveWork(acme, people);
  await until(() => isAtRest(owner, acme.tenant.id), { what: "the tenant is at rest", deadlineMs: 30_000 });
  const ids = await idsOfTenant(owner, acme.tenant.id);
  const [row] = await owner<{ events: number; auditTrail: number }[]>`select
    coalesce((select position from events.position_heads where tenant_id = ${acme.tenant.id}), 0)::int as events,
    coalesce((select max(sequence) from audit.seals where tenant_id = ${acme.tenant.id}), 0)::int as "auditTrail"`;
  const workers = await owner<{ id: string; vendor_id: string }[]>`
    select id, vendor_id from identity.users where tenant_id = ${acme.tenant.id} and vendor_id is not null`;
  const vendorOf = new Map(workers.map(({ id, vendor_id }) => [encodeId("user", id), vendor_id]));
  const logOf = (log: LiveLog): Looked["logs"][LiveLog] => ({
    head: row?.[log] ?? 0,
    cursorAt: (position) => eventCursors(weft.keys, log).encode(acme.tenant.id, position),
  });
  const all = [...ids.values()].flat().filter(isNodeId);
  const unattached = await owner<{ id: string; created_by: string }[]>`
    select id, created_by from app.files f where tenant_id = ${acme.tenant.id} and not is_attached and status <> 'DELETED'
       and not exists (select from app.exports e where e.tenant_id = f.tenant_id and e.file_id = f.id)
       and not exists (select from audit.exports e where e.tenant_id = f.tenant_id and e.file_id = f.id)`;
  const visible = oncePerUser(async (user) => {
    const nodes = await visibleTo(user, all);
    const own = unattached.filter((file) => encodeId("user", file.created_by) === user.id).map(({ id }) => encodeId("file", id));
    return new Set([...nodes, ...own, ...(await filesShownTo(user, [...nodes]))]);
  });
  const looked: Looked = {
    fixture: acme,
    ids,
    random,
    logs: { events: logOf("events"), auditTrail: logOf("auditTrail") },
    areColleagues: (one, other) => vendorOf.has(one) && vendorOf.get(one) === vendorOf.get(other),
    visible,
    shownAsOwn: oncePerUser(async (user) => {
      const own = new Set<string>();
      for (const [list, type] of [
        ["roles", "role"],
        ["teams", "team"],
        ["tenants", "tenant"],
      ] as const) {
        const isReader = codesOf(await user.send(`{ ${list}(first: 1) { __typename } }`)).length === 0;
        for (const id of isReader ? [] : (ids.get(type) ?? [])) own.add(id);
      }
      return own;
    }),
  };
  return { looked, people };
}

function oncePerUser<T>(ask: (user: TestUser) => Promise<T>): (user: TestUser) => Promise<T> {
  const known = new Map<TestUser, Promise<T>>();
  return (user) => {
    const answer = known.get(user) ?? ask(user);
    known.set(user, answer);
    return answer;
  };
}

const nodeTypes: readonly IdType[] = [...lookedUpTypes, "auditEntry", "notification"];
const isNodeId = (id: string): boolean => nodeTypes.includes(typeOfId(id));

async function visibleTo(user: TestUser, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let start = 0; start < ids.length; start += 100) {
    const answer = await user.send<{ nodes: ({ id: string } | null)[] }>("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {
      ids: ids.slice(start, start + 100),
    });
    // The user's own notifications, without notification.read.
    if (codesOf(answer).some((code) => code !== "FORBIDDEN")) throw new Error(JSON.stringify(answer));
    for (const node of answer.data?.nodes ?? []) if (node) seen.add(node.id);
  }
  return seen;
}

/** Describes where a read path shows a user something different than `nodes` does. */
export async function differenceOf(way: ReadPath, user: TestUser, looked: Looked): Promise<string[]> {
  const [seen, visible, own] = [await way.seen(user, looked), await looked.visible(user), await looked.shownAsOwn(user)];
  const ofTypes = new Set(way.types.flatMap((type: IdType) => looked.ids.get(type) ?? []).filter((id) => !own.has(id)));
  const expected = [...new Set(seen?.among ?? ofTypes)].filter((id) => ofTypes.has(id) && visible.has(id));
  if (seen === null) return expected.length > 0 ? [`${user.login}: ${way.name} is refused, though there is something to see`] : [];
  const got = new Set(seen.ids);
  return [
    ...[...got].filter((id) => !visible.has(id)).map((id) => `${user.login}: ${way.name} shows ${id}, which is hidden`),
    ...expected.filter((id) => !got.has(id)).map((id) => `${user.login}: ${way.name} does not show ${id}`),
    ...(seen.count !== undefined && seen.count !== got.size ? [`${user.login}: ${way.name} counts ${seen.count} of ${got.size}`] : []),
  ];
}

interface Wanted {
  readonly looked: Looked;
  /** Share of the objects that the user should not find which are tried. Those that the user should find are all tried. */
  readonly shareOfOthers: number;
}

/** Describes where the objects that a mutation finds differ from the explanation of access. */
export async function findingDifference(
  { name, permission, type, found }: SearchPath,
  user: TestUser,
  { looked, shareOfOthers }: Wanted,
): Promise<string[]> {
  const allowed = await explained(user, looked, { type, permission });
  // An object that a vendor's user can see but cannot change is found, and then refused when it is written.
  const limited = await explained(user, looked, { type, permission, decidedBy: "VENDOR_LIMIT" });
  const others = (looked.ids.get(type) ?? []).filter((id) => !allowed.includes(id));
  const got = await found(user, [...allowed, ...drawnFrom(others, looked.random, shareOfOthers)]);
  const visible = await looked.visible(user);
  const seesAny = (looked.ids.get(type) ?? []).some((id) => visible.has(id));
  const isHeldBack = (id: string): boolean => limited.includes(id) && (visible.has(id) || !seesAny || looked.areColleagues(user.id, id));
  return [
    ...got
      .filter((id) => !allowed.includes(id) && !isHeldBack(id))
      .map((id) => `${user.login}: ${name} finds ${id}, which ${permission} is explained not to reach`),
    ...allowed
      .filter((id) => !got.includes(id))
      .map((id) => `${user.login}: ${name} does not find ${id}, which ${permission} is explained to reach`),
  ];
}

/** Returns at least one of the values, if there is any. */
function drawnFrom<T>(values: readonly T[], random: RandomSource, share: number): T[] {
  const drawn = random.some(values, share);
  return drawn.length > 0 || values.length === 0 ? drawn : [random.pick(values)];
}

/** Runs the query for each pair, four at a time. */
export async function inTurn<T>(pairs: readonly T[], ask: (pair: T) => Promise<string[]>): Promise<string[]> {
  const waiting = [...pairs];
  const found: string[] = [];
  const work = async (): Promise<void> => {
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) found.push(...(await ask(pair)));
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return found;
}
