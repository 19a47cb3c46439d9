/** Where a session is kept between page loads, and how tabs share it. */

export interface SessionStore {
  read(): string | null;
  write(text: string): void;
  /** Calls the listener when another tab has written. Returns a function that ends this. */
  watch(listener: () => void): () => void;
  /** Runs work while no other tab runs such work. */
  withLock<T>(work: () => Promise<T>): Promise<T>;
}

/** One after the other, within this page. */
function queue(): SessionStore["withLock"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Keeps the session in a variable: it ends with the page, and each tab has its own. No other script of the page can read it. */
export function memoryStore(): SessionStore {
  let text: string | null = null;
  return {
    read: () => text,
    write: (next) => void (text = next),
    watch: () => () => {},
    withLock: queue(),
  };
}

/** The lock manager of the browser, which only pages served by HTTPS or from localhost have. Node has one, but no tabs. */
const locksOf = (): LockManager | undefined => (typeof navigator === "undefined" ? undefined : navigator.locks);

/**
 * Keeps the session in `localStorage`: it outlives the page, and all tabs share it. Every script of the page can read it.
 *
 * @param key name of the entry
 */
export function localStore(key = "weft:session"): SessionStore {
  const inPage = queue();
  return {
    read: () => localStorage.getItem(key),
    write: (text) => localStorage.setItem(key, text),
    watch: (listener) => {
      const onStorage = (event: StorageEvent): void => {
        // A null key: the whole storage was cleared.
        if (event.key === key || event.key === null) listener();
      };
      // A page that the browser has kept aside got no events meanwhile.
      const onShow = ({ persisted }: PageTransitionEvent): void => {
        if (persisted) listener();
      };
      addEventListener("storage", onStorage);
      addEventListener("pageshow", onShow);
      return () => {
        removeEventListener("storage", onStorage);
        removeEventListener("pageshow", onShow);
      };
    },
    withLock: <T>(work: () => Promise<T>): Promise<T> => {
      const locks = locksOf();
      return locks ? (locks.request(key, work) as Promise<T>) : inPage(work);
    },
  };
}

/** `localStore` in a browser that allows it, otherwise `memoryStore`. */
export function defaultStore(key?: string): SessionStore {
  try {
    if (typeof localStorage === "undefined" || typeof addEventListener === "undefined") return memoryStore();
    const store = localStore(key);
    store.read();
    return store;
  } catch {
    // A page whose storage is blocked.
    return memoryStore();
  }
}
