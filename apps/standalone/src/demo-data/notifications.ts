import type { Actor } from "./actor.js";

interface Unread {
  readonly notifications: { edges: { node: { id: string } }[] };
}

/** Less than the limits for root fields and aliases in an operation. */
const perOperation = 15;

/** Marks the user's notifications older than this many days as read, at most the oldest hundred. */
export async function readNotifications({ api }: Actor, olderThanDays: number): Promise<void> {
  const before = new Date(Date.now() - olderThanDays * 86_400_000).toISOString();
  const { notifications } = await api.run<Unread>(
    `query DemoUnread($filter: NotificationFilter) {
      notifications(filter: $filter, first: 100, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { id } } }
    }`,
    { filter: { isRead: { eq: false }, createdAt: { lt: before } } },
  );
  const ids = notifications.edges.map(({ node }) => node.id);
  for (let start = 0; start < ids.length; start += perOperation) {
    const marks = ids
      .slice(start, start + perOperation)
      .map((id, n) => `n${n}: markNotificationRead(input: { id: "${id}" }) { notification { id } }`);
    await api.run(`mutation DemoRead { ${marks.join(" ")} }`);
  }
}
