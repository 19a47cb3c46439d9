/** The two ways to keep a session: tokens that the page has, and cookies that no script can read. */
import { anonymous, type Access } from "./access.js";
import { endSession, renewSession } from "../requests/operations.js";
import { loginOperation, type Grant, type Tokens } from "./grant.js";

/** What is stored of an open session. */
export interface Kept {
  readonly accessTokenExpiresAt: string;
  readonly mustEnrolSecondFactor: boolean;
  /** Absent with cookies. */
  readonly accessToken?: string;
  readonly refreshToken?: string;
}

export interface Opened extends Kept {
  /** Token by which the device is known at the next login. Absent with cookies. */
  readonly deviceToken?: string;
}

export interface Keeper {
  open(grant: Grant, deviceToken: string | undefined): Promise<Opened>;
  /** Takes over the session of another way in. */
  adopt(tokens: Tokens): Promise<Opened>;
  /** Takes over the session that another page of this origin has opened. @throws UnauthenticatedError if there is none */
  resume(): Promise<Opened>;
  /** @throws UnauthenticatedError if the session has ended */
  renew(kept: Kept): Promise<Omit<Kept, "mustEnrolSecondFactor">>;
  /** Ends the session. */
  end(access: Access): Promise<void>;
  accessOf(kept: Kept): Omit<Access, "sessionKey">;
}

/** Weft accepts a refresh token again for ten seconds, for those who did not get the answer. The second attempt must come within them. */
const renewWithinMs = 4_000;

/** Sends an operation with this access and returns its data. `withinMs`: time for the answer. @throws WeftError */
export type RunWith = (text: string, variables: object, access: Access, withinMs?: number) => Promise<Readonly<Record<string, unknown>>>;
/** Sends JSON to a path of `/session` and returns the answer. @throws WeftError */
export type PostSession = (path: string, body?: object, withinMs?: number) => Promise<unknown>;

export function tokenKeeper(run: RunWith): Keeper {
  return {
    open: async (grant, deviceToken) => {
      const { field, text, takesDevice } = loginOperation(grant);
      const input = takesDevice && deviceToken !== undefined ? { ...grant, deviceToken } : grant;
      return (await run(text, { input }, anonymous))[field] as Opened;
    },
    adopt: (tokens) => Promise.resolve({ ...tokens, mustEnrolSecondFactor: false }),
    resume: () => Promise.reject(new TypeError('Only a client with `session: "cookies"` can take over the session of another page.')),
    renew: async ({ refreshToken }) => {
      return (await run(renewSession, { input: { refreshToken } }, anonymous, renewWithinMs))["refreshSession"] as Kept;
    },
    end: async (access) => void (await run(endSession, {}, access)),
    accessOf: ({ accessToken = "" }) => ({ id: accessToken, authorization: `Bearer ${accessToken}`, isCookie: false }),
  };
}

export function cookieKeeper(post: PostSession): Keeper {
  return {
    open: async (grant) => (await post("", grant)) as Opened,
    adopt: async ({ refreshToken }) => ({ ...((await post("", { refreshToken })) as Opened), mustEnrolSecondFactor: false }),
    resume: async () => ({ ...((await post("/refresh", undefined, renewWithinMs)) as Opened), mustEnrolSecondFactor: false }),
    renew: async () => (await post("/refresh", undefined, renewWithinMs)) as Kept,
    end: async () => void (await post("/logout")),
    // No script can read the token. Its expiry tells apart the one before a renewal and the one after it.
    accessOf: ({ accessTokenExpiresAt }) => ({ id: accessTokenExpiresAt, authorization: null, isCookie: true }),
  };
}
