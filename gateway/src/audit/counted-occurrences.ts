import { addOccurrences, type AuditClass, type CountedOccurrence, keyOf, type Occurrence } from "@weft/platform/audit";
import { effectiveConfigOf, type EffectiveConfig } from "@weft/platform/configuration";
import { asTenant } from "@weft/platform/db";
import { SYSTEM_ID } from "@weft/platform/events";
import { contained } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";

/** Kinds of occurrences of a person that are told apart within a window, and those of all persons of a tenant. */
const maxKindsOfPerson = 1_000;
const maxKindsOfTenant = 2_000;
/** Kinds of all tenants in memory. */
const maxKinds = 50_000;
/** Rows of one statement. */
const BATCH = 500;
/** Time within which the kinds are counted. */
const WINDOW_MS = 60_000;

/** Operation and actor of what is no longer told apart. */
const others = "(other operations)";

type Counted = { -readonly [Name in keyof CountedOccurrence]: CountedOccurrence[Name] };

/** What a tenant has since the last writing, and which kinds there were within the window. */
interface OfTenant {
  counted: Map<string, Counted>;
  kinds: Map<string, Set<string>>;
  numberOfKinds: number;
  windowEndsAt: number;
}

export interface CountedOccurrencesOptions {
  readonly services: Pick<Services, "pubsub" | "log" | "keyring"> & { readonly databases: Pick<Services["databases"], "app" | "auth"> };
  /** Time between writings. 0: nothing is counted. */
  readonly everyMs: number;
  /** Called for each occurrence that was not counted. */
  readonly onDropped: () => void;
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
  readonly #tenants = new Map<string, OfTenant>();
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: CountedOccurrencesOptions) {
    this.#options = options;
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
    this.#schedule();
  }

  /** Writes what was counted. */
  async stop(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
    await this.#write();
  }

  #tenantAt(tenantId: string, now: number): OfTenant {
    let found = this.#tenants.get(tenantId);
    if (!found)
      this.#tenants.set(tenantId, (found = { counted: new Map(), kinds: new Map(), numberOfKinds: 0, windowEndsAt: now + WINDOW_MS }));
    if (found.windowEndsAt <= now) Object.assign(found, { kinds: new Map(), numberOfKinds: 0, windowEndsAt: now + WINDOW_MS });
    return found;
  }

  /** Returns the occurrence as it is counted: with more kinds than are told apart, without its operation, and finally without its person. */
  #withinBounds(tenant: OfTenant, occurrence: Occurrence): Occurrence {
    const { actorId } = occurrence;
    let kinds = tenant.kinds.get(actorId);
    const key = keyOf(occurrence);
    if (kinds?.has(key)) return occurrence;
    if (tenant.numberOfKinds >= maxKindsOfTenant)
      return {
        ...occurrence,
        actorId: SYSTEM_ID,
        operation: others,
        code: null,
        onBehalfOf: null,
        sessionId: null,
        address: null,
        client: undefined,
        userAgent: null,
      };
    if (kinds && kinds.size >= maxKindsOfPerson) return { ...occurrence, operation: others, code: null };
    if (!kinds) tenant.kinds.set(actorId, (kinds = new Set()));
    kinds.add(key);
    tenant.numberOfKinds++;
    return occurrence;
  }

  /** Only one batch is written at a time: behind a slow database, they would pile up. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#waiting === 0) return;
    const write = contained("recording refusals", () => {
      this.#timer = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        this.#schedule();
      });
      return this.#writing;
    });
    this.#timer = setTimeout(write, this.#options.everyMs).unref();
  }

  async #write(): Promise<void> {
    const taken = [...this.#tenants].flatMap(([tenantId, tenant]) => {
      const { counted } = tenant;
      tenant.counted = new Map();
      // Tenants whose window is over are forgotten.
      if (counted.size === 0 && tenant.windowEndsAt <= Date.now()) this.#tenants.delete(tenantId);
      return counted.size === 0 ? [] : [[tenantId, [...counted.values()]] as const];
    });
    this.#waiting = 0;
    const errors: unknown[] = [];
    for (const [tenantId, counted] of taken)
      await this.#writeOf(tenantId, counted).catch((error: unknown) => {
        errors.push(error);
        this.#keep(tenantId, counted);
      });
    // One line, however many tenants there are.
    if (errors.length > 0)
      this.#options.services.log.warn({ err: errors[0], tenants: errors.length }, "refusals could not be recorded; they will be retried");
  }

  async #writeOf(tenantId: string, counted: readonly CountedOccurrence[]): Promise<void> {
    const { services } = this.#options;
    const config = await effectiveConfigOf(services, tenantId);
    const wanted = counted.filter(({ last }) => isOn(config, last.class));
    for (let start = 0; start < wanted.length; start += BATCH)
      await asTenant(services.databases.app, { tenantId }, "write", (tx) =>
        addOccurrences(tx, { tenantId, keyring: services.keyring }, wanted.slice(start, start + BATCH)),
      );
  }

  /** Counts what could not be written again, together with what happened meanwhile. */
  #keep(tenantId: string, counted: readonly CountedOccurrence[]): void {
    const tenant = this.#tenantAt(tenantId, Date.now());
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
