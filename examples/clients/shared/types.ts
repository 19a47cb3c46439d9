// Of the operations in apollo/main.ts and urql/main.ts. A larger program lets a code generator write them from Weft's schema.graphql
// (GraphQL Code Generator, for instance), as relay-compiler does in relay/.
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
