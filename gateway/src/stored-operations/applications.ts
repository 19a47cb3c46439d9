import { readsRequiredSince } from "@weft/platform/consistency";
import type { Database } from "@weft/platform/db";
import { parseAnyId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { LRUCache } from "lru-cache";
import { type ApplicationPlace, findActiveManifests, findTexts } from "./application.store.js";

/** The stored documents of an application in an environment. */
export interface Application {
  /** UUID of its tenant. */
  readonly tenantId: string;
  readonly isShared: boolean;
  /** Texts by the IDs that requests send. */
  readonly byId: ReadonlyMap<string, string>;
  readonly texts: ReadonlySet<string>;
}

/** An application whose documents are known, and the manifests that they come from. */
interface Loaded extends Application {
  readonly manifestIds: readonly string[];
}

interface Entry {
  readonly askedAt: number;
  /** Null: there is no such application. Undefined: it is among the loaded ones, whose memory is limited. */
  found: Promise<Loaded | null> | null | undefined;
}

/** After an upload or a retirement, requests meet it after this time at the latest. */
const freshForMs = 1_000;
const maxCharacters = 64_000_000;

const environments: ReadonlySet<string> = new Set(["DEV", "STAGING", "PROD"]);

/** Reads `app_…` or `app_…/STAGING`. Undefined if it is neither. */
export function readPlace(text: string): ApplicationPlace | undefined {
  const [id = "", environment = "PROD", ...more] = text.trim().split("/");
  const found = parseAnyId(id);
  if (found?.type !== "application" || !environments.has(environment) || more.length > 0) return undefined;
  return { applicationId: found.uuid, environment };
}

/**
 * Documents of applications, in memory. An unknown ID or text therefore costs no statement, however many are sent. Once a second, a statement asks whether
 * an application in use has the same manifests. Only if not, its documents are read again.
 */
export class Applications {
  readonly #auth: Database;
  readonly #known = new LRUCache<string, Entry>({ max: 10_000 });
  /** Loaded applications, limited by their texts. */
  readonly #loaded = new LRUCache<string, Loaded>({ maxSize: maxCharacters });

  constructor(auth: Database) {
    this.#auth = auth;
  }

  /**
   * Returns the application that a request names. Null if there is none for the viewer: those of other tenants do not exist. Without a login, any
   * application counts, because clients need its documents to log in.
   */
  async find(place: ApplicationPlace, viewer: Pick<Viewer, "tenantId"> | null): Promise<Application | null> {
    const found = await this.#load(place, viewer === null ? -Infinity : readsRequiredSince(viewer.tenantId));
    if (found === null || viewer === null || found.isShared) return found;
    return found.tenantId === viewer.tenantId ? found : null;
  }

  #load(place: ApplicationPlace, since: number): Promise<Loaded | null> {
    const key = `${place.applicationId}/${place.environment}`;
    const known = this.#known.get(key);
    const loaded = this.#loaded.get(key);
    if (known && performance.now() - known.askedAt < freshForMs && known.askedAt >= since) {
      if (known.found !== undefined) return Promise.resolve(known.found);
      if (loaded) return Promise.resolve(loaded);
    }
    const reading = this.#read(key, place);
    const entry: Entry = { askedAt: performance.now(), found: reading };
    this.#known.set(key, entry);
    reading.then(
      (found) => (entry.found = found === null ? null : undefined),
      // Failures are not cached: the next request asks again.
      () => {
        if (this.#known.peek(key) === entry) this.#known.delete(key);
      },
    );
    return reading;
  }

  async #read(key: string, place: ApplicationPlace): Promise<Loaded | null> {
    const active = await findActiveManifests(this.#auth, place);
    if (active === null) return null;
    const before = this.#loaded.get(key);
    if (before?.manifestIds.join() === active.manifestIds.join()) return before;
    const { tenantId, isShared, manifestIds } = active;
    const rows = manifestIds.length === 0 ? [] : await findTexts(this.#auth, tenantId, manifestIds);
    // The same object as before, if it is the same text: caches then find it without hashing or comparing its characters.
    const sameAs = (documentId: string, text: string): string => {
      const earlier = before?.byId.get(documentId);
      return earlier === text ? earlier : text;
    };
    const byId = new Map(rows.map(({ documentId, text }) => [documentId, sameAs(documentId, text)]));
    const loaded: Loaded = { tenantId, isShared, manifestIds, byId, texts: new Set(byId.values()) };
    const size = rows.reduce((sum, { text }) => sum + text.length, 1);
    // A larger one is read again for each request. It still works.
    if (size < maxCharacters) this.#loaded.set(key, loaded, { size });
    return loaded;
  }
}
