import type { SessionState, WeftClient } from "@weft/client";
import { createContext, useCallback, useContext, useMemo, useSyncExternalStore, type ReactNode } from "react";
import { englishTexts, type Texts } from "../texts/texts.js";

interface Provided {
  readonly client: WeftClient;
  readonly texts: Texts;
  readonly timeZone: string | undefined;
}

const WeftContext = createContext<Provided | null>(null);

export interface WeftProviderProps {
  /** Create it once, outside of components. */
  readonly client: WeftClient;
  /** Texts of the components. Default: `englishTexts` */
  readonly texts?: Texts;
  /** IANA time zone in which components show and take times. Default: the browser's */
  readonly timeZone?: string | undefined;
  readonly children?: ReactNode;
}

/** Gives the components below it a client. */
export function WeftProvider({ client, texts = englishTexts, timeZone, children }: WeftProviderProps): ReactNode {
  const provided = useMemo(() => ({ client, texts, timeZone }), [client, texts, timeZone]);
  return <WeftContext.Provider value={provided}>{children}</WeftContext.Provider>;
}

function useProvided(): Provided {
  const provided = useContext(WeftContext);
  if (!provided) throw new Error("There is no client. Put a <WeftProvider client={…}> around the components that use Weft.");
  return provided;
}

/** Returns the client of the nearest `WeftProvider`. @throws Error if there is none */
export const useWeft = (): WeftClient => useProvided().client;

export const useTexts = (): Texts => useProvided().texts;

/** Undefined: that of the browser. */
export const useTimeZone = (): string | undefined => useProvided().timeZone;

/** Returns the state of the session, and renders again when it changes, also in another tab. */
export function useSession(): SessionState {
  const { session } = useWeft();
  const subscribe = useCallback((listener: () => void) => session.subscribe(listener), [session]);
  const state = (): SessionState => session.state;
  return useSyncExternalStore(subscribe, state, state);
}

/** Shows its children while a user is logged in. After another login it starts over, so that no state of the user before remains. */
export function SignedIn({ children }: { readonly children?: ReactNode }): ReactNode {
  const session = useSession();
  return session.status === "signedIn" ? <Keyed key={session.key}>{children}</Keyed> : null;
}

/** Shows its children while nobody is logged in. */
export function SignedOut({ children }: { readonly children?: ReactNode }): ReactNode {
  return useSession().status === "signedOut" ? children : null;
}

const Keyed = ({ children }: { readonly children?: ReactNode }): ReactNode => children;
