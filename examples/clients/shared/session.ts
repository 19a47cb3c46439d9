/** Where Weft listens. */
const weft = import.meta.env.VITE_WEFT_URL ?? "http://127.0.0.1:4000";
export const httpUrl = `${weft}/graphql`;
export const wsUrl = httpUrl.replace(/^http/, "ws");

/** What `login` and `refreshSession` answer. */
export interface Session {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

const key = "weft:session";
const listeners = new Set<() => void>();

/** Null: nobody is logged in. */
function loadSession(): Session | null {
  return JSON.parse(localStorage.getItem(key) ?? "null") as Session | null;
}

export function saveSession(session: Session | null): void {
  localStorage.setItem(key, JSON.stringify(session));
  for (const listener of listeners) listener();
}

/** Calls the listener after each login, refresh and end of the session. Returns how to stop that. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const isLoggedIn = (): boolean => loadSession() !== null;

/** The access token, unless it expires within ten seconds. */
export function validToken(): string | null {
  const session = loadSession();
  return session !== null && Date.parse(session.accessTokenExpiresAt) - Date.now() > 10_000 ? session.accessToken : null;
}

/**
 * The access token to send, renewed if it has expired. Null: the user has to log in.
 *
 * @param refused a token that Weft has just refused: it is renewed, whatever our clock says
 */
export async function accessToken(refused: string | null = null): Promise<string | null> {
  const token = validToken();
  if (token !== null && token !== refused) return token;
  // A refresh token works once. The lock allows one refresh at a time across all tabs.
  return navigator.locks.request(key, async () => {
    const session = loadSession();
    const renewed = validToken();
    if (session === null || (renewed !== null && renewed !== refused)) return renewed;
    const next = await refresh(session.refreshToken);
    saveSession(next);
    return next?.accessToken ?? null;
  });
}

/** Null: the session has ended. Throws when Weft cannot be reached; the session may still be valid then. */
async function refresh(refreshToken: string): Promise<Session | null> {
  const query = `mutation Refresh($input: RefreshSessionInput!) {
    refreshSession(input: $input) { accessToken accessTokenExpiresAt refreshToken }
  }`;
  const response = await fetch(httpUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input: { refreshToken } } }),
  });
  const { data, errors } = (await response.json()) as {
    data?: { refreshSession: Session | null } | null;
    errors?: { message: string; extensions: { code: string } }[];
  };
  const [error] = errors ?? [];
  if (error !== undefined && error.extensions.code !== "UNAUTHENTICATED") throw new Error(error.message);
  return data?.refreshSession ?? null;
}
