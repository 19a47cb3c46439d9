import { useLingui } from "@lingui/react";
import { Link, useLocation, useSearch } from "@tanstack/react-router";
import type { ConsoleCountsQuery } from "../gql/graphql";
import { queueNames, queues } from "./queues";

interface QueueLinksProps {
  /** Null while they are loaded. */
  readonly counts: ConsoleCountsQuery["taskCounts"];
}

/** The lists of the inbox, with the number of tasks in each. */
export function QueueLinks({ counts }: QueueLinksProps) {
  const { i18n } = useLingui();
  const { queue = "all" } = useSearch({ strict: false });
  const isInbox = useLocation({ select: ({ pathname }) => pathname === "/inbox" });
  return (
    <ul>
      {queueNames.map((name) => {
        const count = counts?.[queues[name].count] ?? 0;
        return (
          <li key={name}>
            <Link
              to="/inbox"
              search={name === "all" ? {} : { queue: name }}
              // Without it, the list of all tasks would count as open in each of the others.
              activeOptions={{ exact: true }}
              aria-current={isInbox && name === queue ? "page" : undefined}
            >
              {i18n._(queues[name].title)}
              {count > 0 && <span className="count number">{count}</span>}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
