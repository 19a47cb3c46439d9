import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Equal {
  readonly eq: string;
}
interface Within {
  readonly gte: string;
  readonly lt: string;
}

/** The part of the API's `RequestFilter` that the dashboard uses. */
export interface RequestFilter {
  readonly number?: Equal;
  readonly type?: Equal;
  readonly building?: Equal;
  readonly createdAt?: Within;
  readonly closedAt?: Within | { readonly isNull: boolean };
  readonly status?: { readonly ne: string };
  readonly sla?: { readonly status: Equal };
  readonly workflow?: { readonly definitionKey: Equal; readonly state?: Equal };
}

interface RequestsLinkProps {
  readonly filter: RequestFilter;
  readonly children: ReactNode;
}

/** A number that opens the requests behind it. */
export const RequestsLink = ({ filter, children }: RequestsLinkProps) => (
  <Link to={"/requests" as string} search={{ filter } as never}>
    {children}
  </Link>
);

/** The overdue tasks. */
export const OverdueLink = ({ children }: { readonly children: ReactNode }) => (
  <Link to="/inbox" search={{ queue: "overdue" }}>
    {children}
  </Link>
);
