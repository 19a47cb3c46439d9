import { entityIdTypes, type IdType } from "@weft/shared/ids";
import { getNamedType, isNonNullType, isObjectType } from "graphql";
import type { TestUser } from "../../test-user.js";
import type { RootField } from "../api-schema.js";
import { logOf } from "../first-message.js";
import { askedOnce, type Looked, type ReadPath } from "./read-path.js";

/** Returns the payload field that contains the object of the event. It is nullable where an event can say that an object has left a list. */
function aboutField({ field }: RootField): { readonly name: string; readonly type: IdType } | undefined {
  const payload = getNamedType(field.type);
  if (!isObjectType(payload)) return undefined;
  const objects = Object.values(payload.getFields()).flatMap(({ name, type }) => {
    const named = getNamedType(type);
    const idType = entityIdTypes[named.name];
    return idType !== undefined && isObjectType(named) ? [{ name, type: idType, isRequired: isNonNullType(type) }] : [];
  });
  return objects.find(({ isRequired }) => isRequired) ?? objects[0];
}

/** Time for the events of the whole log, of which a user may see only the last. Several users receive them at once. */
const replayMs = 60_000;

/** Number of parts of the events that the administrator is not shown. Each user asks for one of them. */
const parts = 8;

const partOf = ({ id }: TestUser): number => Array.from(id, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0) % parts;

/** Returns the read paths through the events of the whole log: querying each event individually, as the gateway does, and replaying all of them over a socket. */
export function liveReadPaths(subscription: RootField): ReadPath[] {
  const about = aboutField(subscription);
  if (about === undefined) return [];
  const { name } = subscription;
  const time = about.type === "auditEntry" ? "at" : "createdAt";
  const selection = `{ cursor ${about.name} { id ${time} } }`;
  const logIn = (looked: Looked): Looked["logs"]["events"] => looked.logs[logOf(name)];
  type Payload = { readonly cursor: string; readonly [about: string]: unknown };

  /** Returns the payloads of the events at these positions, in order. Null if the query is refused. */
  const payloadsAt = async (user: TestUser, looked: Looked, positions: readonly number[]): Promise<Payload[] | null> => {
    const payloads: Payload[] = [];
    const { cursorAt } = logIn(looked);
    for (let start = 0; start < positions.length; start += 20) {
      const batch = positions.slice(start, start + 20);
      const names = batch.map((_, index) => `v${index}`);
      const query = `query (${names.map((each) => `$${each}: String`).join(", ")}) { ${names.map((each) => `${each}: ${name}(at: $${each}) ${selection}`).join(" ")} }`;
      const cursors = Object.fromEntries(batch.map((position, index) => [`v${index}`, cursorAt(position)]));
      const { data, errors } = await user.internally.send(query, cursors);
      if (errors?.some(({ extensions }) => extensions?.code !== "FORBIDDEN")) throw new Error(JSON.stringify(errors));
      if (errors) return null;
      payloads.push(...names.flatMap((each) => (data as Record<string, Payload | null>)[each] ?? []));
    }
    return payloads;
  };
  const positionsUntil = (head: number): number[] => Array.from({ length: head }, (_, index) => index + 1);
  const ofAdmin = askedOnce((_: "admin", looked) => payloadsAt(looked.fixture.admin, looked, positionsUntil(logIn(looked).head)));
  /**
   * Returns the payloads of all events, in order. Asked once per user: the query and the subscription are both compared with it. Events of another kind
   * are the same nothing for everybody, and most events are: of those that the administrator is not shown, each user asks for another part. The
   * subscription shows the user every event, and is compared with these.
   */
  const mirrored = askedOnce(async (user: TestUser, looked: Looked): Promise<Payload[] | null> => {
    const shown = await ofAdmin("admin", looked);
    if (user === looked.fixture.admin) return shown;
    if (shown === null || about.type === "notification") return payloadsAt(user, looked, positionsUntil(logIn(looked).head));
    const cursors = new Set(shown.map(({ cursor }) => cursor));
    const isAsked = (position: number): boolean => cursors.has(logIn(looked).cursorAt(position)) || position % parts === partOf(user);
    return payloadsAt(user, looked, positionsUntil(logIn(looked).head).filter(isAsked));
  });
  /** Returns the objects of events of this kind. For notifications, which only their recipient receives, returns the user's own. */
  const among = async (looked: Looked, user: TestUser): Promise<string[]> =>
    about.type === "notification"
      ? [...(await looked.visible(user))].filter((id) => looked.ids.get("notification")?.includes(id))
      : idsIn((await mirrored(looked.fixture.admin, looked)) ?? []);
  const idsIn = (payloads: readonly Payload[]): string[] =>
    payloads.flatMap((payload) => (payload[about.name] as { id: string } | null)?.id ?? []);

  return [
    {
      name: `the query ${name} at each event`,
      types: [about.type],
      fields: [`Query.${name}`],
      seen: async (user, looked) => {
        const payloads = await mirrored(user, looked);
        return payloads && { ids: idsIn(payloads), among: await among(looked, user) };
      },
    },
    {
      name: `the subscription ${name} from the first event on`,
      types: [about.type],
      fields: [`Subscription.${name}`],
      seen: async (user, looked) => {
        const expected = await mirrored(user, looked);
        const feed = await user.subscribe<Payload>(name, `subscription ($after: String) { ${name}(after: $after) ${selection} }`, {
          after: logIn(looked).cursorAt(0),
        });
        try {
          if (expected === null) {
            await feed.until(() => feed.errors.length > 0);
            return null;
          }
          // Events arrive in order, so events that must stay hidden would have arrived before the last visible one.
          const last = expected.at(-1)?.cursor;
          if (last !== undefined) await feed.until((payloads) => payloads.some(({ cursor }) => cursor === last), replayMs);
          const cursors = feed.payloads.map(({ cursor }) => cursor);
          if (JSON.stringify(cursors) !== JSON.stringify(expected.map(({ cursor }) => cursor)))
            throw new Error(`${name} sent other events than its query shows: ${JSON.stringify(feed.payloads)}`);
          return { ids: idsIn(feed.payloads), among: await among(looked, user) };
        } finally {
          await feed.stop();
        }
      },
    },
  ];
}
