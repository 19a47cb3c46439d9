import type { Keys } from "@weft/platform/config";
import type { Databases } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import type { Counters } from "@weft/api/limits";
import { createAnonymous, type Anonymous, type AnonymousOptions } from "../limits/anonymous.js";
import { ApiKeyUses } from "./api-key-uses.js";
import { createAuthenticate, type Authenticate } from "./authenticate.js";
import { SessionUse } from "./session-use.js";
import { createTokenVerifier } from "./token.js";
import { Viewers } from "./viewers.js";

export interface AuthenticationOptions extends Omit<AnonymousOptions, "userOf"> {
  readonly databases: Pick<Databases, "app" | "auth">;
  readonly pubsub: PubSub;
  readonly keys: Keys;
  readonly counters: Counters;
  readonly log: Logger;
}

/** What finds out who sends a request, and limits those who cannot say. */
export interface Authentication {
  readonly authenticate: Authenticate;
  readonly anonymous: Anonymous;
  readonly viewers: Viewers;
  /** Stops following revocations, and records the last uses of sessions and API keys. */
  stop(): Promise<void>;
}

/** Starts to follow revocations, and to record the use of sessions and API keys. */
export async function startAuthentication({
  databases,
  pubsub,
  keys,
  log,
  ...anonymousOptions
}: AuthenticationOptions): Promise<Authentication> {
  const verify = await createTokenVerifier(keys);
  const userOf = async (token: string): Promise<string | null> => (await verify(token)).userId;
  const anonymous = createAnonymous({ ...anonymousOptions, userOf });
  const use = new SessionUse({ app: databases.app, log });
  const viewers = new Viewers({ auth: databases.auth, log, use });
  await viewers.start(pubsub);
  const uses = new ApiKeyUses({ app: databases.app, log });
  return {
    authenticate: createAuthenticate({ verify, viewers, anonymous, uses }),
    anonymous,
    viewers,
    stop: async () => {
      await viewers.stop();
      await use.stop();
      await uses.stop();
    },
  };
}
