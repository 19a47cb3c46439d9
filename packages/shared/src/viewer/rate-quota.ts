/** A rate that an operation counted against, and what is used of it. The gateway counts, so only it knows. */
export interface RateQuota {
  /** For example `user-minute`, as in the header RateLimit-Policy. */
  readonly policy: string;
  readonly scope: "ADDRESS" | "USER" | "API_KEY" | "TENANT" | "OPERATION";
  readonly unit: "OPERATIONS" | "COST";
  /** Root field of the scope OPERATION. */
  readonly field?: string | undefined;
  readonly limit: number;
  readonly used: number;
  readonly windowSeconds: number;
  /** ISO 8601. */
  readonly resetAt: string;
}
