import { addOccurrences, type AuditClass, type CountedOccurrence, keyOf, type Occurrence } from "@weft/platform/audit";
import { effectiveConfigOf, type EffectiveConfig } from "@weft/platform/configuration";
import { asTenant, isRefusedValue } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { BackgroundWriter } from "../background-writer.js";

/** How many kinds of refusals and failures are told apart within a window, and as many again of sensitive reads. */
export interface Bounds {
  readonly person: number;
  /** All persons of a tenant. */
  readonly tenant: number;
  /** A person, even if others have used up what the tenant has. */
  readonly everyPerson: number;
}

const defaultBounds: Bounds = { person: 1_000, tenant: 10_000, everyPerson: 50 };
/** Kinds of all tenants in memory. */
const maxKinds = 50_000;
/** Rows of one statement. */
const BATCH = 500;
/** Time within which the kinds are counted. */
const WINDOW_MS = 60_000;

/** Longest time until what could not be written is tried again. */
const MAX_PAUSE_MS = 60_000;

/** Operation of what is no longer told apart. */
const others = "(other operations)";

type Counted = { -readonly [Name in keyof CountedOccurrence]: CountedOccurrence[Name] };

/** Which kinds there were within the window. */
interface Kinds {
  readonly ofPersons: Map<string, Set<string>>;
  number: number;
}

/** What a tenant has since the last writing. */
interface OfTenant {
  counted: Map<string, Counted>;
  /** Reads have a bound of their own: a flood of refusals must not hide what its author read. */
  refusals: Kinds;
  reads: Kinds;
  windowEndsAt: number;
  /** Failed attempts to write in a row, and the time before which the next one is not made. */
  failures: number;
  retryAt: number;
}

const noKinds = (): Kinds => ({ ofPersons: new Map(), number: 0 });

export interface CountedOccurrencesOptions {
  readonly services: Pick<Services, "pubsub" | "log" | "keyring"> & { readonly databases: Pick<Services["databases"], "app" | "auth"> };
  /** Time between writings. 0: nothing is counted. */
  readonly everyMs: number;
  /** Called for each occurrence that was not counted. */
  readonly onDropped: () => void;
  readonly bounds?: Bounds;
}

/** The setting that turns a class off. Changes and refused logins are always recorded. */
const settings = {
  FORBIDDEN: "forbidden",
  NOT_FOUND: "notFound",
  REFUSED_TRANSITION: "refusedTransitions",
  PROFILE_VIOLATION: "profileViolations",
  LIMIT: "limits",
  FAILURE: "failures",
  SENSITIVE_READ: "sensitiveReads",
} as const satisfies Partial<Record<AuditClass, keyof EffectiveConfig["audit"]>>;

const isOn = ({ audit }: EffectiveConfig, kind: AuditClass): boolean =>
  !Object.hasOwn(settings, kind) || audit[settings[kind as keyof typeof settings]];

/**
 * Counts refusals, failures and sensitive reads for the audit trail. Counting needs no statement, so a flood of refusals does not slow down the answers.
 * Counts are written in the background, and a worker makes entries of them. A process that ends abruptly loses those since the last writing.
 */
export class CountedOccurrences {
  readonly #options: CountedOccurrencesOptions;
  readonly #bounds: Bounds;
  readonly #tenants = new Map<string, OfTenant>();
  #waiting = 0;
  readonly #writer: BackgroundWriter;

  constructor(options: CountedOccurrencesOptions) {
    this.#options = options;
    this.#bounds = options.bounds ?? defaultBounds;
    const { everyMs } = options;
    this.#writer = new BackgroundWriter({
      name: "recording refusals",
      everyMs,
      hasMore: () => this.#waiting > 0,
      write: () => this.#write(),
    });
  }

  get isOn(): boolean {
    return this.#options.everyMs > 0;
  }

  add(tenantId: string, occurrence: Occurrence, now = Date.now()): void {
    const known = this.#withinBounds(this.#tenantAt(tenantId, now), occurrence);
    const { counted } = this.#tenantAt(tenantId, now);
    const key = keyOf(known);
    const before = counted.get(key);
    if (before) {
      before.last = known;
      before.count++;
      before.lastAt = now;
    } else {
      if (this.#waiting >= maxKinds) return this.#options.onDropped();
      counted.set(key, { last: known, count: 1, firstAt: now, lastAt: now });
      this.#waiting++;
    }
    this.#writer.schedule();
  }

  /** Writes what was counted. */
  async stop(): Promise<void> {
    await this.#writer.stop();
    await this.#write(true);
  }

  #tenantAt(tenantId: string, now: number): OfTenant {
    let found = this.#tenants.get(tenantId);
    if (!found) {
      found = { counted: new Map(), refusals: noKinds(), reads: noKinds(), windowEndsAt: now + WINDOW_MS, failures: 0, retryAt: 0 };
      this.#tenants.set(tenantId, found);
    }
    if (found.windowEndsAt <= now) Object.assign(found, { refusals: noKinds(), reads: noKinds(), windowEndsAt: now + WINDOW_MS });
    return found;
  }

  /** Returns the occurrence as it is counted: of more kinds than are told apart, without its operation. It never loses its person and its class. */
  #withinBounds(tenant: OfTenant, occurrence: Occurrence): Occurrence {
    const { actorId } = occurrence;
    const kinds = occurrence.class === "SENSITIVE_READ" ? tenant.reads : tenant.refusals;
    const ofPerson = kinds.ofPersons.get(actorId) ?? new Set();
    kinds.ofPersons.set(actorId, ofPerson);
    const key = keyOf(occurrence);
    if (ofPerson.has(key)) return occurrence;
    const most = kinds.number < this.#bounds.tenant ? this.#bounds.person : this.#bounds.everyPerson;
    if (ofPerson.size >= most) return { ...occurrence, operation: others, code: null };
    ofPerson.add(key);
    kinds.number++;
    return occurrence;
  }

  /** @param isLast whether those are tried, too, that wait after a failure */
  async #write(isLast = false): Promise<void> {
    const now = Date.now();
    const errors: unknown[] = [];
    const due = [...this.#tenants].filter(([, { retryAt }]) => isLast || retryAt <= now);
    for (const [tenantId, tenant] of due) {
      const counted = [...tenant.counted.values()];
      tenant.counted = new Map();
      this.#waiting -= counted.length;
      // Tenants whose window is over are forgotten.
      if (counted.length === 0 && tenant.windowEndsAt <= now) this.#tenants.delete(tenantId);
      if (counted.length > 0) await this.#writeOf(tenantId, counted, (error) => errors.push(error));
    }
    // One line, however many tenants there are.
    if (errors.length > 0)
      this.#options.services.log.warn({ err: errors[0], tenants: errors.length }, "refusals could not be recorded; they will be retried");
  }

  /** Writes in batches. What was not committed is counted again, and tried later. */
  async #writeOf(tenantId: string, counted: readonly CountedOccurrence[], onError: (error: unknown) => void): Promise<void> {
    const { services } = this.#options;
    let left: readonly CountedOccurrence[] = counted;
    try {
      const config = await effectiveConfigOf(services, tenantId);
      left = counted.filter(({ last }) => isOn(config, last.class));
      for (; left.length > 0; left = left.slice(BATCH)) await this.#writeBatch(tenantId, left.slice(0, BATCH), onError);
      this.#tenantAt(tenantId, Date.now()).failures = 0;
    } catch (error) {
      onError(error);
      this.#keep(tenantId, left);
    }
  }

  /** Writes in one transaction. What PostgreSQL can never store is dropped, because everything after it would wait forever. */
  async #writeBatch(tenantId: string, batch: readonly CountedOccurrence[], onError: (error: unknown) => void): Promise<void> {
    const { databases, keyring } = this.#options.services;
    try {
      await asTenant(databases.app, { tenantId }, "write", (tx) => addOccurrences(tx, { tenantId, keyring }, batch));
    } catch (error) {
      if (!isRefusedValue(error)) throw error;
      if (batch.length === 1) {
        onError(error);
        return this.#options.onDropped();
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#writeBatch(tenantId, batch.slice(0, middle), onError);
      await this.#writeBatch(tenantId, batch.slice(middle), onError);
    }
  }

  /** Counts what could not be written again, together with what happened meanwhile. */
  #keep(tenantId: string, counted: readonly CountedOccurrence[]): void {
    const tenant = this.#tenantAt(tenantId, Date.now());
    tenant.failures++;
    tenant.retryAt = Date.now() + Math.min(MAX_PAUSE_MS, this.#options.everyMs * 2 ** (tenant.failures - 1));
    for (const each of counted) {
      const key = keyOf(each.last);
      const since = tenant.counted.get(key);
      if (since) {
        since.count += each.count;
        since.firstAt = each.firstAt;
      } else if (this.#waiting >= maxKinds) this.#options.onDropped();
      else {
        tenant.counted.set(key, { ...each });
        this.#waiting++;
      }
    }
  }
}
