import { callSafely } from "../call-safely.js";
import { UnauthenticatedError } from "../errors.js";
import { newKey } from "../requests/idempotency.js";
import { anonymous, type Access, type Authenticator } from "./access.js";
import type { Grant, SecondFactorGrant, Tokens } from "./grant.js";
import type { Keeper, Kept, Opened } from "./keepers.js";
import type { SessionStore } from "./store.js";

/** Why nobody is logged in: the user logged out, here or in another tab; the session was not used for too long; or somebody ended it. */
export type SessionEnd = "loggedOut" | "expired" | "revoked";

export type SessionState =
  | {
      readonly status: "signedIn";
      /** Identifies this login: stays the same over renewals and in all tabs. When it changes, forget what the user before has seen. */
      readonly key: string;
      /** The session can do nothing but set up a second factor. */
      readonly mustEnrolSecondFactor: boolean;
    }
  | { readonly status: "signedOut"; /** Null: nobody has logged in so far. */ readonly reason: SessionEnd | null };

/** The key of a session. Null: nobody is logged in. */
export const sessionKeyOf = (state: SessionState): string | null => (state.status === "signedIn" ? state.key : null);

export interface Session {
  /** The same object until something changes. */
  readonly state: SessionState;
  /** Calls the listener after every change of `state`, also by another tab. Returns a function that ends this. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Opens a session: with a password, the user's directory, a passkey, or an identity provider (`singleSignOnGrant`).
   *
   * @throws MfaRequiredError if the user has a second factor: call `completeLogin`
   * @throws PasswordChangeRequiredError, UnauthenticatedError, RateLimitedError, …
   */
  logIn(grant: Exclude<Grant, SecondFactorGrant>): Promise<void>;
  /** The second step of a login. @throws BadUserInputError if the code is wrong */
  completeLogin(grant: SecondFactorGrant): Promise<void>;
  /** Takes over tokens of another mutation that opens a session, such as `acceptInvitation` or `registerOrganization`. */
  adopt(tokens: Tokens): Promise<void>;
  /**
   * Takes over the session that another page of this origin has opened with cookies, such as a login page that the server renders. Only with
   * `session: "cookies"`. `mustEnrolSecondFactor` is then false: Weft refuses what such a session cannot do.
   *
   * @returns whether there is one. Without one, nothing changes
   * @throws NetworkError if Weft cannot be reached
   */
  resume(): Promise<boolean>;
  /**
   * Ends the session, here and in all tabs of this browser. The session is forgotten here even if Weft cannot be reached.
   *
   * @throws NetworkError if the server could not be told. The session then ends at its timeout
   */
  logOut(options?: {
    /** Also ends the user's other sessions, on all devices. */
    readonly everywhere?: boolean;
  }): Promise<void>;
}

interface KeptSession extends Kept {
  readonly key: string;
  /** Time of this device from which the access token is renewed before its use, in ms. Null: its clock cannot tell. */
  readonly renewAt: number | null;
}

interface Stored {
  readonly session: KeptSession | null;
  readonly ended: SessionEnd | null;
  readonly deviceToken?: string | undefined;
}

const empty: Stored = { session: null, ended: null };
/** Renewed so long before it expires, because a request takes its time. */
const marginMs = 10_000;
/** A token that seems to expire so soon after it was issued is one that a clock which is ahead sees. */
const plausibleMs = 30_000;

export interface SessionOptions {
  readonly keeper: Keeper;
  readonly store: SessionStore;
  /** Ends the user's other sessions. */
  readonly endOthers: (access: Access) => Promise<void>;
  /** Repeats a renewal while Weft cannot be reached. */
  readonly retrying: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A session that the client keeps and renews. */
export interface KeptAuthenticator extends Session, Authenticator {
  /** Called when Weft says that the session of this key is over. */
  ended(key: string | null, reason: SessionEnd): void;
  /** Stops looking at what other tabs write. */
  close(): void;
}

export function createSession({ keeper, store, endOthers, retrying }: SessionOptions): KeptAuthenticator {
  const listeners = new Set<() => void>();
  let stored = empty;
  let state: SessionState = { status: "signedOut", reason: null };
  /** The storage is full: what is in memory is newer. */
  let isUnsaved = false;

  const show = (next: Stored): void => {
    stored = next;
    const { session, ended } = next;
    const isSame = session
      ? state.status === "signedIn" && state.key === session.key && state.mustEnrolSecondFactor === session.mustEnrolSecondFactor
      : state.status === "signedOut" && state.reason === ended;
    if (isSame) return;
    state = session
      ? { status: "signedIn", key: session.key, mustEnrolSecondFactor: session.mustEnrolSecondFactor }
      : { status: "signedOut", reason: ended };
    for (const listener of listeners) callSafely(listener);
  };
  const load = (): void => {
    if (!isUnsaved) show(read(store));
  };
  const save = (next: Stored): void => {
    try {
      store.write(JSON.stringify(next));
      isUnsaved = false;
    } catch {
      // The old refresh token is used up, so the new one must not be lost.
      isUnsaved = true;
    }
    show(next);
  };
  const end = (reason: SessionEnd): void => save({ ...stored, session: null, ended: reason });
  const begin = ({ deviceToken, ...opened }: Opened): void => {
    load();
    save({
      session: { ...opened, key: newKey(), renewAt: renewAtOf(opened) },
      ended: null,
      deviceToken: deviceToken ?? stored.deviceToken,
    });
  };
  const accessOf = (session: KeptSession): Access => ({ ...keeper.accessOf(session), sessionKey: session.key });
  const isFresh = ({ renewAt }: KeptSession): boolean => renewAt === null || Date.now() < renewAt;
  const usable = (refused: Access | undefined): Access | null => {
    const { session } = stored;
    if (!session) return anonymous;
    const access = accessOf(session);
    return isFresh(session) && access.id !== refused?.id ? access : null;
  };
  /** Whether the session is still the one that is kept. Somebody can have logged out, and another user in, while Weft answered. */
  const isCurrent = ({ key }: KeptSession): boolean => {
    load();
    return stored.session?.key === key;
  };

  const access = async (refused?: Access): Promise<Access> =>
    usable(refused) ??
    // A refresh token works once. Of all tabs, one renews; the others find the result.
    store.withLock(async () => {
      load();
      const found = usable(refused);
      const { session } = stored;
      if (found || !session) return found ?? anonymous;
      try {
        const renewed = { ...session, ...(await retrying(() => keeper.renew(session))) };
        if (!isCurrent(session)) return anonymous;
        const next = { ...renewed, renewAt: renewAtOf(renewed) };
        save({ ...stored, session: next });
        return accessOf(next);
      } catch (error) {
        if (!(error instanceof UnauthenticatedError)) throw error;
        if (isCurrent(session)) end("expired");
        return anonymous;
      }
    });

  load();
  const unwatch = store.watch(load);
  return {
    get state() {
      return state;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    logIn: async (grant) => begin(await keeper.open(grant, stored.deviceToken)),
    completeLogin: async (grant) => begin(await keeper.open(grant, stored.deviceToken)),
    adopt: async (tokens) => begin(await keeper.adopt(tokens)),
    // Under the lock, because it uses up the refresh token.
    resume: () =>
      store.withLock(async () => {
        try {
          begin(await keeper.resume());
          return true;
        } catch (error) {
          if (error instanceof UnauthenticatedError) return false;
          throw error;
        }
      }),
    logOut: async ({ everywhere = false } = {}) => {
      load();
      const { session } = stored;
      if (!session) return;
      // First here: the user is gone whatever becomes of the network, and the tabs must not take the end of their sockets for a revocation.
      end("loggedOut");
      const tell = async (current: KeptSession): Promise<void> => {
        try {
          if (everywhere) await endOthers(accessOf(current));
        } finally {
          await keeper.end(accessOf(current));
        }
      };
      try {
        await tell(session);
      } catch (error) {
        if (!(error instanceof UnauthenticatedError)) throw error;
        // The access token has expired, but not the session.
        const renewed = await keeper.renew(session).catch((refusal: unknown) => {
          if (!(refusal instanceof UnauthenticatedError)) throw refusal;
        });
        if (renewed) await tell({ ...session, ...renewed });
      }
    },
    access,
    ended: (key, reason) => {
      load();
      if (key !== null && stored.session?.key === key) end(reason);
    },
    close: unwatch,
  };
}

/** Null if the clock of this device is so far ahead that the token seems to have expired: then only Weft's refusal tells. */
function renewAtOf({ accessTokenExpiresAt }: Pick<Kept, "accessTokenExpiresAt">): number | null {
  const expiresAt = Date.parse(accessTokenExpiresAt);
  return expiresAt - Date.now() > plausibleMs ? expiresAt - marginMs : null;
}

function read(store: SessionStore): Stored {
  try {
    const stored = JSON.parse(store.read() ?? "null") as Stored | null;
    return stored?.session?.key === undefined ? { ...empty, ...stored, session: null } : stored;
  } catch {
    // Something else has written there.
    return empty;
  }
}

/** The session of a client with an API key, or with the tokens of others: there is nothing to open or end. */
export function fixedSession(): Session {
  const refuse = (): Promise<never> =>
    Promise.reject(new TypeError("This client was created with `apiKey` or `accessToken`, so it has no session of its own."));
  const state: SessionState = { status: "signedIn", key: "fixed", mustEnrolSecondFactor: false };
  return { state, subscribe: () => () => {}, logIn: refuse, completeLogin: refuse, adopt: refuse, resume: refuse, logOut: refuse };
}
