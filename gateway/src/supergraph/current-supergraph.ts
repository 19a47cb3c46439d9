import { setTimeout as delay } from "node:timers/promises";
import { newId } from "@weft/shared/ids";
import type { Logger } from "@weft/platform/logging";
import { buildASTSchema, parse } from "graphql";
import type { OperationContext } from "../context.js";
import type { Executor, Operation, OperationResult } from "../executor.js";
import type { PlannedOperation } from "../limits/planning.js";
import { placeholderVariables } from "./placeholder-variables.js";

/** The schemas that the build writes. */
export interface Schemas {
  readonly supergraphSdl: string;
  /** The schema of the vendor portal, which is a part of the API. Absent: no portal. */
  readonly vendorPortalSdl?: string | undefined;
}

export interface CurrentSupergraphOptions {
  /** Loads a supergraph. `willReplace`: another one is served meanwhile, and operations are planned before it is replaced. @throws if it is not valid */
  readonly load: (schemas: Schemas, options: { readonly willReplace: boolean }) => Promise<Executor>;
  /** Operations that clients send now, the most important first. They are planned before a supergraph is replaced. */
  readonly operations: () => readonly PlannedOperation[];
  /** Called when a supergraph has been replaced, with the operations that are planned for its successor. */
  readonly onReplaced: (planned: readonly PlannedOperation[]) => void;
  readonly log: Logger;
}

/** Operations that are planned before a supergraph is replaced, and the time for it. Others are planned when they are sent again. */
const maxRehearsals = 500;
const rehearsalsMs = 60_000;

/** A supergraph that serves operations, or did. */
class Loaded {
  readonly schemas: Schemas;
  readonly executor: Executor;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(schemas: Schemas, executor: Executor) {
    this.schemas = schemas;
    this.executor = executor;
  }

  async execute(operation: Operation, context: OperationContext): Promise<OperationResult> {
    this.#running++;
    try {
      return await this.executor.execute(operation, context);
    } finally {
      this.#running--;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  /** Stops when no operation runs. Each has a deadline. */
  async retire(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.executor.stop();
  }
}

/**
 * The supergraph that is served. It can be replaced while operations run: those that have begun end on the old one, and the next ones begin on the new one.
 * Until the new one is loaded, and the operations of clients are planned for it, the old one serves.
 */
export class CurrentSupergraph {
  readonly #options: CurrentSupergraphOptions;
  #current: Loaded;
  #replacing: Promise<unknown> = Promise.resolve();
  readonly #retiring = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #listeners: (() => void)[] = [];
  /** Executes operations on the supergraph that is current when they begin. */
  readonly executor: Executor;

  private constructor(options: CurrentSupergraphOptions, first: Loaded) {
    this.#options = options;
    this.#current = first;
    const current = (): Loaded => this.#current;
    this.executor = {
      get schema() {
        return current().executor.schema;
      },
      get internalSchema() {
        return current().executor.internalSchema;
      },
      execute: (operation, context) => current().execute(operation, context),
      stop: () => this.#stop(),
    };
  }

  static async start(schemas: Schemas, options: CurrentSupergraphOptions): Promise<CurrentSupergraph> {
    return new CurrentSupergraph(options, new Loaded(schemas, await options.load(schemas, { willReplace: false })));
  }

  get schemas(): Schemas {
    return this.#current.schemas;
  }

  /** Calls a function whenever the supergraph has been replaced. */
  onReplaced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Replaces the supergraph. If the new one cannot be loaded, nothing changes.
   * @returns whether it was another one
   * @throws if it is not valid, or has a subgraph without a source
   */
  async reload(schemas: Schemas): Promise<boolean> {
    const replaced = this.#replacing.then(() => this.#replace(schemas));
    // The next one begins even if this one fails.
    this.#replacing = replaced.catch(() => undefined);
    return replaced;
  }

  async #replace(schemas: Schemas): Promise<boolean> {
    const { load, operations, onReplaced } = this.#options;
    const before = this.#current;
    if (this.#stopping.signal.aborted || isSame(schemas, before.schemas)) return false;
    // The portal is built when it is used, which is too late to find out that its file is broken.
    if (schemas.vendorPortalSdl !== undefined) buildASTSchema(parse(schemas.vendorPortalSdl, { noLocation: true }));
    const executor = await load(schemas, { willReplace: true });
    const planned = await this.#rehearse(executor, operations());
    if (this.#stopping.signal.aborted) {
      await executor.stop();
      return false;
    }
    this.#current = new Loaded(schemas, executor);
    onReplaced(planned);
    for (const listener of this.#listeners) listener();
    this.#retire(before);
    return true;
  }

  /** Validates and plans operations, so that none waits for it when the supergraph is replaced. Returns those that are still valid. */
  async #rehearse(executor: Executor, operations: readonly PlannedOperation[]): Promise<PlannedOperation[]> {
    const planned: PlannedOperation[] = [];
    const until = performance.now() + rehearsalsMs;
    for (const operation of operations.slice(0, maxRehearsals)) {
      const began = performance.now();
      if (began > until || this.#stopping.signal.aborted) break;
      if (await canRun(executor, operation, this.#stopping.signal)) planned.push(operation);
      // The event loop serves clients for as long as this took.
      await delay(performance.now() - began);
    }
    return planned;
  }

  #retire(loaded: Loaded): void {
    const retiring = loaded
      .retire()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, "an old supergraph could not be stopped"))
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#replacing;
    await Promise.all(this.#retiring);
    await this.#current.executor.stop();
  }
}

/** Validates and plans an operation. Returns false for a document that is no longer valid, or that needs other variables. */
async function canRun(executor: Executor, operation: PlannedOperation, signal: AbortSignal): Promise<boolean> {
  const schema = operation.isInternal ? executor.internalSchema : executor.schema;
  const variables = placeholderVariables(schema, operation);
  if (!variables) return false;
  try {
    return (await executor.execute({ ...operation, variables }, rehearsal(signal))).data !== undefined;
  } catch {
    // Clients get the error when they send it, as they would without a rehearsal.
    return false;
  }
}

const isSame = (a: Schemas, b: Schemas): boolean => a.supergraphSdl === b.supergraphSdl && a.vendorPortalSdl === b.vendorPortalSdl;

const rehearsal = (signal: AbortSignal): OperationContext => ({
  viewer: null,
  requestId: newId(),
  address: null,
  userAgent: null,
  traceId: null,
  signal,
  isRehearsal: true,
});
