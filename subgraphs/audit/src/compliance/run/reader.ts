import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import type { ReadSubgraph, ReportOperation } from "./report-document.js";

/** A report cannot be made, and never will: the reason, for its creator. */
export class ReportRefused extends Error {
  /** Whether less at once could be read. */
  readonly isTooLarge: boolean;

  constructor(message: string, code?: unknown) {
    super(message);
    this.isTooLarge = code === "QUERY_LIMIT_EXCEEDED";
  }
}

/** A report cannot be made now. */
export class ReportDelayed extends Error {}

/** An operation of a report. */
export interface Question {
  readonly subgraph: ReadSubgraph;
  /** Name of the operation, and its key in the document. */
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Names of variables with which it is sent once for each value. The document lists the values. */
  readonly forEach?: readonly string[];
  /** For what describes the report, and no figure comes from. */
  readonly isUnlisted?: true;
}

interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

interface ReaderOptions {
  readonly services: Services;
  readonly subgraphs: Readonly<Record<ReadSubgraph, () => Subgraph>>;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  /** Called after each answer. */
  readonly onAnswer: () => Promise<void>;
}

const pageSize = 100;
/** Errors that can go away. */
const passing: readonly unknown[] = ["SERVICE_UNAVAILABLE", "RATE_LIMITED"];

/**
 * Reads what a report shows: sends the operations that its creator could send, under their rights, and remembers them. So a report never shows more than
 * its creator can see, and each figure can be checked by sending the operation again.
 */
export class ReportReader {
  readonly #options: ReaderOptions;
  readonly #operations = new Map<string, ReportOperation>();
  /** Values with which operations were sent, by name and variable. */
  readonly #repeated = new Map<string, Record<string, unknown[]>>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The operations that were sent, by name. */
  get operations(): Readonly<Record<string, ReportOperation>> {
    return Object.fromEntries(this.#operations);
  }

  /** Returns the result of an operation. @throws ReportRefused, or Error for what can succeed later */
  ask<Result>(question: Question): Promise<Result> {
    this.#remember(question, false);
    return this.#send<Result>(question, {});
  }

  /** Returns the objects of all pages of a list, in order. Its operation takes `$first` and `$after`. @throws like `ask` */
  async *list<Node>(question: Question, field: string): AsyncGenerator<Node> {
    this.#remember(question, true);
    for (let after: string | null = null; ;) {
      const result: Readonly<Record<string, Connection<Node>>> = await this.#sendPage(question, after);
      const connection = result[field];
      if (connection === undefined) throw new Error(`The operation ${question.name} has no field ${field}.`);
      for (const { node } of connection.edges) yield node;
      if (!connection.pageInfo.hasNextPage) return;
      after = connection.pageInfo.endCursor;
    }
  }

  /** Objects with much data are read fewer at once. */
  async #sendPage<Result>(question: Question, after: string | null): Promise<Result> {
    for (let first = pageSize; ; first = Math.floor(first / 2))
      try {
        return await this.#send<Result>(question, { first, after });
      } catch (error) {
        if (!(error instanceof ReportRefused && error.isTooLarge) || first === 1) throw error;
      }
  }

  #remember({ name, query, variables = {}, forEach = [], isUnlisted }: Question, isPaged: boolean): void {
    if (isUnlisted) return;
    const repeated = this.#repeated.get(name) ?? Object.fromEntries(forEach.map((variable): [string, unknown[]] => [variable, []]));
    for (const variable of forEach) repeated[variable]?.push(variables[variable]);
    this.#repeated.set(name, repeated);
    const fixed = Object.fromEntries(Object.entries(variables).filter(([variable]) => !forEach.includes(variable)));
    this.#operations.set(name, {
      query: publicText(query),
      variables: isPaged ? { ...fixed, first: pageSize } : fixed,
      ...(forEach.length > 0 && { forEach: repeated }),
      isPaged,
    });
  }

  async #send<Result>({ subgraph, name, query, variables }: Question, page: Readonly<Record<string, unknown>>): Promise<Result> {
    const { services, subgraphs, viewer, signal, onAnswer } = this.#options;
    const call = { viewer, requestId: newId(), address: null, userAgent: null, traceId: null };
    const { data, errors } = await subgraphs[subgraph]().execute({ services, call, query, variables: { ...variables, ...page }, signal });
    const [error] = errors ?? [];
    if (error) throw failureOf(error.message, error.extensions?.["code"]);
    if (!data) throw new Error(`The operation ${name} has no result.`);
    await onAnswer();
    return data as Result;
  }
}

function failureOf(message: string, code: unknown): Error {
  if (code === "INTERNAL") return new Error(message);
  return passing.includes(code) ? new ReportDelayed(message) : new ReportRefused(message, code);
}

/** A subgraph knows objects of others by `nodeKey`, which the API calls `id`. */
const publicText = (query: string): string => query.replaceAll("id: nodeKey", "id").replaceAll(/\n\s+/g, "\n  ").trim();
