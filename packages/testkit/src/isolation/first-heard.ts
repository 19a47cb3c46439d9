import { eventCursors } from "@weft/shared";
import type { ApiResult } from "@weft/standalone";
import { openLive } from "../live-client.js";
import type { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";
import { operationFor, type RootField } from "./api-schema.js";
import type { Variables } from "./tries.js";
import type { World } from "./world.js";

/** The cursor of live events before everything that happened in a tenant. */
export const beginning = ({ keys }: TestWeft, { tenant }: World): string => eventCursors(keys).encode(tenant.id, 0);

interface Listening {
  readonly root: RootField;
  readonly user: TestUser;
  readonly depth: number;
  readonly variables: Variables;
}

/** The first thing that a subscription says, a payload or its refusal. Fails when it says nothing: whoever listens needs something to hear. */
export async function firstHeard(weft: TestWeft, { root, user, depth, variables }: Listening): Promise<ApiResult> {
  const socket = await openLive(weft.url, { token: user.token });
  try {
    socket.send({ id: "1", type: "subscribe", payload: { query: operationFor(root, depth), variables } });
    const { type, payload } = await socket
      .message(({ id }) => id === "1", 30_000)
      .catch((cause: unknown) => {
        throw new Error(`${root.name} told ${user.login} nothing: let something happen in this world that it tells of.`, { cause });
      });
    return type === "error" ? { errors: payload as NonNullable<ApiResult["errors"]> } : (payload as ApiResult);
  } finally {
    socket.close();
  }
}

/** What somebody is answered who opens a socket without a token. */
export async function connectionOfNobody(weft: TestWeft): Promise<string> {
  const socket = await openLive(weft.url);
  socket.send({ type: "connection_init", payload: {} });
  const code = await socket.closed();
  return code === 4401 ? "UNAUTHENTICATED" : `closed with ${code}`;
}
