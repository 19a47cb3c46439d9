// What all pages show. The pages with Apollo Client and Relay use generated types: see codegen.json and relay.config.json.

export interface Transition {
  readonly name: string;
  readonly title: string;
  readonly allowed: boolean;
  readonly requiresComment: boolean;
  readonly inputSchema: unknown;
}

export interface Request {
  readonly id: string;
  readonly number: string;
  readonly workflow: {
    readonly id: string;
    readonly version: number;
    readonly stateTitle: string;
    readonly availableTransitions: readonly Transition[];
  } | null;
}
