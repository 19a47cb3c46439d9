/**
 * A connector lets Weft call one kind of system: its configuration, credentials and actions, each with a schema. Connectors know neither tenants nor
 * the database.
 */
import { schemaProblems } from "@weft/shared/texts";
import type { OutboundClient, OutboundPolicy, Resolve } from "@weft/platform/outbound";
import { z } from "zod";

/** JSON Schema of a configuration, of credentials, or of the input or output of an action. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a connector gets for one call or one check. */
export interface ConnectorContext {
  readonly configuration: unknown;
  /** Decrypted. Must not occur in results, errors or logs. */
  readonly credentials: unknown;
  /** Sends HTTP requests, only to allowed destinations. */
  readonly outbound: OutboundClient;
  /** Which destinations are allowed, for connectors that speak another protocol than HTTP. */
  readonly policy: OutboundPolicy;
  /** Finds the addresses of a host. Replaced in tests. */
  readonly resolve?: Resolve;
  /** The same in every attempt at a call, so that the receiver can recognize repetitions. */
  readonly callId: string;
  /** Aborts when the call takes too long, or the process ends. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface ConnectorAction {
  readonly key: string;
  readonly description: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Returns what is wrong with an input, by path (`input.to`). Empty if it can be run. */
  problemsOf(input: unknown): readonly Problem[];
  /** Returns whether a repetition has no further effect, so that a call can be repeated although its outcome is unknown. */
  isIdempotent(context: Pick<ConnectorContext, "configuration">, input: unknown): boolean;
  /** Runs the action. The result matches `output`. @throws ConnectorError */
  run(context: ConnectorContext, input: unknown): Promise<unknown>;
}

/** A way to notice what is new in a system, by asking it again and again. */
export interface ConnectorTrigger {
  readonly key: string;
  readonly description: string;
  readonly input: JsonSchema;
  /** JSON Schema of the `data` of an item. */
  readonly item: JsonSchema;
  /** Returns what is wrong with an input, by path (`input.sql`). Empty if it can be polled. */
  problemsOf(input: unknown): readonly Problem[];
  /** Returns the cursor after everything that the system has now. @throws ConnectorError */
  start(context: ConnectorContext, input: unknown): Promise<PollCursor>;
  /**
   * Returns what is new since a cursor, and changes nothing in the system, so a poll whose result was lost can be repeated with the same cursor. With
   * null, everything is new. A cursor belongs to its input: after a change of the input or the configuration, polls start again.
   * @throws ConnectorError
   */
  poll(context: ConnectorContext, input: unknown, cursor: PollCursor): Promise<PollResult>;
}

/** Where the next poll continues: JSON that only the trigger reads, of at most 64 KiB. Null: at the beginning. */
export type PollCursor = Readonly<Record<string, unknown>> | null;

export interface PollResult {
  /** At most 100, and 256 KiB in all. */
  readonly items: readonly PolledItem[];
  readonly cursor: PollCursor;
  /** Whether there are further new items already. */
  readonly hasMore: boolean;
}

export interface PolledItem {
  /** Identifies the item among all of the trigger. */
  readonly id: string;
  readonly data: unknown;
}

/** The most items of one poll. */
export const MAX_POLL_ITEMS = 100;

export interface Problem {
  readonly path: string;
  readonly message: string;
}

export interface Connector {
  /** `HTTP`, `CHAT`, … */
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly configuration: JsonSchema;
  readonly credentials: JsonSchema;
  /** Checks a configuration together with its credentials, including whether its destination is allowed. Asks name servers. */
  problemsOf(context: Pick<ConnectorContext, "configuration" | "credentials" | "policy" | "resolve">): Promise<readonly Problem[]>;
  /** Returns where the credentials are sent to. If it changes, stored credentials must not be used any more. */
  readonly destinationOf: (configuration: unknown) => string;
  /** Returns the actions of an integration. With null, those that every integration of the connector has. */
  readonly actionsOf: (configuration: unknown) => readonly ConnectorAction[];
  /** Its triggers. Empty if it can only be called. */
  readonly triggersOf: () => readonly ConnectorTrigger[];
  /** Checks that the system can be reached with these credentials, without changing anything there. @throws ConnectorError */
  check(context: ConnectorContext): Promise<void>;
}

/** The most bytes of a response or a result. */
export const MAX_RESULT_BYTES = 256 * 1024;

/** A schema with its description as JSON Schema. */
export const jsonSchemaOf = (schema: z.ZodType): JsonSchema => {
  const { $schema: _version, ...described } = z.toJSONSchema(schema, { io: "input" });
  return described;
};

/** Describes an action whose input and output have zod schemas. */
export function defineAction<Input, Configuration, Credentials>(action: {
  readonly key: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType;
  readonly isIdempotent: (configuration: Configuration, input: Input) => boolean;
  readonly run: (context: ParsedContext<Configuration, Credentials>, input: Input) => Promise<unknown>;
}): DefinedAction<Configuration, Credentials> {
  return {
    key: action.key,
    description: action.description,
    input: jsonSchemaOf(action.input),
    output: jsonSchemaOf(action.output),
    problemsOf: (input) => schemaProblems(action.input, input, "input"),
    isIdempotent: (configuration, input) => action.isIdempotent(configuration, action.input.parse(input)),
    run: (context, input) => action.run(context, action.input.parse(input)),
  };
}

/** Describes a trigger whose input, items and cursors have zod schemas. */
export function defineTrigger<Input, Cursor extends Readonly<Record<string, unknown>>, Configuration, Credentials>(trigger: {
  readonly key: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly item: z.ZodType;
  readonly cursor: z.ZodType<Cursor>;
  readonly start: (context: ParsedContext<Configuration, Credentials>, input: Input) => Promise<Cursor | null>;
  readonly poll: (
    context: ParsedContext<Configuration, Credentials>,
    input: Input,
    cursor: Cursor | null,
  ) => Promise<PollResult & { readonly cursor: Cursor | null }>;
}): DefinedTrigger<Configuration, Credentials> {
  return {
    key: trigger.key,
    description: trigger.description,
    input: jsonSchemaOf(trigger.input),
    item: jsonSchemaOf(trigger.item),
    problemsOf: (input) => schemaProblems(trigger.input, input, "input"),
    start: (context, input) => trigger.start(context, trigger.input.parse(input)),
    poll: (context, input, cursor) =>
      trigger.poll(context, trigger.input.parse(input), cursor === null ? null : trigger.cursor.parse(cursor)),
  };
}

/** A trigger that gets the parsed configuration and credentials of its connector. */
export interface DefinedTrigger<Configuration, Credentials> extends Omit<ConnectorTrigger, "start" | "poll"> {
  start(context: ParsedContext<Configuration, Credentials>, input: unknown): Promise<PollCursor>;
  poll(context: ParsedContext<Configuration, Credentials>, input: unknown, cursor: PollCursor): Promise<PollResult>;
}

/** A context whose configuration and credentials were parsed. */
export type ParsedContext<Configuration, Credentials> = Omit<ConnectorContext, "configuration" | "credentials"> & {
  readonly configuration: Configuration;
  readonly credentials: Credentials;
};

/** An action that gets the parsed configuration and credentials of its connector. */
export interface DefinedAction<Configuration, Credentials> extends Omit<ConnectorAction, "isIdempotent" | "run"> {
  isIdempotent(configuration: Configuration, input: unknown): boolean;
  run(context: ParsedContext<Configuration, Credentials>, input: unknown): Promise<unknown>;
}

/** Describes a connector whose configuration and credentials have zod schemas. */
export function defineConnector<Configuration, Credentials>(connector: {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly configuration: z.ZodType<Configuration>;
  readonly credentials: z.ZodType<Credentials>;
  /** Further checks of values that match the schemas, such as the destination. */
  readonly problemsOf: (
    context: Pick<ParsedContext<Configuration, Credentials>, "configuration" | "credentials" | "policy" | "resolve">,
  ) => Promise<readonly Problem[]>;
  readonly destinationOf: (configuration: Configuration) => string;
  readonly actions:
    | readonly DefinedAction<Configuration, Credentials>[]
    | ((configuration: Configuration) => readonly DefinedAction<Configuration, Credentials>[]);
  readonly triggers?: readonly DefinedTrigger<Configuration, Credentials>[];
  readonly check: (context: ParsedContext<Configuration, Credentials>) => Promise<void>;
}): Connector {
  const { key, name, description, configuration, credentials, actions, triggers = [] } = connector;
  const parsed = (context: ConnectorContext): ParsedContext<Configuration, Credentials> => ({
    ...context,
    configuration: configuration.parse(context.configuration),
    credentials: credentials.parse(context.credentials),
  });
  const bound = (action: DefinedAction<Configuration, Credentials>): ConnectorAction => ({
    ...action,
    isIdempotent: (context, input) => action.isIdempotent(configuration.parse(context.configuration), input),
    run: (context, input) => action.run(parsed(context), input),
  });
  return {
    key,
    name,
    description,
    configuration: jsonSchemaOf(configuration),
    credentials: jsonSchemaOf(credentials),
    problemsOf: async (context) => {
      const problems = [
        ...schemaProblems(configuration, context.configuration, "configuration"),
        ...schemaProblems(credentials, context.credentials, "credentials"),
      ];
      if (problems.length > 0) return problems;
      return connector.problemsOf({
        ...context,
        configuration: configuration.parse(context.configuration),
        credentials: credentials.parse(context.credentials),
      });
    },
    destinationOf: (of) => connector.destinationOf(configuration.parse(of)),
    actionsOf: (of) => {
      if (typeof actions !== "function") return actions.map(bound);
      return of === null ? [] : actions(configuration.parse(of)).map(bound);
    },
    triggersOf: () =>
      triggers.map((trigger) => ({
        ...trigger,
        start: (context, input) => trigger.start(parsed(context), input),
        poll: (context, input, cursor) => trigger.poll(parsed(context), input, cursor),
      })),
    check: (context) => connector.check(parsed(context)),
  };
}
