import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { dayOf } from "../formats/region";
import type { Filters } from "../requests/filters/filter-keys";

interface RequestsLinkProps {
  readonly filter: Filters;
  readonly children: ReactNode;
}

/** A number that opens the requests behind it. */
export const RequestsLink = ({ filter, children }: RequestsLinkProps) => (
  <Link to="/requests" search={filter}>
    {children}
  </Link>
);

/** The overdue tasks. */
export const OverdueLink = ({ children }: { readonly children: ReactNode }) => (
  <Link to="/inbox" search={{ queue: "overdue" }}>
    {children}
  </Link>
);

/** The range of days from the one of a time until now, as the list has it in its address. */
export const daysSince = (time: string): string => `${dayOf(time)}..`;
