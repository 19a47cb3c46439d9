import { asTenant, type Database } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import { BackgroundWriter } from "../background-writer.js";
import type { Client } from "./client.js";
import { addFieldUses, type DayOfClient, selectClientsOfDay } from "./field-uses.store.js";
import type { UsedElements } from "./used-elements.js";

/** Clients and versions of a tenant that are kept apart on a day. A client can name itself anything, even differently each time. */
const maxClientsPerDay = 50;
/** Name under which further ones are counted. */
const otherClients: Client = { name: "(other clients)", version: "" };

/** Counters of all tenants in memory: one for each client and document that was sent since the last writing. Further uses are not counted. */
const maxCounters = 100_000;

/** What a client has used since the last writing: how often it sent each operation, and deprecated elements in variables. */
interface Uses {
  readonly client: Client;
  readonly operations: Map<UsedElements, number>;
  readonly inVariables: Map<string, number>;
}

export interface FieldUsesOptions {
  readonly app: Database;
  readonly log: Logger;
  /** Time between writings. 0: nothing is counted. */
  readonly everyMs: number;
  /** Returns the reason of a deprecated element. */
  readonly deprecationOf: (coordinate: string) => string | undefined;
  /** Called for each operation that was not counted. */
  readonly onDropped: () => void;
}

/**
 * Counts which client uses which elements of the API. Counts are kept by operation, because an operation can have hundreds of fields, and are written as
 * counts of elements: a row per client, version and day of a tenant. A process that ends abruptly loses the counts since the last writing.
 */
export class FieldUses {
  readonly #options: FieldUsesOptions;
  /** By tenant, then client. */
  #uses = new Map<string, Map<string, Uses>>();
  #counters = 0;
  readonly #writer: BackgroundWriter;

  constructor(options: FieldUsesOptions) {
    this.#options = options;
    const { everyMs } = options;
    this.#writer = new BackgroundWriter({
      name: "recording the use of fields",
      everyMs,
      hasMore: () => this.#counters > 0,
      write: () => this.#write(),
    });
  }

  /** Whether uses are counted at all. */
  get isOn(): boolean {
    return this.#options.everyMs > 0;
  }

  /** Counts an operation of a client. `inVariables`: deprecated elements in its variables. */
  record(tenantId: string, client: Client, used: UsedElements, inVariables: ReadonlySet<string>): void {
    if (this.#counters >= maxCounters) return this.#options.onDropped();
    const uses = this.#usesOf(tenantId, client);
    const count = uses.operations.get(used);
    if (count === undefined) this.#counters++;
    uses.operations.set(used, (count ?? 0) + 1);
    for (const coordinate of inVariables) uses.inVariables.set(coordinate, (uses.inVariables.get(coordinate) ?? 0) + 1);
    this.#writer.schedule();
  }

  /** Writes what was counted. */
  async stop(): Promise<void> {
    await this.#writer.stop();
    await this.#write();
  }

  #usesOf(tenantId: string, client: Client): Uses {
    let ofTenant = this.#uses.get(tenantId);
    if (!ofTenant) this.#uses.set(tenantId, (ofTenant = new Map<string, Uses>()));
    const key = `${client.name}\n${client.version}`;
    let uses = ofTenant.get(key);
    if (!uses) ofTenant.set(key, (uses = { client, operations: new Map(), inVariables: new Map() }));
    return uses;
  }

  /** What was counted before midnight (UTC) can thus count for the day after it. */
  async #write(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    this.#counters = 0;
    const day = new Date().toISOString().slice(0, 10);
    const errors: unknown[] = [];
    for (const [tenantId, ofTenant] of uses)
      await this.#writeOf(tenantId, day, [...ofTenant.values()]).catch((error: unknown) => errors.push(error));
    // Operations must not fail because they could not be counted. One line, however many tenants there are.
    if (errors.length > 0) this.#options.log.warn({ err: errors[0], tenants: errors.length }, "the use of fields could not be recorded");
  }

  async #writeOf(tenantId: string, day: string, uses: readonly Uses[]): Promise<void> {
    await asTenant(this.#options.app, { tenantId }, "write", async (tx) => {
      const days = keptApart(uses, await selectClientsOfDay(tx, day)).map(({ client, all }) => this.#dayOf(client, all));
      await addFieldUses(tx, day, days);
    });
  }

  #dayOf(client: Client, all: readonly Uses[]): DayOfClient {
    const counts = new Map<string, number>();
    const add = (coordinate: string, times: number): unknown => counts.set(coordinate, (counts.get(coordinate) ?? 0) + times);
    for (const { operations, inVariables } of all) {
      for (const [{ coordinates }, times] of operations) for (const coordinate of coordinates) add(coordinate, times);
      for (const [coordinate, times] of inVariables) add(coordinate, times);
    }
    const reasons = [...counts.keys()].flatMap((coordinate) => {
      const reason = this.#options.deprecationOf(coordinate);
      return reason === undefined ? [] : [[coordinate, reason] as const];
    });
    return {
      clientName: client.name,
      clientVersion: client.version,
      fields: Object.fromEntries(counts),
      deprecated: Object.fromEntries(reasons),
    };
  }
}

/** Puts the clients that are too many for a day together. Those that are known of the day stay apart. */
function keptApart(
  uses: readonly Uses[],
  known: readonly Pick<DayOfClient, "clientName" | "clientVersion">[],
): { readonly client: Client; readonly all: readonly Uses[] }[] {
  const keyOf = ({ name, version }: Client): string => `${name}\n${version}`;
  const apart = new Set(known.map(({ clientName, clientVersion }) => keyOf({ name: clientName, version: clientVersion })));
  const groups = new Map<string, { readonly client: Client; readonly all: Uses[] }>();
  for (const one of uses) {
    const key = keyOf(one.client);
    if (!apart.has(key) && apart.size < maxClientsPerDay) apart.add(key);
    const client = apart.has(key) ? one.client : otherClients;
    const group = groups.get(keyOf(client)) ?? { client, all: [] };
    groups.set(keyOf(client), group);
    group.all.push(one);
  }
  return [...groups.values()];
}
