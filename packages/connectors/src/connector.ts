/**
 * A connector lets Weft call one kind of system: its configuration, credentials and actions, each with a schema. Connectors know neither tenants nor
 * the database.
 */
import type { OutboundClient, OutboundPolicy, Resolve } from "@weft/shared";
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

/** Returns what is wrong with a value, each path below `path`. */
export function problemsOfValue(schema: z.ZodType, value: unknown, path: string): Problem[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ path: [path, ...issue.path.map(String)].join("."), message: `${issue.message.replace(/\.$/, "")}.` }));
}

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
    problemsOf: (input) => problemsOfValue(action.input, input, "input"),
    isIdempotent: (configuration, input) => action.isIdempotent(configuration, action.input.parse(input)),
    run: (context, input) => action.run(context, action.input.parse(input)),
  };
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
  readonly check: (context: ParsedContext<Configuration, Credentials>) => Promise<void>;
}): Connector {
  const { key, name, description, configuration, credentials, actions } = connector;
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
        ...problemsOfValue(configuration, context.configuration, "configuration"),
        ...problemsOfValue(credentials, context.credentials, "credentials"),
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
    check: (context) => connector.check(parsed(context)),
  };
}
