// Types of the operations in urql/main.ts and of what all pages show. The pages with Apollo Client and Relay use generated types: see codegen.json and
// relay.config.json.
import type { Session } from "./session";

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

// Queries and mutations are nullable at the root: null is what failed, and `errors` says why.

export interface LoginData {
  readonly login: Session | null;
}

export interface RequestsData {
  readonly liveCursor: string | null;
  readonly requests: { readonly edges: readonly { readonly node: Request }[] } | null;
}

export interface FireData {
  readonly fireTransition: { readonly subject: Request | null } | null;
}

export interface FireVariables {
  readonly input: { instanceId: string; transition: string; expectedVersion: number; comment: string | null };
}

export interface ChangedData {
  readonly requestChanged: { readonly cursor: string; readonly request: Request };
}
