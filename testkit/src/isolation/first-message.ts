import { eventCursors, liveFields, type LiveLog } from "@weft/api/live";
import type { ApiResult } from "@weft/standalone";
import { openLive } from "../live/live-client.js";
import type { TestUser } from "../test-user.js";
import type { SharedWeft } from "../test-weft.js";
import { operationFor, type RootField } from "./api-schema.js";
import type { Variables } from "./tries.js";
import type { Fixture } from "./fixture.js";

/** Returns the cursor before everything of a tenant that a subscription can deliver. */
export const beginning = ({ keys }: SharedWeft, { tenant }: Fixture, { name }: RootField): string =>
  eventCursors(keys, logOf(name)).encode(tenant.id, 0);

/** Returns what a subscription follows. */
export function logOf(name: string): LiveLog {
  const field = liveFields[name as keyof typeof liveFields];
  return "log" in field ? field.log : "events";
}

interface Listening {
  readonly root: RootField;
  readonly user: TestUser;
  readonly depth: number;
  readonly variables: Variables;
}

/** Returns the first message of a subscription: a payload or its refusal. Fails if there is none, so the user must have an event to receive. */
export async function firstMessage(weft: SharedWeft, { root, user, depth, variables }: Listening): Promise<ApiResult> {
  const socket = await openLive(weft.url, { token: user.token });
  try {
    socket.send({ id: "1", type: "subscribe", payload: { query: operationFor(root, depth), variables } });
    const { type, payload } = await socket
      .message(({ id }) => id === "1", 30_000)
      .catch((cause: unknown) => {
        throw new Error(`${root.name} sent nothing to ${user.login}. Add an event to the fixture that this user receives.`, { cause });
      });
    return type === "error" ? { errors: payload as NonNullable<ApiResult["errors"]> } : (payload as ApiResult);
  } finally {
    socket.close();
    // The gateway knows by then, too.
    await socket.closed();
  }
}

/** Returns the result of opening a socket without a token. */
export async function connectWithoutToken(weft: SharedWeft): Promise<string> {
  const socket = await openLive(weft.url);
  socket.send({ type: "connection_init", payload: {} });
  const code = await socket.closed();
  return code === 4401 ? "UNAUTHENTICATED" : `closed with ${code}`;
}
